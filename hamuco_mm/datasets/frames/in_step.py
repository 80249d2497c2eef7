"""Sources of several cameras, so that their n-th frames belong together."""

import operator
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from ..image_size import check_one_size
from .clock import FrameClock, FrameTimes, frame_times, frames_per_step
from .images import Frame, ImageFiles, ImageFolder
from .matching import match_frames
from .numbering import image_numbers
from .sources import Source
from .videos import VideoFile


class FramesInStep:
    """The frames of a source with holes where it has none.

    Args:
        source (ImageFiles | VideoFile): The images.
        numbers (list[int] | None): Frame number of each image, ascending; None
            for a video whose images are numbered by their times as they come.
        length (int | None): How many frames there are, holes included; None for
            what the source states.
        fps (float, optional): How many there are a second, holes included. Defaults
            to what the source states.

    Attributes: ``name`` and ``files`` of the source, and ``fps``.
    """

    def __init__(
        self,
        source: ImageFiles | VideoFile,
        numbers: list[int] | None,
        length: int | None = None,
        fps: float | None = None,
    ):
        self.source, self.numbers = source, numbers
        self.name, self.fps = source.name, fps or source.fps
        self.files = source.files
        self._length = length

    def __len__(self) -> int:
        """Number of frames; TypeError if it is not known."""
        return len(self.source) if self._length is None else self._length

    def __iter__(self) -> Iterator[Frame]:
        """Frames; one that is a hole has no image, and a ``problem``."""
        expected = 0
        for number, frame in self._numbered():
            while expected < number:
                yield self._hole(expected)
                expected += 1
            yield frame
            expected += 1
        while self._length is not None and expected < self._length:
            yield self._hole(expected)
            expected += 1

    def _numbered(self) -> Iterator[tuple[int, Frame]]:
        if self.numbers is not None:
            yield from zip(self.numbers, self.source)
            return
        assert isinstance(self.source, VideoFile)
        clock = FrameClock(1 / self.source.fps, self.source.path)
        for frame in self.source:
            assert frame.time is not None  # as of all videos
            yield clock.number(frame.time), frame

    def _hole(self, number: int) -> Frame:
        problem = f'{self.name} has no image of frame {number}'
        return Frame(None, f'{number:08d}', '', problem)


MatchedSource: TypeAlias = Source | FramesInStep


def in_step(
    sources: Mapping[str, Source], match: str = 'auto'
) -> tuple[dict[str, MatchedSource], dict[str, int], list[str]]:
    """Match the frames of cameras.

    Folders and videos get holes where a frame was lost, see
    :func:`~.matching.match_frames`. Lists of images, arrays and webcams are
    taken as they come; a note says so where the numbers in the names of lists
    tell another story.

    Args:
        sources (Mapping[str, Source]): By camera.
        match (str): See :func:`~.matching.match_frames`; 'order' does not look
            at the times of videos either.

    Returns:
        tuple: The sources; how many frames each takes while the slowest video takes
        one; and notes for the user.

    Raises:
        ValueError: If it is not known which frames belong together, or images of a
            folder have several sizes.
    """
    result: dict[str, MatchedSource] = dict(sources)
    every = dict.fromkeys(sources, 1)
    folders = {n: s for n, s in sources.items() if isinstance(s, ImageFolder)}
    videos = {n: s for n, s in sources.items() if isinstance(s, VideoFile)}
    notes: list[str] = []
    if match == 'order' or len(sources) < 2:
        return result, every, notes
    if len(videos) > 1:
        in_time, rates = _videos_in_step(videos)
        result.update(in_time)
        every.update(rates)
    if folders:
        stated = {
            name: range(-(-length // every[name]))
            for name in videos
            if (length := operator.length_hint(result[name], 0))
        }
        for folder in folders.values():
            check_one_size(folder.paths)
        names = {name: folder.stems for name, folder in folders.items()}
        numbers, notes = match_frames(names, stated, match)
        length = 1 + max(max(of) for of in numbers.values())
        for name, folder in folders.items():
            order = sorted(zip(numbers[name], folder.paths))
            files = ImageFiles([path for _, path in order], name)
            result[name] = FramesInStep(files, [n for n, _ in order], length)
    lists = {
        name: source
        for name, source in sources.items()
        if isinstance(source, ImageFiles) and name not in folders
    }
    return result, every, notes + _differing_lists(lists)


def _differing_lists(lists: dict[str, ImageFiles]) -> list[str]:
    """A note if images at one place of the lists have numbers that differ."""
    passed = {}
    for name, source in lists.items():
        try:
            numbers = image_numbers([Path(path).stem for path in source.paths])
        except ValueError:
            return []
        if numbers is None:
            return []
        passed[name] = [number - numbers[0] for number in numbers]
    for place, of in enumerate(zip(*passed.values())):
        if len(set(of)) > 1:
            paths = ', '.join(source.paths[place] for source in lists.values())
            return [
                f'lists are taken as they stand, but the numbers of {paths} differ: '
                'give folders, whose images are matched by their numbers'
            ]
    return []


def _videos_in_step(
    videos: dict[str, VideoFile],
) -> tuple[dict[str, FramesInStep], dict[str, int]]:
    """Videos, and how many frames of each are one of the slowest. Those that state the
    same are numbered as they come; of others, every image is looked at before."""
    stated = {(video.fps, operator.length_hint(video, 0)) for video in videos.values()}
    if len(stated) == 1:
        as_they_come = {name: FramesInStep(of, None) for name, of in videos.items()}
        return as_they_come, dict.fromkeys(videos, 1)
    times: dict[str, FrameTimes] = {
        name: frame_times(video.times(), video.path) for name, video in videos.items()
    }
    in_time = {
        name: FramesInStep(
            video,
            times[name].numbers,
            1 + times[name].numbers[-1],
            _rate(times[name].interval),
        )
        for name, video in videos.items()
    }
    return in_time, frames_per_step(times)


def _rate(interval: float) -> float | None:
    """How many a second are that many seconds apart; None for a single image. What a
    video states is the rate of all its frames, or their mean where some are lost."""
    return 1 / interval if interval else None
