"""Counts the time steps in which calibrated views do not fit one hand."""

from collections.abc import Iterable, Mapping
from typing import Any

# A score of hands that agree by chance: their joints are 14 % of the box's diagonal apart.
_LEAST_SCORE = 0.25


class ViewAgreement:
    """What ``views_agree`` says of all time steps of a run."""

    def __init__(self) -> None:
        self._agree: list[bool] = []
        self._scores: list[float] = []

    def add(self, hands: Iterable[Mapping[str, Any]]) -> None:
        """The hands of a time step.

        Args:
            hands (Iterable[Mapping]): With ``views_agree`` and ``hand_score``, as the
                inferencer's results have them; those of a single view, or without
                calibration, have no ``views_agree`` and do not count.
        """
        known = [hand for hand in hands if 'views_agree' in hand]
        if known:  # it is the same in all views
            self._agree.append(bool(known[0]['views_agree']))
            self._scores += [float(hand['hand_score']) for hand in known]

    def summary(self) -> str:
        """In how many time steps views disagree; empty if they do in none."""
        disagree = self._agree.count(False)
        if not disagree:
            return ''
        number = len(self._agree)
        return (
            f'views disagree in {disagree} of {number} time step'
            f'{"" if number == 1 else "s"}, mean hand_score {self._mean_score():.2f}'
        )

    def problem(self) -> str | None:
        """What may be wrong if views disagree in most time steps, or agree on hands
        of a low score; else None."""
        if 2 * self._agree.count(False) > len(self._agree):
            return (
                f'{self.summary()}: look whether the hands are right. It may be the '
                'wrong hand side (--hand-side), exchanged or moved cameras, a calibration '
                'that is read with the wrong --unit, --axes or --extrinsics (rig2coco.py '
                'and check_rig.py find which), views that are not synchronised '
                '(--offset), or a network that does not know such hands'
            )
        if self._scores and self._mean_score() < _LEAST_SCORE:
            return (
                f'mean hand_score {self._mean_score():.2f}: most views agree, but crops '
                'or views of a hand are far apart. Look whether the boxes and the hands '
                'are right; it may be a network that does not know such hands'
            )
        return None

    def _mean_score(self) -> float:
        return sum(self._scores) / len(self._scores)
