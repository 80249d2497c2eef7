"""Calibrations in two files: intrinsics in one, extrinsics in the other."""

from pathlib import Path
from typing import Any

from .documents import SUFFIXES, Document, read_document
from .errors import CalibrationError
from .notes import Notes

# Stems that belong together: OpenCV's stereo sample and others; EasyMocap.
_PAIRS = (('intrinsics', 'extrinsics'), ('intri', 'extri'))


def with_companion(path: Path, kind: str | None, notes: Notes) -> Document:
    """A file, together with the one beside it that has the other half.

    Raises:
        CalibrationError: See :func:`read_document`; or if both files have a
            key with different values.
    """
    document = read_document(path, kind)
    for pair in _PAIRS:
        if path.stem in pair:
            other = pair[1 - pair.index(path.stem)]
            found = [
                file
                for suffix in dict.fromkeys((path.suffix, *SUFFIXES))
                if (file := path.with_name(other + suffix)).is_file()
            ]
            if found:
                notes.remark(f'read together with {found[0].name}')
                for file in found[1:]:
                    notes.unused(file.name)
                return join(document, read_document(found[0], kind))
    return document


def pairs_of(files: list[Path]) -> list[tuple[Path, Path]]:
    """Files of a directory that are halves of one calibration."""
    by_stem = {file.stem: file for file in files}
    return [
        (by_stem[first], by_stem[second])
        for first, second in _PAIRS
        if first in by_stem and second in by_stem
    ]


def join(first: Document, second: Document) -> Document:
    """Both halves as one document, with the path of the first.

    Maps of one name, as of one camera, are joined too.

    Raises:
        CalibrationError: If one is no map, or if both have a key with
            different values.
    """
    for document in (first, second):
        if not isinstance(document.content, dict):
            raise CalibrationError(document.path, 'holds no named values')
    content = _joined(first.content, second.content, second.path, first.path.name)
    return Document(first.path, first.kind, content)


def _joined(first: dict, second: dict, path: Path, other: str) -> dict[str, Any]:
    content = dict(first)
    for key, value in second.items():
        known = content.get(key, value)
        if isinstance(known, dict) and isinstance(value, dict) and known != value:
            content[key] = _joined(known, value, path, other)
        elif known != value:
            raise CalibrationError(
                path, f'{key!r} differs from that of {other}', None, 'Leave one'
            )
        else:
            content[key] = value
    return content
