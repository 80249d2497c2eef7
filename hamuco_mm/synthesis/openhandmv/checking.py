"""Whether the files of OpenHandMV are those that were made."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from hamuco_mm.datasets.hanco.splits import read_splits
from hamuco_mm.datasets.storage import DiskFolder, LmdbFolder, open_folder
from hamuco_mm.utils.files import file_digest
from hamuco_mm.utils.json_files import MalformedFileError, read_json, take

from ..hanco_files import FOLDERS
from ..parallel import run_all
from .checksums import TOP, checksum_file, read_checksums, wrong_files
from .generation import RECORD


@dataclass
class Verification:
    """What :func:`verify_openhandmv` found.

    Attributes:
        num_files (int): Files that were read and are right.
        problems (list): What is wrong, in words.
    """

    num_files: int = 0
    problems: list[str] = field(default_factory=list)


def verify_openhandmv(
    root: str,
    workers: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Verification:
    """Read every file and compare it with its checksum.

    Args:
        root (str): Folder of the data set.
        workers (int): Processes.
        progress (callable): Called with the number of sequences looked at and of
            all.

    Returns:
        Verification: Files that are missing, changed or not of the data set.

    Raises:
        FileNotFoundError: If there is no complete data set.
        MalformedFileError: If its own files are not usable.
    """
    folder = Path(root)
    try:
        record = read_json(folder / RECORD)
        top = read_checksums(folder / TOP)
        splits = read_splits(folder / 'splits.json')
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f'{error.filename} is not there, so {root} is not complete: make it again '
            'with the same preset, which adds what is missing'
        ) from error
    if splits is None:
        raise FileNotFoundError(f'{folder / "splits.json"} is not there')
    found = Verification()
    if file_digest(folder / TOP) != take(record, ['digest'], folder / RECORD):
        found.problems.append(f'{TOP} has another digest than {RECORD} says')
    wrong = list(wrong_files(folder, top))
    found.num_files += len(top) - len(wrong)
    found.problems += wrong

    sequences = [number for numbers in splits.values() for number in numbers]
    progress(0, len(sequences))
    check = partial(_check_sequence, folder)
    for done, part in enumerate(run_all(check, sequences, workers), 1):
        found.num_files += part.num_files
        found.problems += part.problems
        progress(done, len(sequences))
    found.problems += _strangers(folder, {f'{number:04d}' for number in sequences})
    return found


def _check_sequence(root: Path, sequence: int) -> Verification:
    path = checksum_file(root, sequence)
    try:
        checksums = read_checksums(path)
    except (FileNotFoundError, MalformedFileError) as error:
        return Verification(problems=[f'sequence {sequence:04d}: {error}'])
    problems = list(wrong_files(root, checksums))
    right = len(checksums) - len(problems)
    for kind in FOLDERS:
        folder = open_folder(root / kind)
        for name in _files(folder, f'{sequence:04d}'):
            if f'{kind}/{name}' not in checksums:
                problems.append(f'{kind}/{name} is not of the data set')
    return Verification(right, problems)


def _files(folder: DiskFolder | LmdbFolder, below: str) -> Iterator[str]:
    for name in sorted(folder.names(below)):
        inside = f'{below}/{name}'
        if folder.names(inside):
            yield from _files(folder, inside)
        else:
            yield inside


def _strangers(root: Path, sequences: set[str]) -> list[str]:
    return [
        f'{kind}/{name} is not of the data set'
        for kind in FOLDERS
        for name in sorted(set(open_folder(root / kind).names()) - sequences)
    ]
