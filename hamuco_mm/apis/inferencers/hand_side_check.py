"""Notices hands of the other side than was said."""

import logging
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from mmengine.logging import print_log
from mmpose.structures import PoseDataSample

from .time_steps import TimeStep

# Hands that are looked at, and fewest that tell anything.
_MOST_HANDS, _LEAST_HANDS = 8, 6
# Mean `hand_score` below which the side is doubted, and which the other side has to
# have. 30 generated recordings of 2 to 5 views, whose hands and cameras the package's
# network has not seen, had 0.46 to 0.79, and predicted as the other side 0.10 to 0.39
# but for five (0.45 to 0.58). Hands that a network knows badly are low as both sides.
_DOUBTFUL = 0.4
# The other side has to have so many times the score: the right side had 1.4 to 6.2
# times that of the wrong one where that was doubted, and the wrong one never more.
_CLEARLY = 1.5


class HandSideCheck:
    """Predicts the first time steps as the other side, too, where their scores are low,
    and says it if these hands are found much better.

    It needs calibrated views: others, and single images, agree nearly as well on a hand
    of the wrong side.

    Args:
        hand_side (str): The side that was said.
        predict (Callable): From time steps and a side to the samples of each step's
            views.
    """

    def __init__(
        self,
        hand_side: str,
        predict: Callable[
            [Sequence[TimeStep], str], Iterable[Sequence[PoseDataSample]]
        ],
    ):
        self._side, self._predict = hand_side, predict
        self._steps: list[TimeStep] = []
        self._scores: list[float] = []
        self._said = self._found = False

    def add(self, step: TimeStep, samples: Sequence[PoseDataSample]) -> None:
        """A time step and its predictions. After enough of them a problem is logged."""
        scores = _scores(samples)
        if self._said or not scores:
            return
        self._steps.append(step)
        self._scores += scores
        if len(self._scores) >= _MOST_HANDS:
            self.say()

    def say(self) -> bool:
        """Log a problem of what was seen, once; whether there is one."""
        if not self._said and (problem := self.problem()):
            print_log(problem, 'current', logging.WARNING)
            self._found = True
        self._said = True
        self._steps.clear()
        return self._found

    def problem(self) -> str | None:
        """Which side the hands are of, if that is not the one that was said; None if
        it is, or cannot be told."""
        if len(self._scores) < _LEAST_HANDS:
            return None
        score = float(np.mean(self._scores))
        if score >= _DOUBTFUL:
            return None
        other = 'left' if self._side == 'right' else 'right'
        scores = [
            value
            for samples in self._predict(self._steps, other)
            for value in _scores(samples)
        ]
        better = float(np.mean(scores)) if scores else 0.0
        if better < max(_CLEARLY * score, _DOUBTFUL):
            return None
        return (
            f'these seem to be {other} hands: predicted as {self._side} ones their mean '
            f'hand_score is {score:.2f}, as {other} ones {better:.2f}. Give '
            f"hand_side='{other}' (--hand-side {other})"
        )


def _scores(samples: Sequence[PoseDataSample]) -> list[float]:
    return [
        float(score)
        for sample in samples
        if 'hand_scores' in sample.pred_instances
        for score in sample.pred_instances.hand_scores
    ]
