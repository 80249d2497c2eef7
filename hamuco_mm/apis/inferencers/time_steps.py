"""One view or several synchronised ones, as time steps."""

import itertools
import logging
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias, cast

from mmengine.logging import print_log

from ...datasets.frames import Frame, is_video, is_webcam, open_source
from ...datasets.frames.file_types import (
    camera_name,
    camera_paths,
    image_files,
    other_paths,
    split_name,
)
from ...datasets.frames.in_step import MatchedSource, in_step
from ...datasets.frames.matching import check_match
from ...datasets.frames.shifted import ShiftedFrames, shift_frames
from ...datasets.frames.sources import SourceInput


class TimeStep(NamedTuple):
    """What the cameras saw at one moment.

    Attributes:
        index (int): From 0.
        name (str): Of the first camera's image that is there; of cameras that are
            shifted, or of another rate, the same number is not the same moment, and it
            is that of the time step.
        frames (dict): A :class:`Frame` for each camera's name.
    """

    index: int  # type: ignore[assignment]  # tuples have a method of this name
    name: str
    frames: dict[str, Frame]

    @property
    def time(self) -> float | None:
        """Seconds since time step 0, of the first camera that says it."""
        times = (frame.time for frame in self.frames.values())
        return next((time for time in times if time is not None), None)


# The frames of one view, in step with those of the others.
ViewSource: TypeAlias = MatchedSource | ShiftedFrames
# One view, or several: by camera name, or in a list of sequences.
ViewInputs: TypeAlias = SourceInput | Mapping[str, SourceInput] | Sequence[SourceInput]


def open_views(
    inputs: ViewInputs,
    match: str = 'auto',
    offset: Mapping[str, int] | None = None,
    shortest: bool = False,
    calibration: str | Path | None = None,
) -> tuple[dict[str, ViewSource], bool]:
    """Open what an inferencer was called with.

    These are synchronised views of the same hand: a dict from camera names to
    inputs; a list in which each item is a list, a folder, a video or a
    webcam; and a folder that has no images but one folder or video for each
    camera. All else is one view, see
    :func:`~hamuco_mm.datasets.frames.sources.open_source`; the images of a
    list have nothing to do with each other.

    Folders and videos of a group are matched by the numbers of their images
    and by their times, see
    :func:`~hamuco_mm.datasets.frames.in_step.in_step`; lists are taken as they
    stand.

    Args:
        inputs: One view or a group.
        match (str): How frames are matched, see
            :func:`~hamuco_mm.datasets.frames.matching.match_frames`.
        offset (Mapping[str, int], optional): Frame N of a camera is time step 0,
            see :func:`~hamuco_mm.datasets.frames.shifted.shift_frames`.
        shortest (bool): Whether views may have different lengths. Defaults to
            False; an ``offset`` allows it, too.
        calibration (str | Path, optional): What the cameras are read from; it may
            be in a folder of cameras.

    Returns:
        tuple: The sources by camera name, and whether they are a group.

    Raises:
        FileNotFoundError, OSError, ValueError: If something cannot be opened,
            it is not known which frames belong together, or the views have
            different lengths.
    """
    check_match(match)
    if isinstance(inputs, (str, Path)) and Path(inputs).is_dir():
        inputs = _cameras_of_folder(Path(inputs), calibration) or inputs
    if isinstance(inputs, (list, tuple)) and inputs and all(map(_is_sequence, inputs)):
        inputs = name_views(inputs)
    if not isinstance(inputs, Mapping):
        source = open_source(cast(SourceInput, inputs))
        if offset:
            raise ValueError(
                'an offset (--offset) is between several views, and there is '
                f'one: {source.name}'
            )
        return {source.name: source}, False
    if not inputs:
        raise ValueError('a group of views needs at least one camera')
    opened = {str(name): open_source(item, str(name)) for name, item in inputs.items()}
    matched, every, notes = in_step(opened, match)
    sources = shift_frames(matched, offset or {}, every)
    notes += _different_lengths(sources, shortest or bool(offset))
    for note in notes:
        print_log(note, 'current', logging.WARNING)
    return sources, True


def time_steps(
    sources: Mapping[str, Iterable[Frame]], shortest: bool = False
) -> Iterator[TimeStep]:
    """Read the sources in step.

    Args:
        sources (Mapping): Frames by camera.
        shortest (bool): End with the first source that ends. Defaults to False.

    Raises:
        ValueError: If one ends before the others and ``shortest`` is false; the
            time steps before that have been read then.
    """
    readers = {name: iter(source) for name, source in sources.items()}
    shifted = any(isinstance(source, ShiftedFrames) for source in sources.values())
    for index in itertools.count():
        frames = {
            name: frame
            for name, reader in readers.items()
            if (frame := next(reader, None)) is not None
        }
        ended = [name for name in readers if name not in frames]
        if not frames or ended and shortest:
            return
        if ended:
            raise ValueError(
                f'{", ".join(ended)} ended after {index} time steps and the '
                'other views go on: are they synchronised? The results so '
                'far are complete. shortest=True (--shortest) says that this is '
                'no mistake'
            )
        seen = [frame for frame in frames.values() if frame.path]
        first = (seen or list(frames.values()))[0]
        yield TimeStep(index, f'{index:08d}' if shifted else first.name, frames)


def _different_lengths(sources: Mapping[str, ViewSource], shortest: bool) -> list[str]:
    """A note if the views end at different time steps, or an error if they should
    not."""
    lengths = {
        name: length
        for name, source in sources.items()
        if (length := operator.length_hint(source, -1)) >= 0
    }
    if len(set(lengths.values())) <= 1:
        return []
    counts = ', '.join(f'{name}: {n}' for name, n in lengths.items())
    if not shortest:
        raise ValueError(
            f'synchronised views should have equally many images, got {counts}. If '
            'cameras began at different times, say by offset (--offset CAMERA=N) '
            'which frame is time step 0; if they only ended at different times, '
            'shortest=True (--shortest) predicts the time steps that all have'
        )
    return [
        f'predicted are the {min(lengths.values())} time steps that all views have '
        f'({counts})'
    ]


def _is_sequence(item: object) -> bool:
    """Whether it is a camera's whole sequence rather than one image."""
    if isinstance(item, (list, tuple)):
        return True
    return isinstance(item, (str, Path)) and (
        is_webcam(item) or Path(item).is_dir() or is_video(item)
    )


def _cameras_of_folder(folder: Path, calibration: str | Path | None) -> dict[str, Path]:
    """Folders of images and videos below a folder; {} if it has images. Says
    what is not used."""
    cameras = camera_paths(folder)
    if image_files(folder):
        used, unused = 'its images are one view', list(cameras.values())
        cameras = {}
    else:
        used = f'its views are {", ".join(cameras)}'
        unused = other_paths(folder) if cameras else []
        if calibration is not None:
            known = Path(calibration).resolve()
            unused = [path for path in unused if path.resolve() != known]
    if unused:
        print_log(
            f'{folder}: {used}; not used are {", ".join(p.name for p in unused)}',
            'current',
            logging.WARNING,
        )
    return cameras


def name_views(inputs: Sequence[SourceInput]) -> dict[str, SourceInput]:
    """Name views after their files and folders, or cam0, cam1, ... where
    these do not differ.

    Args:
        inputs (Sequence[SourceInput]): One for each view.

    Returns:
        dict: From names to inputs.
    """
    names = [
        str(path).replace(':', '') if is_webcam(path) else camera_name(Path(path))
        for path in inputs
        if isinstance(path, (str, Path))
    ]
    if len(set(names)) < len(inputs):
        found, names = names, [f'cam{i}' for i in range(len(inputs))]
        if found:
            print_log(
                f'the views are called {", ".join(names)} in the order given: the '
                f'names of their files ({", ".join(found)}) do not tell them apart',
                'current',
                logging.WARNING,
            )
    return dict(zip(names, inputs))


def named_views(arguments: Sequence[str]) -> str | dict[str, SourceInput]:
    """The inputs of a command line.

    Args:
        arguments (Sequence[str]): Paths or webcams; several are views, which NAME=PATH
            names, all or none of them. Of images without names it is said.

    Raises:
        ValueError: If some have names, or two have the same.
    """
    pairs = [split_name(argument) for argument in arguments]
    names = [name for name, _ in pairs if name is not None]
    if not names and len(arguments) == 1:
        return arguments[0]
    if not names:
        if not any(map(_is_sequence, arguments)):  # a shell makes them of photos/*.jpg
            print_log(
                f'the {len(arguments)} images are taken for views of one hand at one '
                'moment, which are fused: NAME=PATH says so for each. If they have '
                'nothing to do with each other, give their folder',
                'current',
                logging.WARNING,
            )
        return name_views(arguments)
    if len(set(names)) < len(arguments):
        raise ValueError(
            f'{" ".join(arguments)}: give each view a name of its own, NAME=PATH'
        )
    return {name: path for name, path in pairs if name is not None}
