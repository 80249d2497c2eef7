"""A calibration's file, or the files of its directory."""

from dataclasses import replace
from pathlib import Path

from .companions import join, pairs_of, with_companion
from .documents import SUFFIXES, Document, read_document
from .errors import CalibrationError
from .formats.found import FileCameras
from .notes import Notes
from .registry import DOCUMENT_FORMATS


def read_source(path: Path, format: str | None, notes: Notes) -> FileCameras:
    """Cameras of a file, or of a directory.

    A directory holds the two halves of one calibration, or a file for each
    camera. Files whose names begin with a dot are none.

    Args:
        path (Path): The file or directory.
        format (str, optional): A key of ``DOCUMENT_FORMATS``. Defaults to
            the first one that has the form of the content.
        notes (Notes): Is told what was not used.

    Raises:
        CalibrationError: If no format fits, or a camera is there twice.
    """
    kind = DOCUMENT_FORMATS[format].kind if format else None
    if path.is_dir():
        return _read_directory(path, format, kind, notes)
    if path.suffix.lower() not in SUFFIXES and format is None:
        document = _of_unknown_suffix(path)
    else:
        document = with_companion(path, kind, notes)
    return _read(document, format, notes)[1]


def _read_directory(
    path: Path, format: str | None, kind: str | None, notes: Notes
) -> FileCameras:
    files = []
    for file in sorted(path.iterdir()):
        if file.is_file() and file.suffix.lower() in SUFFIXES:
            if not file.name.startswith('.'):
                files.append(file)
        elif not file.name.startswith('.'):
            notes.unused(file.name)
    if not files:
        raise _unknown(path)
    for first, second in pairs_of(files):
        for file in files:
            if file not in (first, second):
                notes.unused(file.name)
        joined = join(read_document(first, kind), read_document(second, kind))
        return _read(joined, format, notes)[1]
    found: FileCameras | None = None
    formats: dict[str, Path] = {}
    origins: dict[str, Path] = {}
    for file in files:
        name, one = _read(read_document(file, kind), format, notes)
        formats.setdefault(name, file)
        for camera in one.cameras:
            if camera in origins:
                raise CalibrationError(
                    file,
                    f'camera {camera!r} is there twice, also in {origins[camera].name}',
                    None,
                    'Give each camera a file and a name of its own',
                )
            origins[camera] = file
        if found is None:
            found = one
        elif replace(one, cameras={}) != replace(found, cameras={}):
            raise CalibrationError(
                file,
                f'says another meaning or is of another format than {files[0].name} '
                f'({", ".join(formats)})',
                None,
                'Files of one directory are of one calibration',
            )
        else:
            found = replace(found, cameras={**found.cameras, **one.cameras})
    assert found is not None
    return found


def _read(
    document: Document, format: str | None, notes: Notes
) -> tuple[str, FileCameras]:
    """The format's name, and the cameras."""
    if format is None or DOCUMENT_FORMATS[format].general:
        fitting = (
            name
            for name, known in DOCUMENT_FORMATS.items()
            if known.recognises(document)
        )
        format = next(fitting)
    elif not DOCUMENT_FORMATS[format].recognises(document):
        raise CalibrationError(
            document.path, f'has not the form of {DOCUMENT_FORMATS[format].title}'
        )
    return format, DOCUMENT_FORMATS[format].read(document, notes)


def _of_unknown_suffix(path: Path) -> Document:
    try:
        return read_document(path)
    except CalibrationError:
        raise _unknown(path) from None


def _unknown(path: Path) -> CalibrationError:
    titles = ', '.join(known.title for known in DOCUMENT_FORMATS.values())
    return CalibrationError(
        path,
        'of no known kind',
        None,
        f"Known are {titles}, and COLMAP's text model (cameras.txt, images.txt)",
    )
