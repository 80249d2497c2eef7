"""Copy frames of cameras into the folder layout; can be resumed."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from mmengine.logging import print_log

from ...utils.files import write_atomically
from ...utils.json_files import read_json
from ..frames import image_files
from .image_origin import MARKER
from .recordings import Recording
from .source_frames import SOURCE_FRAMES, note_source_frames


@dataclass(frozen=True)
class Timing:
    """Which frame of a camera belongs to which time step.

    Attributes:
        offset (int): Frame of this camera at time step 0; negative if it
            started later than time step 0.
        step (int): Frames from one time step to the next.
    """

    offset: int = 0
    step: int = 1

    def frame(self, time_step: int) -> int:
        return time_step * self.step + self.offset

    def time_steps(self, num_frames: int) -> range:
        """Time steps that this camera has seen."""
        first = max(0, -(self.offset // self.step))
        last = (num_frames - 1 - self.offset) // self.step
        return range(first, last + 1)


class SettingsConflict(ValueError):
    """Raised when frames of another source or with other settings exist."""


def common_time_steps(
    recordings: Mapping[str, Recording],
    timings: Mapping[str, Timing],
    max_frames: int | None = None,
) -> dict[str, list[int]]:
    """Time steps to take from each camera: those that two or more have seen
    (all, if there is one camera only).

    Args:
        recordings, timings: By camera.
        max_frames (int, optional): Most time steps to take.

    Raises:
        ValueError: If no time step was seen by two.
    """
    seen = {
        name: _time_steps(recording, timings[name])
        for name, recording in recordings.items()
    }
    counts: dict[int, int] = {}
    for steps in seen.values():
        for step in steps:
            counts[step] = counts.get(step, 0) + 1
    needed = min(2, len(recordings))
    shared = sorted(step for step, count in counts.items() if count >= needed)
    kept = set(shared[:max_frames])
    if not kept:
        frames = {name: len(recording) for name, recording in recordings.items()}
        raise ValueError(
            f'no time step was seen by two cameras: frames {frames}, offsets '
            f'{ {name: timings[name].offset for name in recordings} }'
        )
    return {name: [s for s in steps if s in kept] for name, steps in seen.items()}


def _time_steps(recording: Recording, timing: Timing) -> list[int]:
    frames = set(recording.frames)
    steps = timing.time_steps(1 + max(frames, default=-1))
    return [step for step in steps if timing.frame(step) in frames]


def extract_view(
    recording: Recording,
    timing: Timing,
    time_steps: list[int],
    target: Path,
    labels: Path,
    quality: int = 95,
    overwrite: bool = False,
    advance: Callable[[], None] = lambda: None,
) -> int:
    """Write the frames of a camera as ``<time step>.<suffix>``.

    Existing frames are not written again, and none is ever
    incomplete, so that an interrupted run can be resumed.

    Args:
        recording (Recording): Video or image folder.
        timing (Timing): Of this camera.
        time_steps (list[int]): To write, ascending.
        target (Path): Folder for the images.
        labels (Path): Folder of their labels.
        quality (int): Of JPEG.
        overwrite (bool): Remove frames made with other settings; their
            labels too, unless the quality alone is another.
        advance (callable): Called after each time step.

    Returns:
        int: How many images of ``time_steps`` are there now; fewer than asked
        for where some cannot be read.

    Raises:
        SettingsConflict: If the folder has frames of another source or with
            other settings, and ``overwrite`` is false.
    """
    _claim(recording, timing, target, labels, quality, overwrite)
    files = {
        timing.frame(step): target / f'{step:08d}{recording.suffix}'
        for step in time_steps
    }
    note_source_frames(
        target,
        {file.stem: recording.frame_name(frame) for frame, file in files.items()},
    )
    return write_frames(recording, files, quality, advance)


def write_frames(
    recording: Recording,
    files: Mapping[int, Path],
    quality: int = 95,
    advance: Callable[[], None] = lambda: None,
) -> int:
    """Write those frames that are not there.

    Args:
        recording (Recording): Video or image folder.
        files (Mapping[int, Path]): Where each frame goes, by frame number.
        quality (int): Of JPEG.
        advance (callable): Called for each frame.

    Returns:
        int: How many of the files are there now; not all where some cannot be
        read.
    """
    missing = sorted(number for number, file in files.items() if not file.exists())
    for _ in range(len(files) - len(missing)):
        advance()
    if missing:
        for number, content in recording.read(missing, quality):
            write_atomically(files[number], content)
            advance()
    return sum(file.exists() for file in files.values())


def _claim(
    recording: Recording,
    timing: Timing,
    target: Path,
    labels: Path,
    quality: int,
    overwrite: bool,
) -> None:
    """Note in the folder what its frames are made of; remove others."""
    settings = dict(
        source=str(recording.path.resolve()),
        frames=len(recording),
        frame_numbers=_ranges(recording.frames),
        content=recording.digest(),
        quality=quality,
        **asdict(timing),
    )
    marker = target / MARKER
    target.mkdir(parents=True, exist_ok=True)
    known = read_json(marker) if marker.exists() else None
    if known is not None and 'content' not in known:
        known = _completed(known, settings, target)
    others = image_files(target)
    if known != settings:
        if others and not overwrite:
            raise SettingsConflict(
                f'{target} has {len(others)} images {_difference(known, settings)}. '
                '--overwrite replaces them, --sequence takes another name'
            )
        if others and not _same_frames(known, settings):
            # before the images: interrupted in between, it is done again
            for file in labels.glob('*.json'):
                file.unlink()
        for file in others:
            file.unlink()
        (target / SOURCE_FRAMES).unlink(missing_ok=True)
    write_atomically(marker, json.dumps(settings))


def _completed(known: dict, settings: dict, target: Path) -> dict:
    """What a version of this package noted that did not look at the content."""
    print_log(
        f'{target}: the content of its source was not noted when its images were made; '
        'it is taken to be the same',
        'current',
        logging.WARNING,
    )
    numbers = _ranges(range(known.get('frames', 0)))
    return dict(known, frame_numbers=numbers, content=settings['content'])


def _difference(known: dict | None, settings: dict) -> str:
    if known is None:
        return 'that were not made here'
    before = {
        key: known.get(key) for key in settings if known.get(key) != settings[key]
    }
    if before.pop('content', None) is None:
        return f'made with other settings: {before}'
    return 'made of a source whose files have changed since' + (
        f', with other settings: {before}' if before else ''
    )


def _ranges(numbers: Iterable[int]) -> str:
    """Ascending numbers as text: '0-4,6-11'."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ','.join(f'{first}-{last}' for first, last in runs)


def _same_frames(known: dict | None, settings: dict) -> bool:
    return dict(known or {}, quality=settings['quality']) == settings
