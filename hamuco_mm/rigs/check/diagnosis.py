"""Find out what is wrong with a rig by trying what it might be."""

from collections.abc import Mapping

import numpy as np

from .finding import Finding, RigReport
from .hand import order_finding, side_notes
from .labels import (
    camera_that_never_fits,
    joints_that_never_fit,
    placeholder_finding,
    placeholders,
)
from .mistakes import Circumstances, Explanation
from .observations import RigObservations
from .reprojection import reprojection_errors
from .scale import scale_finding
from .scoring import Fit, score_fit
from .search import Search
from .verdict import Verdict

# Mistakes are tried on at most this many time steps, in evenly spread pieces.
_MAX_STEPS = 120
# How many of the tried mistakes a report names where none explains the errors.
_CLOSEST = 3


def check_rig(
    rig: RigObservations, read_as: Mapping | None = None, max_shift: int = 10
) -> RigReport:
    """Check cameras against labels, and name the mistake where they differ.

    Each known mistake (:mod:`.mistakes`) is mended in turn, and the labels triangulated
    anew. It is the explanation if what is left is what labels of this noise leave of a
    right rig; two mistakes at once are looked for when one does not explain the errors.
    If nothing does, the report says so, and what came closest. The triangulated hand
    tells the unit, the order of the joints and the side.

    Args:
        rig (RigObservations): Labels and cameras.
        read_as (Mapping, optional): From what the calibration was read, as
            in the calibration's ``read_as``, to name the option to change.
        max_shift (int): Largest shift in time steps. Defaults to 10.

    Returns:
        RigReport: Errors, and what is wrong.
    """
    read_as = dict(read_as or {})
    errors = reprojection_errors(rig)
    findings: list[Finding] = []
    nothing = placeholders(rig)
    labelled = rig
    if nothing.any():
        findings.append(placeholder_finding(rig, nothing))
        labelled = rig.without_joints(nothing)
    few = _few(labelled, max_shift)
    given = score_fit(few)
    search = Search(few, Circumstances(read_as, max_shift), Verdict.of(few), given)
    explained = [] if search.verdict.quiet(given) else search.explanations()
    alternatives = [_finding(*pair) for pair in explained[1:]]
    notes: list[Finding] = []
    size = None
    if explained:
        findings.append(_finding(*explained[0]))
        few = explained[0][0].mended
    if not explained and search.verdict.is_bad(given):
        findings.append(_unknown(search))
    else:
        of_few = reprojection_errors(few)
        findings += joints_that_never_fit(of_few)
        points, wrong_order = order_finding(few, of_few.points)
        findings += wrong_order
        size, wrong_scale = scale_finding(points, read_as)
        # what is no hand has no length
        if wrong_scale is not None and not any(f.kind == 'hand' for f in findings):
            findings.append(Finding('scale', **wrong_scale))
        if not explained:
            findings += camera_that_never_fits(of_few)
        notes = side_notes(points, few.sides)
    return RigReport(
        findings,
        given.misfit,
        alternatives,
        errors.by_camera(),
        errors.by_joint(),
        errors.overall(),
        size,
        notes,
        dict(rig.unchecked),
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


def _finding(explanation: Explanation, fit: Fit) -> Finding:
    return Finding(
        explanation.kind,
        explanation.message,
        explanation.remedy,
        fit.misfit,
        explanation.details,
    )


def _unknown(search: Search) -> Finding:
    given, names = search.given, search.rig.names
    worst = names[int(np.nanargmax(given.per_view))]
    tried = [
        dict(
            kind=explanation.kind,
            message=explanation.message,
            median_px=_pixels(fit),
            misfit=fit.misfit,
        )
        for explanation, fit in search.closest(_CLOSEST)
    ]
    return Finding(
        'unknown',
        f'cameras and labels do not fit each other (median {_pixels(given):.1f} px), and '
        f'none of the known mistakes explains it; camera {worst!r} is the worst. '
        'Closest came: '
        + '; '.join(
            f'{one["message"]} (leaves {one["median_px"]:.1f} px)' for one in tried
        ),
        'See by browse_dataset.py whether the labels lie on the same hand in '
        'all views and K belongs to images of this size; then calibrate anew',
        details=dict(worst_camera=worst, tried=tried),
    )


def _pixels(fit: Fit) -> float:
    """Median error of the views."""
    return float(np.nanmedian(fit.pixels))
