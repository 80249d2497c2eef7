"""The side, left or right, of a hand that has no label."""

from collections.abc import Iterable

from ...utils.frame_names import sequence_of


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
        """The side of a hand in a time step.

        It is that of the labelled hands of the time step if they are all of
        one side, else that of the sequence in the same way, else the default.
        """
        for known in (
            self._steps.get(frame_id, ()),
            self._sequences.get(sequence_of(frame_id), ()),
        ):
            if len(known) == 1:
                return next(iter(known))
        return default
