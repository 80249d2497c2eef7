"""Whether the labels, images, cameras and 3D joints of a data set belong together."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ...cameras import pinhole_pixels, points_in_camera
from ..label_places import MOST, LabelledViews, misplaced_labels, part_inside
from ..plausible import refuse_labels_in_parts
from .index import HanCoIndex

# Views that are looked at: some that follow each other, with all cameras, at some
# places of the data set. The index may lie on a slow disk.
_PLACES, _AT_EACH = 16, 16
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
    cameras = [f'cam{number}' for number in views.camera.tolist()]
    yield from misplaced_labels(
        LabelledViews(views.points, views.known, views.size, cameras)
    )
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


def _beside(bbox: np.ndarray, views: _Views) -> Iterator[str]:
    part = part_inside(views.points, views.known, bbox[:2], bbox[2:])
    if part < MOST:
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
