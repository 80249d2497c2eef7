"""Frames of a camera that began to record earlier or later than others, or records
more of them a second."""

import itertools
import operator
from collections.abc import Iterator, Mapping

from .images import Frame
from .in_step import MatchedSource


class ShiftedFrames:
    """A source whose n-th time step is not its n-th frame.

    Args:
        source (MatchedSource): The frames.
        offset (int): Which of its frames is time step 0. Negative where the
            source began later: the time steps before have no image.
        every (int): Frames from one time step to the next. Defaults to 1.

    Attributes: ``name`` and ``files`` of the source, and ``fps`` of the time steps.
    """

    def __init__(self, source: MatchedSource, offset: int, every: int = 1):
        self.source, self.offset, self.every = source, offset, every
        self.name, self.files = source.name, source.files
        self.fps = source.fps and source.fps / every

    def __len__(self) -> int:
        """Number of time steps; TypeError if it is not known."""
        length = operator.length_hint(self.source, -1)
        if length < 0:
            raise TypeError(f'{self.name} has no known length')
        return max(0, -((self.offset - length) // self.every))

    def __iter__(self) -> Iterator[Frame]:
        """Frames; one before the source began has no image, and a ``problem``. Times
        are those since time step 0, as in sources that are not shifted."""
        first = max(0, -(self.offset // self.every))
        for step in range(first):
            problem = f'{self.name} had not begun at time step {step}'
            yield Frame(None, f'{step:08d}', '', problem)
        late = self.offset / self.source.fps if self.source.fps else 0.0
        start = self.offset + first * self.every
        for frame in itertools.islice(self.source, start, None, self.every):
            time = None if frame.time is None else frame.time - late
            yield frame._replace(time=time)


def shift_frames(
    sources: Mapping[str, MatchedSource],
    offsets: Mapping[str, int],
    every: Mapping[str, int],
) -> dict[str, MatchedSource | ShiftedFrames]:
    """The sources, time step by time step.

    Args:
        sources (Mapping): By camera.
        offsets (Mapping): By camera: frame N of this camera, which began earlier or
            later, is time step 0. Others have 0.
        every (Mapping): By camera: its frames from one time step to the next.

    Raises:
        ValueError: If an offset is of no camera, is no whole number, or leaves a
            camera without frames.
    """
    unknown = [str(name) for name in offsets if name not in sources]
    if unknown:
        raise ValueError(
            f'offset (--offset) names {", ".join(unknown)}, but the views are '
            f'{", ".join(sources)}'
        )
    shifted: dict[str, MatchedSource | ShiftedFrames] = {
        name: source if every[name] == 1 else ShiftedFrames(source, 0, every[name])
        for name, source in sources.items()
    }
    for name, offset in offsets.items():
        try:
            shifted[name] = ShiftedFrames(
                sources[name], operator.index(offset), every[name]
            )
        except TypeError as error:
            raise ValueError(
                f'offset (--offset) of {name} should be a whole number, the frame '
                f'that is time step 0; got {offset!r}'
            ) from error
        if operator.length_hint(shifted[name], -1) == 0:
            raise ValueError(
                f'offset (--offset) {name}={offset} leaves no frame of the '
                f'{operator.length_hint(sources[name])} frames of {name}'
            )
    return shifted
