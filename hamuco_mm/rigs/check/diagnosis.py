"""Find out what is wrong with a rig by trying what it might be."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import numpy as np

from ...cameras import Convention
from .hypotheses import Hypothesis, best_order, best_shifts, other_conventions
from .observations import RigObservations
from .remedies import describe
from .reprojection import reprojection_errors
from .scale import scale_finding
from .scoring import Fit, score_fit

# Misfit (see `Fit`) above which nothing fits. Right rigs are at 0.05 to 0.15
# with good labels, and up to 0.5 with labels as wrong as OpenPose's on HanCo.
BAD_FIT = 0.55
# A mistake is named if mending it leaves less than this part of the misfit of
# the views that it concerns.
_BETTER = 0.8
# A view is odd if its misfit is above the first number and above the median of
# the others times the second. Wrong labels of many frames stay below that.
_FITS_NOTHING, _OUTLIER = 0.85, 1.5
# Explanations whose misfits differ by less cannot be told apart.
_ALIKE = 1.1
# Hypotheses are tried on at most this many time steps, in evenly spread pieces.
_MAX_STEPS = 120


@dataclass(frozen=True)
class Finding:
    """Something that is wrong.

    Attributes:
        kind (str): 'extrinsics', 'camera_order', 'synchronisation',
            'camera', 'scale' or 'unknown'.
        message (str): What it is.
        remedy (str): What to do about it.
        misfit (float | None): See :class:`Fit`, after mending.
        details (dict): The same for programs.
    """

    kind: str
    message: str
    remedy: str
    misfit: float | None = None
    details: dict = field(default_factory=dict)


@dataclass(frozen=True)
class RigReport:
    """Result of :func:`check_rig`.

    Attributes:
        findings (list[Finding]): Empty for a rig that is right.
        misfit (float): See :class:`Fit`; of the rig as it is.
        alternatives (list[Finding]): Other explanations that fit as well as
            the first finding.
        by_camera, by_joint (dict): Median and mean error in pixels and the
            share of inliers, of each camera and each joint.
        overall (dict): The same for all labels.
        hand_size (float | None): Length from wrist to middle fingertip,
            metres, as triangulated.
    """

    findings: list[Finding]
    misfit: float
    alternatives: list[Finding]
    by_camera: dict[str, dict]
    by_joint: dict[str, dict]
    overall: dict
    hand_size: float | None

    @property
    def ok(self) -> bool:
        return not self.findings

    def as_dict(self) -> dict:
        return dict(ok=self.ok, **asdict(self))


def check_rig(
    rig: RigObservations, read_as: Mapping | None = None, max_shift: int = 10
) -> RigReport:
    """Check cameras against labels, and name the mistake where they differ.

    Each known mistake is mended in turn, and the labels triangulated anew:
    extrinsics of another meaning (inverse, transposed, a camera's place for
    a translation, other axes), calibrations of other cameras, time steps that
    do not belong together, one camera that fits nothing. The length of the
    hand tells the unit. Two mistakes at once are looked for when one does not
    explain the error.

    Args:
        rig (RigObservations): Labels and cameras.
        read_as (Mapping, optional): From what the calibration was read, as
            in the calibration's ``read_as``, to name the option to change.
        max_shift (int): Largest shift in time steps. Defaults to 10.

    Returns:
        RigReport: Errors, and what is wrong.
    """
    read_as = dict(read_as or {})
    current = Convention(
        read_as.get('extrinsics', 'world2cam'), read_as.get('axes', 'opencv')
    )
    few = _few(rig, max_shift)
    given = score_fit(few)
    ranked = _candidates(few, current, given, max_shift)
    findings, alternatives = [], []
    mended = rig
    if ranked:
        best, fit = ranked[0]
        findings.append(_finding(best, fit, rig, current, read_as))
        alternatives = [
            _finding(other, other_fit, rig, current, read_as)
            for other, other_fit in ranked[1:]
            if other_fit.misfit < _ALIKE * fit.misfit + 0.002
        ]
        mended = best.apply(rig, current)
    elif given.misfit > BAD_FIT:
        findings.append(_unknown(given, rig))
    errors = reprojection_errors(rig)
    points = errors.points if mended is rig else reprojection_errors(mended).points
    size, wrong_scale = None, None
    if not any(finding.kind == 'unknown' for finding in findings):
        size, wrong_scale = scale_finding(points, read_as)
    if wrong_scale is not None:
        findings.append(Finding('scale', **wrong_scale))
    return RigReport(
        findings,
        given.misfit,
        alternatives,
        errors.by_camera(),
        errors.by_joint(),
        errors.overall(),
        size,
    )


def _few(rig: RigObservations, max_shift: int) -> RigObservations:
    """Pieces of the recording, long enough to be shifted in time."""
    if rig.num_steps <= _MAX_STEPS:
        return rig
    piece = max(20, 4 * max_shift)
    count = max(1, _MAX_STEPS // piece)
    starts = np.linspace(0, rig.num_steps - piece, count).astype(int)
    chosen = np.unique(
        np.concatenate([np.arange(start, start + piece) for start in starts])
    )
    return rig.take(chosen)


def _candidates(
    rig: RigObservations, current: Convention, given: Fit, max_shift: int
) -> list:
    """Hypotheses that explain the misfit, best first, with their fits."""

    def explain(hypotheses, factor=_BETTER):
        found = []
        for hypothesis in hypotheses:
            fit = score_fit(hypothesis.apply(rig, current))
            views = hypothesis.views(rig.num_views)
            if fit.misfit < given.misfit and (
                np.nanmean(fit.per_view[views])
                < factor * np.nanmean(given.per_view[views])
            ):
                found.append((hypothesis, fit))
        return sorted(found, key=lambda pair: pair[1].misfit)

    conventions = [Hypothesis(c) for c in other_conventions(current)]
    single = list(conventions)
    order, shifts = best_order(rig), best_shifts(rig, max_shift)
    if order is not None:
        single.append(Hypothesis(order=order))
    if shifts is not None:
        single.append(Hypothesis(shifts=shifts))
    single = explain(single)
    least = single[0][1].misfit if single else given.misfit
    if least < BAD_FIT / 2:
        return single or _odd_view(rig, given)
    two_mistakes = []
    for hypothesis in [Hypothesis(), *conventions]:
        convention = hypothesis.convention
        mended = hypothesis.apply(rig, current)
        order = best_order(mended)
        if order is not None:
            mended = mended.reordered(order)
            two_mistakes.append(Hypothesis(convention, order))
        shifts = best_shifts(mended, max_shift)
        if shifts is not None:
            two_mistakes.append(Hypothesis(convention, order, shifts))
    # two mistakes explain more than one: they have to explain much more
    double = [
        (hypothesis, fit)
        for hypothesis, fit in explain(two_mistakes)
        if hypothesis.num_mistakes > 1 and fit.misfit < 0.7 * least
    ]
    return sorted(single + double, key=lambda pair: pair[1].misfit) or _odd_view(
        rig, given
    )


def _odd_view(rig: RigObservations, given: Fit) -> list:
    """A view that fits nothing, while the others fit each other."""
    if rig.num_views < 3:
        return []
    fits = {
        view: score_fit(rig.without(view))
        for view in range(rig.num_views)
        if np.isfinite(given.per_view[view])
    }
    view, *others = sorted(fits, key=lambda v: fits[v].misfit)
    explains = (
        fits[view].misfit < 0.7 * given.misfit
        and fits[view].misfit < 0.7 * fits[others[0]].misfit
    )
    rest = np.delete(given.per_view, view)
    stands_out = given.per_view[view] > max(
        _FITS_NOTHING, _OUTLIER * np.nanmedian(rest)
    )
    if explains or stands_out:
        return [(Hypothesis(without=view), fits[view])]
    return []


def _finding(
    hypothesis: Hypothesis,
    fit: Fit,
    rig: RigObservations,
    current: Convention,
    read_as: Mapping,
) -> Finding:
    kind, message, remedy, details = describe(hypothesis, rig.names, current, read_as)
    return Finding(kind, message, remedy, fit.misfit, details)


def _unknown(given: Fit, rig: RigObservations) -> Finding:
    worst = rig.names[int(np.nanargmax(given.per_view))]
    return Finding(
        'unknown',
        'cameras and labels do not fit each other, and none of '
        f'the known mistakes explains it; camera {worst!r} is the worst',
        'See by browse_dataset.py whether the labels lie on the same hand in '
        'all views and K belongs to images of this size; then calibrate anew',
        details=dict(worst_camera=worst),
    )
