"""Try what may be wrong, one mistake after the other."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from .hand_shape import hand_shape
from .mistakes import (
    MANY_NUMBERS,
    NUMBERS,
    PAIRS,
    READINGS,
    Circumstances,
    Explanation,
    Mistake,
)
from .observations import RigObservations
from .scoring import Fit, score_fit
from .verdict import Verdict

# Explanations whose misfits differ by less cannot be told apart.
_ALIKE, _ALIKE_MISFIT = 1.1, 0.002
# Two mistakes explain more than one: they have to explain much more.
_TWO_MISTAKES = 0.7
# A camera is left out if that leaves less than this part of the misfit, and less than
# this part of what leaving out any other camera leaves.
_WITHOUT = 0.7
# A view is odd if its misfit is above the first number and above the median of
# the others times the second. Wrong labels of many frames stay below that.
_FITS_NOTHING, _OUTLIER = 0.85, 1.5


@dataclass
class Search:
    """What was tried.

    Attributes:
        rig (RigObservations): As it is.
        known (Circumstances): Of its files.
        verdict (Verdict): What is to be expected of its labels.
        given (Fit): Of the rig.
        tried (list): All explanations with their fits, in the order of trial.
    """

    rig: RigObservations
    known: Circumstances
    verdict: Verdict
    given: Fit
    tried: list[tuple[Explanation, Fit]] = field(default_factory=list)
    _least_reading: float = field(default=np.inf, init=False)

    def explanations(self) -> list[tuple[Explanation, Fit]]:
        """What explains the misfit. All explain it as well; the first shows what looks
        most like a hand. Empty if nothing does."""
        stages = (
            self._readings,
            lambda: self._numbers(NUMBERS) + self._two_mistakes(),
            self._odd_view,
            lambda: self._numbers(MANY_NUMBERS),
        )
        for stage in stages:
            found = stage()
            if found:
                best = min(fit.misfit for _, fit in found)
                alike = [
                    (explanation, fit)
                    for explanation, fit in found
                    if fit.misfit <= _ALIKE * best + _ALIKE_MISFIT
                ]
                return sorted(alike, key=_unlike_a_hand)
        return []

    def closest(self, count: int) -> list[tuple[Explanation, Fit]]:
        """Of all that was tried, what leaves least."""
        return sorted(self.tried, key=lambda pair: pair[1].misfit)[:count]

    def _that_explain(
        self, explanations: Iterable[Explanation], fitted: bool = False
    ) -> list[tuple[Explanation, Fit]]:
        found = []
        for explanation in explanations:
            fit = score_fit(explanation.mended)
            self.tried.append((explanation, fit))
            if self.verdict.explains(self.given, fit, explanation.views, fitted):
                found.append((explanation, fit))
        return found

    def _readings(self) -> list[tuple[Explanation, Fit]]:
        found = self._that_explain(
            explanation
            for mistake in READINGS
            for explanation in mistake(self.rig, self.known)
        )
        self._least_reading = min((fit.misfit for _, fit in self.tried), default=np.inf)
        return found

    def _numbers(self, mistakes: tuple[Mistake, ...]) -> list[tuple[Explanation, Fit]]:
        if not self.verdict.has_excess(self.given):
            return []
        return self._that_explain(
            (
                explanation
                for mistake in mistakes
                for explanation in mistake(self.rig, self.known)
            ),
            fitted=True,
        )

    def _two_mistakes(self) -> list[tuple[Explanation, Fit]]:
        if not self.verdict.is_bad(self.given):
            return []
        least = min(self.given.misfit, self._least_reading)
        return [
            (explanation, fit)
            for explanation, fit in self._that_explain(
                first.then(second)
                for one, other in PAIRS
                for first in one(self.rig, self.known)
                if len(first.views) == self.rig.num_views
                for second in other(first.mended, self.known)
            )
            if fit.misfit < _TWO_MISTAKES * least
        ]

    def _odd_view(self) -> list[tuple[Explanation, Fit]]:
        """A view that fits nothing, while the others fit each other."""
        rig, given = self.rig, self.given
        known = np.flatnonzero(np.isfinite(given.per_view))
        if len(known) < 3 or not self.verdict.has_excess(given):
            return []
        fits = {int(view): score_fit(rig.without(view)) for view in known}
        view, *others = sorted(fits, key=lambda v: fits[v].misfit)
        rest = np.delete(given.per_view, view)
        explains = (
            fits[view].misfit < _WITHOUT * given.misfit
            and fits[view].misfit < _WITHOUT * fits[others[0]].misfit
        )
        stands_out = given.per_view[view] > max(
            _FITS_NOTHING, _OUTLIER * np.nanmedian(rest)
        )
        if not (explains or stands_out) or self.verdict.is_bad(fits[view]):
            return []
        name = rig.names[view]
        explanation = Explanation(
            'camera',
            f'camera {name!r} does not fit the others, which fit each other: it was '
            'moved, its K belongs to other images, or its labels are wrong or of '
            'another hand',
            rig.without(view),
            [view],
            advice=f'Calibrate {name!r} anew, or leave it out (view_ids of '
            'MultiViewDataset)',
            details=dict(camera=name),
        )
        return [(explanation, fits[view])]


def _unlike_a_hand(explained: tuple[Explanation, Fit]) -> float:
    shape = hand_shape(explained[1].points)
    return 1.0 if shape is None else shape.misfit
