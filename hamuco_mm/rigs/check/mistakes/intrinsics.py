"""K of other images."""

from collections.abc import Iterator

import numpy as np

from ..fitting import few_steps, fit_numbers
from ..observations import RigObservations
from ..scoring import score_fit
from .explanation import Circumstances, Explanation, in_views
from .suspects import suspected_groups

# Sizes of images that cameras and programs have, relative to each other.
_RATIOS = np.array(
    [1 / 4, 1 / 3, 3 / 8, 1 / 2, 2 / 3, 3 / 4, 4 / 3, 3 / 2, 2, 8 / 3, 3, 4]
)
# The same within this factor is no other size.
_SAME_SIZE = 1.03


def resized_images(rig: RigObservations, known: Circumstances) -> Iterator[Explanation]:
    """K belongs to a larger or smaller version of the images."""
    for views in suspected_groups(rig):
        ratio = _best_ratio(rig, views)
        if max(ratio, 1 / ratio) < _SAME_SIZE:
            continue
        yield Explanation(
            'resized',
            f'K belongs to images that are {ratio:.3g} times as large as those of '
            f'the labels, {in_views(rig, views)}',
            _resized(rig, views, ratio),
            views,
            ['--rescale-intrinsics'],
            'the calibration has to give the size of its images; or make the labels on '
            'the images as they are now',
            dict(ratio=ratio, cameras=[rig.names[v] for v in views]),
        )


def cropped_images(rig: RigObservations, known: Circumstances) -> Iterator[Explanation]:
    """The labels of one view, or alike of all, count from another corner than K."""
    for views in suspected_groups(rig):
        yield _cropped(rig, views, alike=True)


def crops_of_all_views(
    rig: RigObservations, known: Circumstances
) -> Iterator[Explanation]:
    """The same, in each view from a corner of its own."""
    yield _cropped(rig, list(range(rig.num_views)), alike=False)


def _cropped(rig: RigObservations, views: list[int], alike: bool) -> Explanation:
    """Labels of a crop, or a principal point that is at a wrong place."""
    unit, count = rig.size[views].mean(), len(views)

    def shifts(numbers: np.ndarray) -> np.ndarray:
        return np.broadcast_to(unit * numbers.reshape(-1, 2), (count, 2))

    moved = shifts(
        fit_numbers(
            rig,
            lambda few, x: _shifted(few, views, shifts(x)),
            np.zeros(2 if alike else 2 * count),
        )
    )
    by = {
        rig.names[view]: [round(float(number), 1) for number in shift]
        for view, shift in zip(views, moved, strict=True)
    }
    return Explanation(
        'cropped',
        'the labels lie beside the points, and fit if these pixels (x, y) are added: '
        + ', '.join(f'{name} ({x:g}, {y:g})' for name, (x, y) in by.items())
        + '. They count from the corner of a crop, or the principal point of K '
        'is at a wrong place, or the camera was turned a little',
        _shifted(rig, views, moved),
        views,
        advice="Add the crop's corner to the labels, or give K of the cropped "
        'images (cx and cy less the corner)',
        details=dict(shift_px=by),
    )


def _best_ratio(rig: RigObservations, views: list[int]) -> float:
    few = few_steps(rig)
    misfits = [score_fit(_resized(few, views, ratio)).misfit for ratio in _RATIOS]
    (log,) = fit_numbers(
        few,
        lambda few, x: _resized(few, views, float(np.exp(x[0]))),
        np.log([_RATIOS[int(np.argmin(misfits))]]),
    )
    return float(np.exp(log))


def _resized(rig: RigObservations, views: list[int], ratio: float) -> RigObservations:
    # pixel centres are integers: the image's edge is at -0.5
    matrix = np.array([[ratio, 0, (ratio - 1) / 2], [0, ratio, (ratio - 1) / 2]])
    return rig.warped(views, np.repeat(matrix[None], len(views), 0))


def _shifted(rig: RigObservations, views: list[int], by: np.ndarray) -> RigObservations:
    """The labels moved by pixels, (N, 2)."""
    linear = np.repeat(np.eye(2)[None], len(views), 0)
    return rig.warped(views, np.concatenate([linear, by[..., None]], -1))
