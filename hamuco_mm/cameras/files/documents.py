"""Files of named values: JSON, YAML, TOML, XML, NPZ, one kind of content.

Files are data: nothing in them is executed, and none is read that is larger
than a calibration can be.
"""

import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...utils.files import decode_text
from ...utils.json_files import parse_json
from ...utils.npz_files import read_npz
from .errors import CalibrationError
from .nesting import check_content, check_toml_keys
from .opencv_xml import parse_opencv_xml
from .yaml_text import parse_yaml

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MAX_BYTES = 1 << 26
SUFFIXES = {
    '.json': 'JSON',
    '.toml': 'TOML',
    '.yml': 'YAML',
    '.yaml': 'YAML',
    '.xml': 'XML',
    '.npz': 'NPZ',
}


@dataclass(frozen=True)
class Document:
    """A file, or files that belong together, parsed.

    Attributes:
        path (Path): The file, for messages and for the camera's name.
        kind (str): A value of ``SUFFIXES``.
        content (Any): Maps, lists, text, numbers and, of NPZ, arrays of one
            dimension or more.
    """

    path: Path
    kind: str
    content: Any

    @property
    def table(self) -> dict[str, Any]:
        """The content if it is a map, else an empty one."""
        return self.content if isinstance(self.content, dict) else {}


def read_document(path: Path, kind: str | None = None) -> Document:
    """Parse a file by its kind; a byte order mark is no part of the text.

    Args:
        path (Path): The file.
        kind (str, optional): A value of ``SUFFIXES``. Defaults to what the
            first bytes say, then to the suffix, then to the first kind that
            the text is.

    Raises:
        CalibrationError: If it is too large, or of no known kind, or not what
            its name says.
    """
    suffix = SUFFIXES.get(path.suffix.lower())
    if suffix == 'NPZ':
        return Document(path, 'NPZ', _npz(path))
    text = read_text(path)
    kind = kind or _marked(text) or suffix
    if kind is not None:
        try:
            return Document(path, kind, _parsed(kind, text))
        except (ValueError, RecursionError) as error:
            raise CalibrationError(path, f'not readable as {kind} ({error})') from error
    for kind in _PARSERS:
        try:
            content = _parsed(kind, text)
        except (ValueError, RecursionError):
            continue
        if isinstance(content, (dict, list)):
            return Document(path, kind, content)
    raise CalibrationError(
        path, 'of no known kind', None, f'Known are {", ".join(SUFFIXES)}'
    )


def read_text(path: Path) -> str:
    """Text of a file in UTF-8, or in UTF-16 if a byte order mark says so.

    Raises:
        CalibrationError: If it is too large or not readable.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CalibrationError(
                path, f'larger than {MAX_BYTES >> 20} MiB: no calibration'
            )
        return decode_text(path.read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        raise CalibrationError(path, f'not readable ({error})') from error


def _parsed(kind: str, text: str) -> Any:
    content = _PARSERS[kind](text)
    check_content(content)
    return content


def _toml(text: str) -> dict[str, Any]:
    check_toml_keys(text)
    return tomllib.loads(text)


def _marked(text: str) -> str | None:
    start = text.lstrip()[:5]
    if start == '%YAML':
        return 'YAML'
    return 'XML' if start[:1] == '<' else None


def _npz(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f'larger than {MAX_BYTES >> 20} MiB')
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if sum(member.file_size for member in archive.infolist()) > MAX_BYTES:
                raise ValueError(f'holds more than {MAX_BYTES >> 20} MiB')
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ValueError(f'{twice!r} is there twice')
        return {
            # NumPy saves a text or a single number as an array without dimensions
            name: array if array.ndim else array.item()
            for name, array in read_npz(path).items()
        }
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise CalibrationError(path, f'not readable as NPZ ({error})') from error


_PARSERS: dict[str, Callable[[str], Any]] = {
    'JSON': parse_json,
    'TOML': _toml,
    'YAML': parse_yaml,
    'XML': parse_opencv_xml,
}
