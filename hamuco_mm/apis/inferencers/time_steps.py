"""One view or several synchronised ones, as time steps."""

import itertools
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias, cast

from ...datasets.frames import Frame, Source, is_image, is_video, is_webcam, open_source
from ...datasets.frames.file_types import camera_paths
from ...datasets.frames.sources import SourceInput


class TimeStep(NamedTuple):
    """What the cameras saw at one moment.

    Attributes:
        index (int): From 0.
        name (str): Of the first camera's image.
        frames (dict): A :class:`Frame` for each camera's name.
    """

    index: int  # type: ignore[assignment]  # tuples have a method of this name
    name: str
    frames: dict[str, Frame]


# One view, or several: by camera name, or in a list of sequences.
ViewInputs: TypeAlias = SourceInput | Mapping[str, SourceInput] | Sequence[SourceInput]


def open_views(inputs: ViewInputs) -> tuple[dict[str, Source], bool]:
    """Open what an inferencer was called with.

    These are synchronised views of the same hand: a dict from camera names to
    inputs; a list in which each item is a list, a folder, a video or a
    webcam; and a folder that has no images but one folder or video for each
    camera. All else is one view, see
    :func:`~hamuco_mm.datasets.frames.sources.open_source`; the images of a
    list have nothing to do with each other.

    Returns:
        tuple: The sources by camera name, and whether they are a group.

    Raises:
        FileNotFoundError, OSError, ValueError: If something cannot be opened,
            or the views have different lengths.
    """
    if isinstance(inputs, (str, Path)) and Path(inputs).is_dir():
        inputs = _cameras_of_folder(Path(inputs)) or inputs
    if isinstance(inputs, (list, tuple)) and inputs and all(map(_is_sequence, inputs)):
        inputs = name_views(inputs)
    if not isinstance(inputs, Mapping):
        source = open_source(cast(SourceInput, inputs))
        return {source.name: source}, False
    if not inputs:
        raise ValueError('a group of views needs at least one camera')
    sources = {str(name): open_source(item, str(name)) for name, item in inputs.items()}
    _check_lengths(sources)
    return sources, True


def time_steps(sources: Mapping[str, Iterable[Frame]]) -> Iterator[TimeStep]:
    """Read the sources in step.

    Raises:
        ValueError: If one ends before the others; the time steps before that
            have been read then.
    """
    readers = {name: iter(source) for name, source in sources.items()}
    for index in itertools.count():
        frames = {
            name: frame
            for name, reader in readers.items()
            if (frame := next(reader, None)) is not None
        }
        ended = [name for name in readers if name not in frames]
        if not frames:
            return
        if ended:
            raise ValueError(
                f'{", ".join(ended)} ended after {index} time steps and the '
                'other views go on: are they synchronised? The results so '
                'far are complete'
            )
        yield TimeStep(index, next(iter(frames.values())).name, frames)


def _check_lengths(sources: dict[str, Source]) -> None:
    lengths = {
        name: length
        for name, source in sources.items()
        if (length := operator.length_hint(source, -1)) >= 0
    }
    if len(set(lengths.values())) > 1:
        raise ValueError(
            'synchronised views should have equally many images, got '
            + ', '.join(f'{name}: {n}' for name, n in lengths.items())
        )


def _is_sequence(item: object) -> bool:
    """Whether it is a camera's whole sequence rather than one image."""
    if isinstance(item, (list, tuple)):
        return True
    return isinstance(item, (str, Path)) and (
        is_webcam(item) or Path(item).is_dir() or is_video(item)
    )


def _cameras_of_folder(folder: Path) -> dict[str, str]:
    """Folders of images and videos below a folder; {} if it has images."""
    if any(map(is_image, folder.iterdir())):
        return {}
    return {
        path.stem if path.is_file() else path.name: str(path)
        for path in camera_paths(folder)
    }


def name_views(inputs: Sequence[SourceInput]) -> dict[str, SourceInput]:
    """Name views after their files and folders, or cam0, cam1, ... where
    these do not differ.

    Args:
        inputs (Sequence[SourceInput]): One for each view.

    Returns:
        dict: From names to inputs.
    """
    names = [
        str(path).replace(':', '') if is_webcam(path) else Path(path).stem
        for path in inputs
        if isinstance(path, (str, Path))
    ]
    if len(set(names)) < len(inputs):
        names = [f'cam{i}' for i in range(len(inputs))]
    return dict(zip(names, inputs))
