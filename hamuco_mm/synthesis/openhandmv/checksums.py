"""Checksums in the form of sha256sum: a file for each sequence, one for these."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from hamuco_mm.datasets.storage import read_file
from hamuco_mm.utils.files import file_digest, write_atomically
from hamuco_mm.utils.json_files import MalformedFileError

from ..hanco_files import FOLDERS, aside_of

FOLDER, TOP = 'checksums', 'checksums.sha256'


def checksum_file(root: Path, sequence: int) -> Path:
    """Where the checksums of a sequence are."""
    return root / FOLDER / f'{sequence:04d}.sha256'


def write_sequence_checksums(root: Path, sequence: int) -> None:
    """Note the checksums of a sequence that is still aside."""
    name = f'{sequence:04d}'
    lines = []
    for folder in sorted(FOLDERS):
        start = Path(aside_of(str(root), sequence), folder)
        for path in sorted(p for p in start.rglob('*') if p.is_file()):
            place = f'{folder}/{name}/{path.relative_to(start).as_posix()}'
            lines.append(f'{file_digest(path)}  {place}\n')
    target = checksum_file(root, sequence)
    target.parent.mkdir(exist_ok=True)
    write_atomically(target, ''.join(lines))


def write_top_checksums(root: Path, sequences: Iterable[int]) -> str:
    """Note the checksums of the files above the sequences, and of the sequences'
    checksum files.

    Returns:
        str: The digest of the whole data set: the checksum of this file.
    """
    paths = [root / 'meta.json', root / 'splits.json']
    paths += [checksum_file(root, sequence) for sequence in sequences]
    lines = [f'{file_digest(path)}  {path.relative_to(root)}\n' for path in paths]
    write_atomically(root / TOP, ''.join(lines))
    return file_digest(root / TOP)


def read_checksums(path: Path) -> dict[str, str]:
    """File -> checksum, of a file of checksums.

    Raises:
        FileNotFoundError: If there is none.
        MalformedFileError: If it is something else.
    """
    found = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        checksum, _, name = line.partition('  ')
        if len(checksum) != 64 or not name:
            raise MalformedFileError(path, f'line {number} is no checksum and file')
        found[name] = checksum
    return found


def wrong_files(root: Path, checksums: dict[str, str]) -> Iterator[str]:
    """What is wrong with files, in words. Each is read, from disk or an LMDB."""
    for name, expected in checksums.items():
        try:
            content = read_file(root / name)
        except FileNotFoundError:
            yield f'{name} is missing'
            continue
        if hashlib.sha256(content).hexdigest() != expected:
            yield f'{name} has another content'
