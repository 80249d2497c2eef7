"""Whether the hand of a view that has no label is a left or a right one."""

from collections.abc import Iterable

from .annotation_reading import sequence_of


class HandSides:
    """Sides of the hands that were labelled, by time step and sequence.

    Args:
        hands (Iterable[tuple[str, str]]): ``frame_id`` and side of each.
    """

    def __init__(self, hands: Iterable[tuple[str, str]]):
        self._steps: dict[str, set[str]] = {}
        self._sequences: dict[str, set[str]] = {}
        for frame_id, side in hands:
            self._steps.setdefault(frame_id, set()).add(side)
            self._sequences.setdefault(sequence_of(frame_id), set()).add(side)

    def of(self, frame_id: str, default: str = 'right') -> str:
        """That of the time step's hands, else that of the sequence's, where
        they are all of one side; else the default."""
        for known in (
            self._steps.get(frame_id, ()),
            self._sequences.get(sequence_of(frame_id), ()),
        ):
            if len(known) == 1:
                return next(iter(known))
        return default
