"""World errors of triangulated 2D labels."""

from collections.abc import Iterable
from itertools import islice

import numpy as np
from torch import Tensor

from ..datasets.label_triangulation import (
    RANSAC_THRESHOLD,
    camera_of,
    triangulate_labels,
)
from .metrics import AbsoluteHandMetric

# Time steps held in memory at a time.
_CHUNK = 256
_MEASURES = ('MPJPE', 'RR-MPJPE', 'PA-MPJPE', 'ACC', 'reprojection_px')


def evaluate_absolute_baselines(
    time_steps: Iterable[list[dict]],
    mean_joints: Tensor,
    threshold: float = RANSAC_THRESHOLD,
) -> dict[str, dict[str, float]]:
    """Measures of :class:`AbsoluteHandMetric` of the triangulated labels.

    Args:
        time_steps (Iterable[list[dict]]): Of each time step the data infos
            of its views, as for :func:`triangulate_labels`, with ``frame_id``
            and ``keypoints_cam`` (1, 21, 3). Steps without true joints, or
            with fewer than two calibrated views, are left out.
        mean_joints (Tensor): (21, 3) joints of a hand of mean shape, metres.
        threshold (float): Largest error of an inlier, see :func:`triangulate_labels`.

    Returns:
        dict: Of each method ``MPJPE``, ``RR-MPJPE``, ``PA-MPJPE`` and ``ACC``
        (where frames follow each other) in mm, ``reprojection_px``,
        ``time_steps``, how many were averaged, and ``time_steps_left_out``,
        how many have a joint that is labelled in fewer than two views.

    Raises:
        ValueError: If no time step has true joints and two cameras.
    """
    metrics: dict[str, AbsoluteHandMetric] = {}
    total = 0
    usable = filter(None, map(_calibrated_views, time_steps))
    while chunk := list(islice(usable, _CHUNK)):
        total += len(chunk)
        triangulated = triangulate_labels(chunk, mean_joints, threshold)
        for method, points in triangulated.items():
            metric = metrics.setdefault(method, AbsoluteHandMetric())
            for views, joints in zip(chunk, points.numpy()):
                if np.isfinite(joints).all():
                    metric.process(None, _samples(views, joints))
    if not total:
        raise ValueError(
            'no time step has keypoints_cam and two calibrated views: without '
            "3D ground truth and cameras (HanCo's xyz and calib folders; in data "
            'infos keypoints_cam, camera_param and image_size, width and height) '
            'there is nothing to compare with'
        )
    rows = {}
    for method, metric in metrics.items():
        found = len(metric.results)
        measures = metric.compute_metrics(metric.results) if found else {}
        rows[method] = {
            name: measures[f'opt_center/{name}']
            for name in _MEASURES
            if f'opt_center/{name}' in measures
        }
        rows[method].update(time_steps=found, time_steps_left_out=total - found)
    return rows


def _calibrated_views(views: list[dict]) -> list[dict]:
    """The views with a camera; none where that is too little to compare."""
    views = [view for view in views if camera_of(view) is not None]
    if len(views) < 2 or not any('keypoints_cam' in view for view in views):
        return []
    return views


def _samples(views: list[dict], joints: np.ndarray) -> list[dict]:
    """Views as the metric takes them, with world joints as the prediction."""
    world = joints[None]
    return [
        dict(
            frame_id=view['frame_id'],
            camera_id=view['camera_id'],
            view_index=index,
            num_views=len(views),
            camera_param=view['camera_param'],
            gt_instances={
                name: view[name] for name in ('keypoints_cam',) if name in view
            },
            # one method at a time, in the fields of both that the metric has
            pred_instances=dict(
                keypoints=view['keypoints'],
                keypoints_world=world,
                keypoints_world_ransac=world,
            ),
        )
        for index, view in enumerate(views)
    ]
