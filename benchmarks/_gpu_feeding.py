"""Training from files on a GPU, and what comes before the first step."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import _timing
from _device_time import clocked, synchronize
from _gpu_step import Sizes, TrainStep
from _timing import ROOT, milliseconds


def measure_feeding(
    depth: int, sizes: Sizes, files: int, workers: int, compiled: bool
) -> dict:
    """Training from JPEG files: the share of time that the device waits.

    The same steps are timed with batches from the data loader and with one
    batch that is there already. ``loader_alone`` takes batches and does not
    train, so that it also says how far data would carry a faster step.

    Args:
        depth (int): Of the ResNet.
        sizes (Sizes): Of the batches.
        files (int): Time steps of the data set.
        workers (int): Of the data loader.
        compiled (bool): Whether the step is compiled, too.
    """
    from data_pipeline import build_dataset, make_files
    from torch.utils.data import DataLoader, RandomSampler

    from hamuco_mm.datasets import multiview_collate

    device = sizes.device
    train = TrainStep(depth, sizes, recorded=True, compiled=compiled)
    with tempfile.TemporaryDirectory() as folder:
        make_files(Path(folder), files, quality=95)
        dataset = build_dataset(Path(folder), sizes.views, sizes.pixels)
        dataset.full_init()
        loader = DataLoader(
            dataset,
            batch_size=sizes.time_steps,
            num_workers=workers,
            # one long epoch: workers that start again would be waited for
            sampler=RandomSampler(
                dataset, replacement=True, num_samples=10_000 * sizes.time_steps
            ),
            pin_memory=device == 'cuda',
            persistent_workers=workers > 0,
            prefetch_factor=4 if workers else None,
            collate_fn=multiview_collate,
        )
        start = time.perf_counter()
        first = next(iter(loader))
        first_batch = time.perf_counter() - start
        if device == 'cuda':
            train.warm_up(first)

        def seconds_per_batch(use: Callable[[dict], object]) -> float:
            batches = iter(loader)
            # what the workers have ready at the start would hide their speed
            for batch in islice(batches, 5 * workers):
                use(batch)
            synchronize(device)
            start, count = time.perf_counter(), 0
            for batch in _timing.time_box.within(batches):
                use(batch)
                count += 1
            synchronize(device)
            return (time.perf_counter() - start) / count

        from_disk = seconds_per_batch(train)
        loader_alone = seconds_per_batch(lambda batch: None)
    in_memory = clocked(dict(step=lambda: train(first)), device)['step']
    from_memory = milliseconds(in_memory) / 1000
    images = len(first['inputs'])
    return dict(
        step_from_disk_ms=round(1000 * from_disk, 2),
        step_from_memory_ms=round(1000 * from_memory, 2),
        share_of_waiting=round(max(0.0, 1 - from_memory / from_disk), 4),
        loader_alone_images_per_second=round(images / loader_alone),
        workers=workers,
        first_batch_s=round(first_batch, 2),
    )


def measure_imports() -> float:
    """Seconds that a new process takes to import what training needs."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, '-c', 'import mmengine.runner, hamuco_mm.models'],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return round(time.perf_counter() - start, 2)


def measure_index(time_steps: int) -> dict[str, float]:
    """Seconds to open the index of a data set from its cache."""
    from data_pipeline import build_dataset, make_index

    with tempfile.TemporaryDirectory() as folder:
        make_index(Path(folder), time_steps)
        start = time.perf_counter()
        build_dataset(Path(folder)).full_init()
        seconds = round(time.perf_counter() - start, 3)
    return {f'index_of_{time_steps}_time_steps_s': seconds}
