"""Frames of a camera that began to record earlier or later than others."""

import itertools
import operator
from collections.abc import Iterator, Mapping

from .images import Frame
from .in_step import MatchedSource


class ShiftedFrames:
    """A source whose time step 0 is another frame than its first.

    Args:
        source (MatchedSource): The frames.
        offset (int): Which of its frames is time step 0. Negative where the
            source began later: the time steps before have no image.

    Attributes: ``name``, ``fps`` and ``files`` of the source.
    """

    def __init__(self, source: MatchedSource, offset: int):
        self.source, self.offset = source, offset
        self.name, self.fps, self.files = source.name, source.fps, source.files

    def __len__(self) -> int:
        """Number of time steps; TypeError if it is not known."""
        length = operator.length_hint(self.source, -1)
        if length < 0:
            raise TypeError(f'{self.name} has no known length')
        return max(0, length - self.offset)

    def __iter__(self) -> Iterator[Frame]:
        """Frames; one before the source began has no image, and a ``problem``. Times
        are those since time step 0, as in sources that are not shifted."""
        for step in range(-self.offset):
            problem = f'{self.name} had not begun at time step {step}'
            yield Frame(None, f'{step:08d}', '', problem)
        late = self.offset / self.fps if self.fps else 0.0
        for frame in itertools.islice(self.source, max(0, self.offset), None):
            time = None if frame.time is None else frame.time - late
            yield frame._replace(time=time)


def shift_frames(
    sources: Mapping[str, MatchedSource], offsets: Mapping[str, int]
) -> dict[str, MatchedSource | ShiftedFrames]:
    """The sources with the offsets of cameras that began earlier or later.

    Args:
        sources (Mapping): By camera.
        offsets (Mapping): By camera: frame N of this camera is time step 0.
            Others have 0.

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
    shifted: dict[str, MatchedSource | ShiftedFrames] = dict(sources)
    for name, offset in offsets.items():
        try:
            shifted[name] = ShiftedFrames(sources[name], operator.index(offset))
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
