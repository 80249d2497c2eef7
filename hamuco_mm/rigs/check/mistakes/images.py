"""Images that stand otherwise than the cameras were calibrated for."""

from collections.abc import Iterator, Mapping

import numpy as np

from ..observations import RigObservations
from .explanation import Circumstances, Explanation, in_views
from .suspects import suspected_groups

# Of pixels that are counted from the image's centre. What was done to the labels
# -> what undoes it.
_FLIPS: Mapping[str, tuple[str, str, list]] = dict(
    upside_down=(
        'y is upside down',
        'Count y of the labels from the top row: y becomes height - 1 - y',
        [[1, 0], [0, -1]],
    ),
    mirrored=(
        'x is mirrored: left and right are exchanged',
        'Do not mirror the images (flip, selfie mode), or count x of the labels from '
        'the left: x becomes width - 1 - x',
        [[-1, 0], [0, 1]],
    ),
)
_TURNS: Mapping[str, tuple[str, list]] = dict(
    clockwise=('90 degrees clockwise', [[0, 1], [-1, 0]]),
    counterclockwise=('90 degrees counterclockwise', [[0, -1], [1, 0]]),
    half=('180 degrees', [[-1, 0], [0, -1]]),
)


def flipped_images(rig: RigObservations, known: Circumstances) -> Iterator[Explanation]:
    """y counted from the bottom, or x from the right."""
    for name, (message, advice, matrix) in _FLIPS.items():
        for views in suspected_groups(rig):
            yield Explanation(
                name,
                f'{message} {in_views(rig, views)}',
                _moved(rig, views, matrix),
                views,
                advice=advice,
                details=dict(cameras=[rig.names[v] for v in views]),
            )


def turned_images(rig: RigObservations, known: Circumstances) -> Iterator[Explanation]:
    """Portrait and landscape: the labels' images are those of the calibration,
    turned."""
    for name, (angle, matrix) in _TURNS.items():
        for views in suspected_groups(rig):
            yield Explanation(
                'turned',
                f'the labels are those of images that are turned by {angle} against '
                f'those of the calibration, {in_views(rig, views)}',
                _moved(rig, views, matrix),
                views,
                advice='Turn the images back, or calibrate with images as they are '
                '(mind the rotation tag of videos and photos), and make the labels '
                'anew',
                details=dict(turn=name, cameras=[rig.names[v] for v in views]),
            )


def _moved(rig: RigObservations, views: list[int], matrix: list) -> RigObservations:
    """The labels turned about the images' centres."""
    linear = np.array(matrix, float)
    matrices = []
    for view in views:
        before, after = _centres(rig, view, exchanged=not linear[0, 0])
        matrices.append(np.column_stack([linear, after - linear @ before]))
    return rig.warped(views, np.array(matrices))


def _centres(
    rig: RigObservations, view: int, exchanged: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Of the image that the labels are in, and of the calibration's, (2, ).

    Args:
        exchanged (bool): Whether these differ in what is width and what height.
    """
    if rig.image_sizes is not None and np.isfinite(rig.image_sizes[view]).all():
        centre = (rig.image_sizes[view] - 1) / 2
        return centre, centre[::-1] if exchanged else centre
    # the principal point is about there
    centre = rig.cameras.K[:, view, :2, 2].mean(0).numpy()
    return centre[::-1] if exchanged else centre, centre
