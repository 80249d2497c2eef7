"""OpenHandMV on disk, made in parallel."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict
from functools import lru_cache, partial
from pathlib import Path

from hamuco_mm.datasets.storage import append_folder
from hamuco_mm.utils.extras import import_extra
from hamuco_mm.utils.files import write_atomically
from hamuco_mm.utils.one_writer import only_writer

from ..calibration import label_statistics
from ..hanco_files import (
    FOLDERS,
    SettingsConflict,
    aside_of,
    claim_folder,
    is_written,
    mark_written,
    meta,
    move_into_place,
    remove_leftovers,
    write_aside,
    written_sequences,
)
from ..parallel import run_all
from ..scene_generator import SceneGenerator
from .checksums import write_sequence_checksums, write_top_checksums
from .presets import VERSION, Preset

RECORD = 'openhandmv.json'
# Sequences of a split that the statistics of its labels are made of.
_MEASURED = 100


def generate_openhandmv(
    root: str,
    preset: Preset,
    workers: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict:
    """Make OpenHandMV, or what is missing of it.

    The files depend on the version and the preset alone, not on the number of
    workers nor on how often the run was interrupted. ``openhandmv.json`` is
    removed first and written last: where it is, the data set is complete.

    Args:
        root (str): Folder to make it in.
        preset (Preset): What to make.
        workers (int): Processes.
        progress (callable): Called with the number of finished sequences and
            of all.

    Returns:
        dict: What ``openhandmv.json`` holds.

    Raises:
        hamuco_mm.synthesis.hanco_files.SettingsConflict: If the folder holds something else.
        BusyError: If another process is making a data set there.
        ImportError: If the preset is packed and lmdb is not installed.
    """
    if preset.packed:
        import_extra('lmdb', 'lmdb')
    os.makedirs(root, exist_ok=True)
    with only_writer(Path(root)):
        return _generate(Path(root), preset, workers, progress)


def _generate(
    root: Path, preset: Preset, workers: int, progress: Callable[[int, int], None]
) -> dict:
    fingerprint = preset.fingerprint
    sequences = [number for numbers in preset.splits.values() for number in numbers]
    _make_room(root, set(sequences), fingerprint)
    missing = [s for s in sequences if not is_written(str(root), s, fingerprint)]
    record_path = root / RECORD
    if not missing and record_path.exists():
        progress(len(sequences), len(sequences))
        return json.loads(record_path.read_text())
    record_path.unlink(missing_ok=True)
    remove_leftovers(str(root))

    done = len(sequences) - len(missing)
    progress(done, len(sequences))
    place = _pack if preset.packed else _move
    write = partial(_write_one, preset, str(root))
    for sequence in run_all(write, missing, workers):
        write_sequence_checksums(root, sequence)
        place(root, sequence)
        mark_written(str(root), sequence, fingerprint)
        done += 1
        progress(done, len(sequences))
    record = _describe(root, preset, sequences)
    write_atomically(record_path, json.dumps(record, indent=2))
    remove_leftovers(str(root))
    return record


def _make_room(root: Path, wanted: set[int], fingerprint: str) -> None:
    claim_folder(str(root))
    others = [
        sequence
        for sequence in written_sequences(str(root))
        if sequence not in wanted or not is_written(str(root), sequence, fingerprint)
    ]
    if others:
        raise SettingsConflict(
            f'{root} holds {len(others)} sequences of another preset, version or '
            f'command (the first is {others[0]:04d}): choose another folder, or '
            'remove it'
        )


def _write_one(preset: Preset, root: str, sequence: int) -> int:
    split, index = preset.place(sequence)
    write_aside(_generator(preset, split), index, preset.frames, root, sequence)
    return sequence


@lru_cache(maxsize=4)
def _generator(preset: Preset, split: str) -> SceneGenerator:
    return preset.generator(split)


def _move(root: Path, sequence: int) -> None:
    move_into_place(str(root), sequence)


def _pack(root: Path, sequence: int) -> None:
    aside = Path(aside_of(str(root), sequence))
    for folder in FOLDERS:
        append_folder(aside / folder, root / f'{folder}.lmdb', f'{sequence:04d}')
    shutil.rmtree(aside)


def _describe(root: Path, preset: Preset, sequences: list[int]) -> dict:
    """Write what stands above the sequences.

    Returns:
        dict: What ``openhandmv.json`` holds.
    """
    splits = {split: list(numbers) for split, numbers in preset.splits.items()}
    tables = meta(
        dict.fromkeys(sequences, preset.frames),
        {sequence: sequence for sequence in sequences},
        lambda sequence: sequence in preset.splits['train'],
    )
    write_atomically(root / 'meta.json', json.dumps(tables))
    write_atomically(root / 'splits.json', json.dumps(splits))
    return dict(
        name='OpenHandMV',
        version=VERSION,
        preset=asdict(preset),
        time_steps={split: len(s) * preset.frames for split, s in splits.items()},
        settings=asdict(preset.scene),
        statistics={
            split: label_statistics(str(root), numbers[:_MEASURED], preset.image_size)
            for split, numbers in splits.items()
        },
        digest=write_top_checksums(root, sequences),
    )
