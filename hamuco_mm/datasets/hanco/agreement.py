"""Whether the labels, images, cameras and 3D joints of a data set belong together."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ...cameras import pinhole_pixels, points_in_camera
from ..plausible import refuse_labels_in_parts
from .index import HanCoIndex

# Views that are looked at: some that follow each other, with all cameras, at some
# places of the data set. The index may lie on a slow disk.
_PLACES, _AT_EACH = 16, 16
# Less than this part of the joints where they should be is no matter of a few wrong
# labels, nor of hands at the border of the image.
_MOST = 0.5
# Of the image's width and height: no recording has hands in one corner of all views.
_CORNER = 0.5
# Of the image's width. Detectors are off by a few hundredths.
_FAR = 0.25


class _Views(NamedTuple):
    """Some views: arrays of N rows, see ``VIEW_COLUMNS`` of the scan."""

    points: np.ndarray
    known: np.ndarray
    size: np.ndarray
    camera: np.ndarray
    projected: np.ndarray

    def of(self, chosen: np.ndarray) -> '_Views':
        return _Views(*(column[chosen] for column in self))


def disagreements(
    source: str,
    index: HanCoIndex,
    rows: np.ndarray,
    fixed_bbox: Sequence[float] | np.ndarray | None = None,
) -> Iterator[str]:
    """What a look at some views says against the data set, a line each.

    Args:
        source (str): Its directory, for messages.
        index (HanCoIndex): Its labels, cameras and 3D joints.
        rows (np.ndarray): Of the views that are used.
        fixed_bbox (Sequence[float], optional): Box x1, y1, x2, y2 in pixels, where one
            is the crop of all images.

    Raises:
        ValueError: If no label has a coordinate above 1.
    """
    views = _look(index, rows)
    largest = np.abs(views.points[views.known]).max(initial=0)
    refuse_labels_in_parts(source, float(largest))
    views = views.of((views.size > 0).all(1))
    if not views.known.any():
        return
    for camera in np.unique(views.camera).tolist():
        yield from _outside(camera, views.of(views.camera == camera))
    yield from _in_a_corner(views)
    if fixed_bbox is not None:
        yield from _beside(np.asarray(fixed_bbox), views)
    yield from _apart(views)


def _look(index: HanCoIndex, rows: np.ndarray) -> _Views:
    starts = np.linspace(0, max(len(rows) - _AT_EACH, 0), _PLACES).astype(int)
    places = (starts[:, None] + np.arange(_AT_EACH)).ravel()
    rows = rows[np.unique(places[places < len(rows)])]
    return _Views(
        points=index['keypoints'][rows],
        known=index['confidence'][rows] > 0,
        size=index['image_size'][rows],
        camera=index['camera'][rows],
        projected=_project(index, rows),
    )


def _project(index: HanCoIndex, rows: np.ndarray) -> np.ndarray:
    """3D joints as the cameras see them, (N, 21, 2) pixels; infinite behind a camera,
    NaN where either is not known."""
    if 'frame_xyz' not in index or 'K' not in index:
        return np.full((len(rows), *index['keypoints'].shape[1:]), np.nan)
    world = index['frame_xyz'][index['frame'][rows]]
    joints = points_in_camera(world, index['R'][rows], index['t'][rows])
    with np.errstate(divide='ignore', invalid='ignore'):
        pixels = pinhole_pixels(joints, index['K'][rows])
    return np.where(joints[..., 2:] <= 0, np.inf, pixels)


def _outside(camera: int, views: _Views) -> Iterator[str]:
    part = _part_inside(views, 0, views.size[:, None])
    if part < _MOST:
        width, height = views.size[0]
        yield (
            f'cam{camera}: {1 - part:.0%} of the labelled joints are outside of the '
            f'images, of {width}x{height} pixels: labels are expected in pixels of the '
            'images that are there. Put those there that were labelled, or scale the '
            'labels, and K, to these'
        )


def _in_a_corner(views: _Views) -> Iterator[str]:
    reach = (views.points / views.size[:, None])[views.known].max(0)
    if (reach < _CORNER).all():
        yield (
            'all labelled joints are in the upper left quarter of their images (up to '
            f'{reach[0]:.0%} of the width and {reach[1]:.0%} of the height): labels are '
            'expected in pixels of the images that are there. Scale them, and K'
        )


def _beside(bbox: np.ndarray, views: _Views) -> Iterator[str]:
    part = _part_inside(views, bbox[:2], bbox[2:])
    if part < _MOST:
        width, height = views.size[0]
        yield (
            f"bbox_mode='fixed': {1 - part:.0%} of the labelled joints are outside of "
            f'fixed_bbox={bbox.tolist()}, and images have {width}x{height} pixels. Give '
            "another fixed_bbox, or bbox_mode='keypoints'"
        )


def _apart(views: _Views) -> Iterator[str]:
    known = views.known & ~np.isnan(views.projected).any(-1)
    if not known.any():
        return
    distance = np.linalg.norm(views.projected - views.points, axis=-1)
    apart = np.median((distance / views.size[:, :1])[known])
    if apart > _FAR:
        yield (
            'more than half of the 3D joints, as calib projects xyz, are behind the '
            f'camera, or more than {_FAR:.0%} of the image away from their 2D labels: M '
            'should be world-to-camera in metres, K in pixels of these images, and row '
            'i of both of cam<i>'
        )


def _part_inside(views: _Views, low: np.ndarray | int, high: np.ndarray) -> float:
    """Of the joints with a label, those between two corners; 1 without labels."""
    inside = ((views.points >= low) & (views.points <= high)).all(-1)
    return float(inside[views.known].mean()) if views.known.any() else 1.0
