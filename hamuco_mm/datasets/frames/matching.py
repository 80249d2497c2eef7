"""Which images of several cameras belong together.

Three things are counted, and each has its name:

* an *image number* stands in the name of an image file;
* a *frame number* counts what one camera recorded, from 0, with what it lost:
  a camera that lost frame 5 has a hole there;
* a *time step* is what all cameras saw at one moment, see
  :class:`~hamuco_mm.datasets.rig.extraction.Timing`.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from ...utils.few_names import few
from ...utils.frame_names import are_mostly_missing, common_step
from .numbering import image_numbers

# How images of several cameras are matched, see :func:`match_frames`.
MATCH_CHOICES = ('auto', 'number', 'order')
_BY_ORDER = (
    "match='order' (--match order) takes the n-th image of each camera as its frame n"
)
# Names in a message
_MOST_NAMES = 8


def check_match(match: str) -> None:
    """Raise ValueError unless it is one of ``MATCH_CHOICES``."""
    if match not in MATCH_CHOICES:
        raise ValueError(f'match should be one of {MATCH_CHOICES}, got {match!r}')


class MatchedFrames(NamedTuple):
    """The frame numbers of cameras' images.

    Attributes:
        numbers (dict[str, list[int]]): By camera, one for each image. Images
            with the same frame number belong together.
        notes (list[str]): What a user should know, a line each: where
            frames are missing, and how image numbers became frame numbers.
    """

    numbers: dict[str, list[int]]
    notes: list[str]


def match_frames(
    images: Mapping[str, Sequence[str]],
    videos: Mapping[str, Sequence[int]] | None = None,
    match: str = 'auto',
) -> MatchedFrames:
    """Number the images of cameras alike.

    * ``'auto'``: By the numbers in the names, if all names have one. They
      mean the same in all cameras, so that a number which one camera lacks is
      a hole. Cameras of the same span that begin at 0 and at 1 count from 0
      and from 1. Cameras that begin at other numbers have to lie within the
      span of one of them. Without numbers, the n-th images of all
      cameras belong together if there are equally many.
    * ``'number'``: The numbers mean the same in all cameras, wherever they begin.
    * ``'order'``: The n-th image of each camera is its frame n.

    Numbers of which most are missing, such as times, are counted: frame n
    is the n-th number that any camera has.

    Args:
        images (Mapping[str, Sequence[str]]): By camera, names of its images
            without suffixes, in natural order.
        videos (Mapping[str, Sequence[int]], optional): By camera, the frame
            numbers of a video.
        match (str): One of ``MATCH_CHOICES``.

    Raises:
        ValueError: If the names leave open which images belong together; it
            names them and what to do.
    """
    videos = videos or {}
    counts = {name: len(names) for name, names in {**images, **videos}.items()}
    by_order = {
        **{name: list(range(len(names))) for name, names in images.items()},
        **{name: list(numbers) for name, numbers in videos.items()},
    }
    if match == 'order' or not images:
        return MatchedFrames(by_order, _holes(by_order, ()))
    if match == 'auto' and set(counts.values()) == {1}:
        return MatchedFrames(by_order, [])
    numbers: dict[str, list[int]] = {name: list(n) for name, n in videos.items()}
    for name, names in images.items():
        try:
            found = image_numbers(names)
        except ValueError as error:
            if match == 'auto' and len(counts) == 1:
                return MatchedFrames(by_order, [])
            raise ValueError(f'images of {name}: {error}. {_BY_ORDER}') from None
        if found is None:
            return _without_numbers(name, names, counts, by_order, match)
        numbers[name] = found
    return _by_number(numbers, images, match)


def _without_numbers(
    camera: str,
    names: Sequence[str],
    counts: Mapping[str, int],
    by_order: dict[str, list[int]],
    match: str,
) -> MatchedFrames:
    unnumbered = next(name for name in names if not any(map(str.isdecimal, name)))
    if match == 'number' or len(set(counts.values())) > 1:
        raise ValueError(
            f'the image {unnumbered!r} of {camera} has no number in its name, and '
            f'the cameras have {_pairs(counts)} images: which belong together is '
            f'not known. {_BY_ORDER}'
        )
    note = f'{unnumbered!r} of {camera} has no number: images are matched by order'
    return MatchedFrames(by_order, [note] if len(counts) > 1 else [])


def _by_number(
    numbers: dict[str, list[int]], images: Collection[str], match: str
) -> MatchedFrames:
    notes = []
    frames = numbers
    union = sorted(set().union(*numbers.values()))
    if match == 'auto' and not are_mostly_missing(union):
        starts = {name: min(of) for name, of in numbers.items()}
        spans = {max(of) - min(of) for of in numbers.values()}
        if set(starts.values()) == {0, 1} and len(spans) == 1:
            late = [name for name, start in starts.items() if start]
            notes.append(f'{", ".join(late)} counts from 1, the other cameras from 0')
            frames = {
                name: [n - starts[name] for n in of] for name, of in frames.items()
            }
        elif len(set(starts.values())) > 1 and (
            len(images) < len(numbers)
            or not any(
                (min(of), max(of)) == (union[0], union[-1]) for of in frames.values()
            )
        ):
            ranges = {name: f'{min(of)} to {max(of)}' for name, of in numbers.items()}
            raise ValueError(
                f'the cameras are numbered differently ({_pairs(ranges)}). '
                "match='number' (--match number), if a number means the same "
                f'moment in all of them; {_BY_ORDER}'
            )
    _refuse_strangers(frames)
    union = sorted(set().union(*frames.values()))
    if are_mostly_missing(union):
        rank = {number: index for index, number in enumerate(union)}
        result = {name: [rank[n] for n in of] for name, of in frames.items()}
        notes.append(
            f'most numbers between {union[0]} and {union[-1]} are missing: frame n is '
            'the n-th of them'
        )
    else:
        first, step = union[0], common_step(union)
        result = {
            name: [(n - first) // step for n in of] for name, of in frames.items()
        }
        if first or step > 1:
            notes.append(
                f'frame 0 is the image numbered {first}'
                + (f', frame 1 that numbered {first + step}' if step > 1 else '')
            )
    return MatchedFrames(result, notes + _holes(result, images))


def _refuse_strangers(numbers: Mapping[str, Sequence[int]]) -> None:
    """Refuse a camera that shares few numbers with the others."""
    for name, of in numbers.items():
        others = set().union(*(n for other, n in numbers.items() if other != name))
        shared = others.intersection(of)
        if len(numbers) > 1 and 2 * len(shared) < min(len(of), len(others)):
            raise ValueError(
                f'most images of {name} have a number that no other camera has '
                f'({min(of)} to {max(of)}; the others {min(others)} to '
                f'{max(others)}): they are not numbered alike. {_BY_ORDER}'
            )


def _holes(frames: Mapping[str, Sequence[int]], whole: Collection[str]) -> list[str]:
    """A line for each camera that lacks frames which another has.

    Args:
        frames (Mapping[str, Sequence[int]]): Frame numbers by camera.
        whole (Collection[str]): Cameras that lack frames also before their
            first and after their last.
    """
    every = sorted(set().union(*frames.values()))
    notes = []
    for name, of in frames.items():
        own, first, last = set(of), min(of), max(of)
        missing = [
            str(frame)
            for frame in every
            if frame not in own and (name in whole or first < frame < last)
        ]
        if missing:
            notes.append(
                f'{name} has no image of {len(missing)} of {len(every)} frames, and a '
                f'hole there: {few(missing, _MOST_NAMES)}'
            )
    return notes


def _pairs(values: Mapping[str, object]) -> str:
    return ', '.join(f'{name}: {value}' for name, value in values.items())
