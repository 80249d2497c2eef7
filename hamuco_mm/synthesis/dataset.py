"""A generated data set on disk: HanCo's layout, made in parallel."""

import json
import os
import os.path as osp
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path

from hamuco_mm.datasets.hanco.splits import FILE as SPLITS
from hamuco_mm.utils.files import write_atomically
from hamuco_mm.utils.one_writer import only_writer
from hamuco_mm.version import __version__

from .calibration import label_statistics
from .dataset_config import DatasetConfig
from .hanco_files import (
    SettingsConflict,
    claim_folder,
    is_written,
    meta,
    remove_leftovers,
    remove_sequence,
    write_sequence,
    written_sequences,
)
from .parallel import run_all
from .scene_generator import SceneGenerator

RECORD = 'demo.json'


def generate_dataset(
    config: DatasetConfig,
    root: str,
    workers: int = 1,
    overwrite: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> dict:
    """Make a data set, or what is missing of it.

    The files depend on the configuration alone, not on the number of workers
    nor on how often the run was interrupted. ``demo.json`` is removed first
    and written last: where it is, the data set is complete.

    Args:
        config (DatasetConfig): What to make.
        root (str): Folder to make it in.
        workers (int): Processes.
        overwrite (bool): Replace a data set of other settings.
        progress (callable, optional): Called with the number of finished
            sequences and of all.

    Returns:
        dict: What ``demo.json`` holds: version, settings and the statistics
        of the labels.

    Raises:
        hamuco_mm.synthesis.hanco_files.SettingsConflict: If the folder holds
            other sequences and ``overwrite`` is not set.
        BusyError: If another process is making a data set there.
    """
    os.makedirs(root, exist_ok=True)
    with only_writer(Path(root)):
        return _generate(config, root, workers, overwrite, progress)


def _generate(
    config: DatasetConfig,
    root: str,
    workers: int,
    overwrite: bool,
    progress: Callable[[int, int], None] | None,
) -> dict:
    wanted = config.sequences()
    fingerprint = config.fingerprint
    _make_room(config, root, overwrite)
    record_path = osp.join(root, RECORD)
    missing = [
        sequence for sequence in wanted if not is_written(root, sequence, fingerprint)
    ]
    if not missing and osp.exists(record_path):
        with open(record_path) as file:
            record = json.load(file)
        if record['settings'] == config.as_json():
            return record
    if osp.exists(record_path):
        os.remove(record_path)
    remove_leftovers(root)
    _write_missing(config, root, missing, workers, len(wanted), progress)

    splits = config.splits()
    frames = dict.fromkeys(wanted, config.frames)
    in_training = set(splits.get('train', ()))
    tables = meta(frames, _subjects(config), in_training.__contains__)
    write_atomically(osp.join(root, 'meta.json'), json.dumps(tables))
    if config.num_val_sequences:
        write_atomically(osp.join(root, SPLITS), json.dumps(splits))
    record = dict(
        generator=f'hamuco_mm {__version__}',
        settings=config.as_json(),
        fingerprint=fingerprint,
        statistics={
            split: label_statistics(root, sequences, config.scene.image_size)
            for split, sequences in splits.items()
        },
    )
    write_atomically(record_path, json.dumps(record, indent=2))
    remove_leftovers(root)
    return record


def _subjects(config: DatasetConfig) -> dict[int, int]:
    """Number of the person of each sequence; streams share nobody."""
    of_stream: dict[str, dict[int, int]] = {}
    for sequence, (stream, index) in config.sequences().items():
        of_stream.setdefault(stream, {})[sequence] = index
    subjects: dict[int, int] = {}
    for stream, indices in of_stream.items():
        generator = config.generator(stream)
        first = 1 + max(subjects.values(), default=-1)
        subjects |= {s: first + generator.subject_number(i) for s, i in indices.items()}
    return subjects


def _make_room(config: DatasetConfig, root: str, overwrite: bool) -> None:
    claim_folder(root)
    wanted, fingerprint = config.sequences(), config.fingerprint
    others = [
        sequence
        for sequence in written_sequences(root)
        if sequence not in wanted or not is_written(root, sequence, fingerprint)
    ]
    if others and not overwrite:
        raise SettingsConflict(
            f'{root} holds {len(others)} sequences of other settings '
            f'(the first is {others[0]:04d}): choose another folder, or '
            'replace them with --overwrite'
        )
    for sequence in others:
        remove_sequence(root, sequence)


def _write_missing(
    config: DatasetConfig,
    root: str,
    missing: Sequence[int],
    workers: int,
    total: int,
    progress: Callable[[int, int], None] | None,
) -> None:
    done = total - len(missing)
    if progress:
        progress(done, total)
    write = partial(_write_one, config, root)
    for _ in run_all(write, missing, workers):
        done += 1
        if progress:
            progress(done, total)


@lru_cache(maxsize=4)
def _generator(config: DatasetConfig, stream: str) -> SceneGenerator:
    return config.generator(stream)


def _write_one(config: DatasetConfig, root: str, sequence: int) -> None:
    stream, index = config.sequences()[sequence]
    write_sequence(
        _generator(config, stream),
        index,
        config.frames,
        root,
        sequence,
        config.fingerprint,
    )
