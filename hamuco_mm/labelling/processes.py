"""Label a data set with a model, in one process or in several that share it."""

import datetime
import time

import torch
import torch.distributed as torch_dist
from mmengine.dist import barrier, get_dist_info, init_dist
from rich.progress import Progress

from ..utils.one_writer import claim, release
from .boxes import BoxSource
from .model_labels import NO_HAND, UNREADABLE, ModelInputs, label_images, read_labels
from .predictor import HandPredictor
from .shards import Shards
from .targets import LabelTarget

# Seconds without a new shard of any process, after which one has stopped.
PATIENCE = 3600.0


def join_processes(launcher: str, patience: float = PATIENCE) -> None:
    """Join the other processes, if there are any.

    They wait for each other and exchange no data, so gloo is enough.

    Args:
        launcher (str): 'none', 'pytorch' (torchrun) or 'slurm'.
        patience (float): Seconds that they wait for each other. Defaults to an hour.
    """
    if launcher == 'none' or torch_dist.is_initialized():
        return
    if launcher == 'pytorch' and not torch.cuda.is_available():
        # MMEngine would select a CUDA device
        timeout = datetime.timedelta(seconds=patience)
        torch_dist.init_process_group('gloo', timeout=timeout)
        return
    init_dist(launcher, 'gloo', timeout=patience)


def default_device() -> str:
    """The GPU of this process, or the CPU."""
    if not torch.cuda.is_available():
        return 'cpu'
    return f'cuda:{torch.cuda.current_device()}'


def label_dataset(
    target: LabelTarget,
    predict: HandPredictor,
    boxes: BoxSource,
    source: dict,
    shard_size: int = 1000,
    batch_size: int = 32,
    num_workers: int = 2,
    patience: float = PATIENCE,
) -> dict[str, list[int]]:
    """Label all images of a data set, or go on with an interrupted run.

    Every process makes its shards, and the first one writes the labels when
    all are complete.

    Args:
        target (LabelTarget): The images, and where their labels go.
        predict (HandPredictor): The model.
        boxes (BoxSource): Where the hands are.
        source (dict): What the labels are made with, for JSON. A run with
            another source does not go on with this one.
        shard_size (int): Images whose results are kept together.
        batch_size (int): Images that go through the model together.
        num_workers (int): Processes that load images.
        patience (float): Seconds to wait, after the own shards, while no other
            process finishes one. Defaults to an hour.

    Returns:
        dict[str, list[int]]: In the first process, the images that 'have no
        hand' and that 'are not readable'.

    Raises:
        ValueError: If an unfinished run has other settings.
        BusyError: If another run is labelling into the same place.
        TimeoutError: If another process has stopped.
    """
    rank, world_size = get_dist_info()
    shards = Shards(
        target.out.with_name(target.out.name + '.shards'),
        (f'{i.name} {i.side} {i.version()}' for i in target.images),
        dict(source, network=predict.fingerprint),
        shard_size,
    )
    if rank == 0:
        lock = claim(target.out, beside=True)
        shards.open()
    barrier()
    inputs = ModelInputs(target.images, boxes, predict.pipeline, predict.meta)
    todo = sum(len(shards.items(s)) for s in shards.missing(rank, world_size))
    with Progress(disable=rank != 0) as progress:
        missing = len(shards.missing())
        if missing < len(shards):
            progress.print(
                f'going on: {len(shards) - missing} of {len(shards)} shards are there'
            )
        task = progress.add_task('labelling', total=todo)
        label_images(
            inputs,
            predict,
            shards,
            rank,
            world_size,
            batch_size,
            num_workers,
            lambda number: progress.advance(task, number),
        )
    _wait_for_others(shards, patience)
    barrier()
    problems: dict[int, list[int]] = {NO_HAND: [], UNREADABLE: []}
    if rank == 0:
        labels = read_labels(
            shards, lambda index, status: problems[status].append(index)
        )
        release(lock)
        target.write(labels, source)
        shards.remove()
    barrier()
    return {
        'have no hand': problems[NO_HAND],
        'are not readable': problems[UNREADABLE],
    }


def _wait_for_others(shards: Shards, patience: float) -> None:
    """A process that goes on may be long over its shards: as long as there are new
    ones, the others wait."""
    missing, since = shards.missing(), time.monotonic()
    while missing:
        time.sleep(min(1.0, patience))
        before, missing = missing, shards.missing()
        if missing != before:
            since = time.monotonic()
        elif time.monotonic() - since > patience:
            raise TimeoutError(
                f'another process has ended or stopped: {len(missing)} of '
                f'{len(shards)} shards are missing, and none was finished for '
                f'{patience:g} seconds. Run it again, it goes on with what is there'
            )
