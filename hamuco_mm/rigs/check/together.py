"""What several recordings of the same cameras say together."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from ...cameras import Cameras
from .diagnosis import check_rig
from .finding import Finding, RigReport
from .observations import RigObservations

# Fewer recordings do not outvote one.
_LEAST_SEQUENCES = 3
# Labels are bad if half of the recordings have a misfit (see `Fit`) above: good ones
# leave 0.05 to 0.15 of a right rig. One recording with good labels is to be believed.
_BAD_LABELS = 0.3
# What labels that are wrong throughout a recording look like, too.
_LABELS_MAY_DO = {'unknown', 'camera', 'joints', 'hand'}


def check_together(
    rigs: Mapping[str, RigObservations],
    reports: Mapping[str, RigReport],
    read_as: Mapping | None = None,
    max_shift: int = 10,
) -> tuple[dict[str, RigReport], RigReport | None]:
    """Tell mistakes of the cameras from labels that are wrong in one recording.

    A bad detector is wrong in the same way in all frames of a short recording, and in
    another way in the next: one alone cannot tell that from a camera that does not fit.
    A wrong calibration is wrong in all. So where labels are bad, what a recording has
    against its cameras becomes a note if all of these cameras together are right.

    Args:
        rigs (Mapping): Recordings, by name.
        reports (Mapping): Of :func:`check_rig`, of the same names.
        read_as (Mapping, optional), max_shift (int): See :func:`check_rig`.

    Returns:
        tuple[dict, RigReport | None]: Reports of the recordings, and that of all
        together; None where there was nothing to decide: less than three, other cameras
        in one of them, good labels, or nothing against them that labels may do.
    """
    doubted = [name for name, report in reports.items() if _may_be_labels(report)]
    misfit = np.median([report.misfit for report in reports.values()])
    if len(rigs) < _LEAST_SEQUENCES or misfit < _BAD_LABELS or not doubted:
        return dict(reports), None
    together = joined(rigs.values())
    if together is None:
        return dict(reports), None
    report = check_rig(together, read_as, max_shift)
    if not report.ok:
        return dict(reports), report
    mended = {name: _noted(reports[name], len(rigs)) for name in doubted}
    return {**reports, **mended}, report


def joined(rigs: Iterable[RigObservations]) -> RigObservations | None:
    """Recordings one after the other; None if their cameras stand at
    different places, or move."""
    first, *others = rigs = list(rigs)
    if not all(_same_poses(first, rig) for rig in rigs):
        return None
    lenses = [replace(rig.cameras, lens=rig.lens).as_arrays() for rig in rigs]
    cameras = Cameras.from_arrays(
        {key: np.concatenate([one[key] for one in lenses]) for key in lenses[0]}
    )
    none = np.zeros((1, first.num_views, 1), bool)
    sides = [rig.sides or [''] * rig.num_steps for rig in rigs]
    return replace(
        first,
        points=np.concatenate([rig.points for rig in rigs]),
        weights=np.concatenate([rig.weights for rig in rigs]),
        cameras=cameras.pinhole(),
        lens=cameras.lens,
        frame_ids=[frame for rig in rigs for frame in rig.frame_ids],
        sequences=[sequence for rig in rigs for sequence in rig.sequences],
        sides=[side for of_rig in sides for side in of_rig],
    ).without_joints(none)


def _same_poses(first: RigObservations, rig: RigObservations) -> bool:
    """Whether the cameras stand still at the same places; their images may be cut
    otherwise in each recording."""
    own, given = (one.cameras.as_arrays() for one in (rig, first))
    return (
        rig.names == first.names
        and rig.unchecked == first.unchecked
        and (rig.lens is None) == (first.lens is None)
        and all(np.allclose(own[key], given[key][:1]) for key in ('R', 't'))
    )


def _may_be_labels(report: RigReport) -> bool:
    kinds = {finding.kind for finding in report.findings}
    return bool(kinds) and kinds <= _LABELS_MAY_DO


def _noted(report: RigReport, count: int) -> RigReport:
    """The findings as notes."""
    notes = [
        Finding(
            'labels',
            f'its labels seem to be wrong, not the cameras; alone, it says: {one.message}',
            f'{count} sequences of these cameras fit them together, so do not calibrate '
            'anew: see by browse_dataset.py --mode original what the labels are',
            details=dict(alone=one.kind),
        )
        for one in report.findings
    ]
    return replace(report, findings=[], alternatives=[], notes=[*notes, *report.notes])
