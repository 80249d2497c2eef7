"""Labels that are none, and joints that fit in no view."""

import numpy as np

from ...hand_model import HAND_JOINT_NAMES
from .finding import Finding
from .observations import RigObservations
from .reprojection import INLIER_SHARE, ReprojectionErrors

# A joint never fits if less than this share of its labels agree, and its errors are
# this many times those of the others.
_NEVER_FITS, _WORSE = 0.5, 3.0
# The same of one joint in one view, with so many labels at least.
_CELL_NEVER_FITS, _CELL_LABELS = 0.1, 5
# Views and joints of which this share fits are right but for some labels.
_MOSTLY_FITS = 0.5
# A whole camera never fits.
_CAMERA_NEVER_FITS = 0.25
_REMEDY = (
    'Missing joints need confidence 0 (COCO: visibility 0); otherwise see by '
    'browse_dataset.py --mode original what the labels of these joints are'
)


def placeholders(rig: RigObservations) -> np.ndarray:
    """Labels at the corner (0, 0) of the image, bool (T, V, J): how many programs
    write a joint that they do not know."""
    return (rig.weights > 0) & (np.abs(rig.pixels) < 1e-3).all(-1)


def placeholder_finding(rig: RigObservations, mask: np.ndarray) -> Finding:
    """Says which joints have such labels.

    Args:
        mask (np.ndarray): See :func:`placeholders`, with at least one.
    """
    joints = [name for name, bad in zip(HAND_JOINT_NAMES, mask.any((0, 1))) if bad]
    views = [name for name, bad in zip(rig.names, mask.any((0, 2))) if bad]
    where = 'all views' if len(views) == rig.num_views else ', '.join(views)
    return Finding(
        'joints',
        f'{mask.sum()} labels lie at (0, 0) of the image and have a confidence, '
        f'of {", ".join(joints)} in {where}: these joints never fit',
        _REMEDY,
        details=dict(joints=joints, cameras=views),
    )


def joints_that_never_fit(errors: ReprojectionErrors) -> list[Finding]:
    """Joints, and joints of single cameras, whose labels agree with no other view."""
    found = []
    bad = _bad_joints(errors)
    if bad.any():
        joints = [HAND_JOINT_NAMES[j] for j in np.flatnonzero(bad)]
        found.append(
            Finding(
                'joints',
                f'the labels of {", ".join(joints)} never fit, while other joints do',
                _REMEDY,
                details=dict(joints=joints, cameras=list(errors.cameras)),
            )
        )
    for view in range(len(errors.cameras)):
        cells = _bad_cells(errors, view) & ~bad
        if cells.any():
            joints = [HAND_JOINT_NAMES[j] for j in np.flatnonzero(cells)]
            found.append(
                Finding(
                    'joints',
                    f'the labels of {", ".join(joints)} never fit in camera '
                    f'{errors.cameras[view]!r}, while others of this camera do',
                    _REMEDY,
                    details=dict(joints=joints, cameras=[errors.cameras[view]]),
                )
            )
    return found


def camera_that_never_fits(errors: ReprojectionErrors) -> list[Finding]:
    """Cameras of whose labels hardly any agrees with the points."""
    found = []
    for name, row in errors.by_camera().items():
        if row['labels'] and row['inliers'] < _CAMERA_NEVER_FITS:
            found.append(
                Finding(
                    'camera',
                    f'of the labels of camera {name!r} only {row["inliers"]:.0%} '
                    'fit the other cameras',
                    f'See by browse_dataset.py what the labels of {name!r} are, '
                    'calibrate it anew, or leave it out (view_ids of '
                    'MultiViewDataset)',
                    details=dict(camera=name),
                )
            )
    return found


def _bad_joints(errors: ReprojectionErrors) -> np.ndarray:
    relative = np.moveaxis(errors.relative, -1, 0)
    medians = np.array([_median(of) for of in relative])
    shares = np.array([_inliers(of) for of in relative])
    if not np.isfinite(medians).any():
        return np.zeros(len(medians), bool)
    return (shares < _NEVER_FITS) & (medians > _WORSE * np.nanmedian(medians))


def _bad_cells(errors: ReprojectionErrors, view: int) -> np.ndarray:
    """Joints (J, ) of a view that fits, and that fit in the other views."""
    own = errors.relative[:, view]
    shares = np.array([_inliers(of) for of in own.T])
    others = np.delete(errors.relative, view, axis=1)
    rest = np.array([_inliers(of) for of in np.moveaxis(others, -1, 0)])
    enough = np.isfinite(own).sum(0) >= _CELL_LABELS
    fits = _inliers(own) > _MOSTLY_FITS
    return fits & enough & (shares < _CELL_NEVER_FITS) & (rest > _MOSTLY_FITS)


def _inliers(relative: np.ndarray) -> float:
    known = np.isfinite(relative)
    return float((relative[known] < INLIER_SHARE).mean()) if known.any() else np.nan


def _median(relative: np.ndarray) -> float:
    known = np.isfinite(relative)
    return float(np.median(relative[known])) if known.any() else np.nan
