"""Frame numbers of videos, from the times of their images."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

# How far a time may be from that of a frame number, in frames. Containers round
# times to milliseconds.
_TOLERANCE = 0.3
_ROUNDING = 0.001
_REMEDY = (
    "make the rate constant (ffmpeg -i VIDEO -r RATE NEW.mp4), or give match='order' "
    '(--match order) if the n-th images of all cameras belong together'
)


class UnevenTimesError(ValueError):
    """Images of a video, or of several, that do not come at equal times."""


class FrameTimes(NamedTuple):
    """The images of a video, in order.

    Attributes:
        numbers (list[int]): Frame number of each; one is left out where the
            video has lost a frame.
        times (list[float]): Seconds after the first.
    """

    numbers: list[int]
    times: list[float]

    @property
    def interval(self) -> float:
        """Seconds from one frame to the next; 0 for a single image."""
        return self.times[-1] / self.numbers[-1] if self.numbers[-1] else 0.0

    def at(self, number: int) -> float:
        """The time of a frame, also of one that was lost."""
        return float(np.interp(number, self.numbers, self.times))


class FrameClock:
    """Numbers the images of a video, one after another, by their times.

    Args:
        interval (float): Seconds from one frame to the next.
        path (str): Of the video, for messages.
    """

    def __init__(self, interval: float, path: str):
        self.interval, self.path = interval, path
        self._last: tuple[int, float] | None = None

    def number(self, time: float) -> int:
        """The frame number of the next image.

        Raises:
            UnevenTimesError: If its time is not that of a frame.
        """
        if self._last is None:
            number = 0
        else:
            before, last_time = self._last
            passed = (time - last_time) / self.interval
            frames = max(1, round(passed))
            slack = max(_TOLERANCE, min(0.45, _ROUNDING / self.interval))
            if abs(passed - frames) > slack:
                raise UnevenTimesError(
                    f'video {self.path} has a variable frame rate: after frame '
                    f'{before} the next image comes {1000 * (time - last_time):.0f} '
                    f'ms later, in place of {1000 * self.interval:.0f} ms or a '
                    f'multiple of it. Its images cannot be matched with those of '
                    f'other cameras: {_REMEDY}'
                )
            number = before + frames
        self._last = number, time
        return number


def frame_times(times: Sequence[float], path: str) -> FrameTimes:
    """Number the images of a video by their times.

    Args:
        times (Sequence[float]): Seconds after the first image, ascending.
        path (str): Of the video, for messages.

    Raises:
        UnevenTimesError: If the images come neither at equal times nor at
            some of such.
    """
    steps = np.diff(times)
    if len(steps):
        # the mean of those over one frame, as each may be rounded
        usual = np.median(steps)
        steps = steps[(steps > 0.5 * usual) & (steps < 1.5 * usual)]
    clock = FrameClock(float(steps.mean()) if len(steps) else 1.0, path)
    return FrameTimes([clock.number(time) for time in times], list(times))


def frames_per_step(videos: Mapping[str, FrameTimes]) -> dict[str, int]:
    """How many frames each camera takes while the slowest one takes one.

    Args:
        videos (Mapping[str, FrameTimes]): By camera.

    Raises:
        UnevenTimesError: If a rate is no multiple of the slowest one, or two
            rates differ by so little that the cameras drift apart.
    """
    moving = {name: times for name, times in videos.items() if times.interval}
    if not moving:
        return dict.fromkeys(videos, 1)
    slowest, slow = max(moving.items(), key=lambda item: item[1].interval)
    result = dict.fromkeys(videos, 1)
    for name, fast in moving.items():
        result[name] = every = round(slow.interval / fast.interval)
        last = min(slow.numbers[-1], fast.numbers[-1] // every)
        apart = abs(slow.at(last) - fast.at(every * last))
        uneven = abs(slow.interval / (every * fast.interval) - 1) > 0.02
        if uneven or apart > _TOLERANCE * fast.interval + 2 * _ROUNDING:
            raise UnevenTimesError(
                f'the videos of {slowest} and {name} have {1 / slow.interval:.2f} and '
                f'{1 / fast.interval:.2f} frames per second, and neither rate is a '
                f'multiple of the other: frame {last} of the slower one is '
                f'{1000 * apart:.0f} ms away from the nearest of the other. '
                f'{_REMEDY[0].upper()}{_REMEDY[1:]}'
            )
    return result
