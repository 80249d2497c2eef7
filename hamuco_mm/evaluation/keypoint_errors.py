"""Errors of each joint in each view: of labels and of all stages."""

import numpy as np
import torch

from ..cameras import Camera, unstack_cameras
from ..datasets.label_triangulation import triangulate_labels
from ..structures import PredictedViews, Stage
from .baselines import mean_hand
from .error_tables import by_camera, by_joint
from .functional import joint_errors, pck_auc
from .hand_metrics import MM_PER_M

Arrays = dict[str, np.ndarray]


def pixel_errors(views: PredictedViews, resolution: int = 256) -> Arrays:
    """Distances of 2D joints from the projected true ones.

    Args:
        views (PredictedViews): N views.
        resolution (int): Side in pixels to which the crop that the network
            saw is scaled (paper, fig. 4: 256); 0 for pixels of the original
            image.

    Returns:
        dict: ``labels`` and the stages that were predicted, (N, 21) pixels;
        NaN where there is no label, truth or camera.
    """
    truth = views.ground_truth.get('keypoints_cam')
    if truth is None:
        return {}
    seen = views.cameras.project(torch.as_tensor(truth).double()).numpy()
    sets = _predicted(views, 'keypoints')
    if 'keypoints' in views.ground_truth:
        labelled = views.ground_truth['keypoints_visible'][..., None] > 0
        labels = np.where(labelled, views.ground_truth['keypoints'], np.nan)
        sets = dict(labels=labels, **sets)
    unit = resolution / views.crop_side[:, None] if resolution else 1
    errors = {
        name: np.linalg.norm(points - seen, axis=-1) * unit
        for name, points in sets.items()
    }
    return _known(errors)


def distance_errors(
    views: PredictedViews,
    alignment: str = 'procrustes',
    hand_model: dict | None = None,
) -> Arrays:
    """Distances of 3D joints from the true ones.

    Args:
        views (PredictedViews): N views.
        alignment (str): See
            :func:`~hamuco_mm.evaluation.functional.align_points`.
        hand_model (dict, optional): Arguments of
            :class:`~hamuco_mm.hand_model.MANOLayer`; the lengths of its bones
            limit those of the pictorial structure.

    Returns:
        dict: The triangulated labels (``labels, ransac`` and ``labels,
        pictorial``) and the stages that were predicted, (N, 21) mm; NaN where
        something is missing.
    """
    truth = views.ground_truth.get('keypoints_cam')
    if truth is None:
        return {}
    sets = {
        f'labels, {method}': points
        for method, points in _triangulated(views, hand_model).items()
        if method in ('ransac', 'pictorial')
    }
    sets.update(_predicted(views, 'keypoints_cam'))
    errors = {}
    for name, points in sets.items():
        errors[name] = np.full(truth.shape[:2], np.nan)
        found = np.isfinite(points + truth).all(axis=(1, 2))
        if found.any():
            errors[name][found] = MM_PER_M * joint_errors(
                points[found], truth[found], alignment
            )
    return _known(errors)


def summarize_errors(errors: np.ndarray, cameras: np.ndarray, max_error: float) -> dict:
    """Means over all, each joint and each camera; NaN entries do not count.

    Args:
        errors (np.ndarray): (N, 21), any unit.
        cameras (np.ndarray): (N,) camera ids.
        max_error (float): Largest threshold of the PCK curve.

    Returns:
        dict: ``mean``, ``median``, ``AUC``, ``count``, how many entries
        counted, ``per_joint`` and ``per_camera``: dicts of means.
    """
    known = errors[np.isfinite(errors)]
    return dict(
        mean=float(known.mean()),
        median=float(np.median(known)),
        AUC=pck_auc(known, max_error),
        count=len(known),
        per_joint=by_joint(errors),
        per_camera={f'cam{c}': mean for c, mean in by_camera(errors, cameras).items()},
    )


def _predicted(views: PredictedViews, field: str) -> Arrays:
    """A predicted field by the stages that have it."""
    return {
        str(stage): views.predictions[stage.field(field)]
        for stage in Stage.present(views.predictions, field)
    }


def _known(errors: Arrays) -> Arrays:
    return {
        name: values for name, values in errors.items() if np.isfinite(values).any()
    }


def _triangulated(views: PredictedViews, hand_model: dict | None) -> Arrays:
    """Labels triangulated by all methods, in each view: (N, 21, 3) metres."""
    if 'keypoints' not in views.ground_truth:
        return {}
    steps = views.time_steps()
    cameras = unstack_cameras(views.cameras)
    world = triangulate_labels(
        [[_labelled_view(views, row, cameras[row]) for row in rows] for rows in steps],
        mean_hand(hand_model).joints,
    )
    step_of_view = np.repeat(np.arange(len(steps)), [len(rows) for rows in steps])
    return {
        method: views.cameras.to_camera(points[step_of_view]).numpy()
        for method, points in world.items()
    }


def _labelled_view(views: PredictedViews, row: int, camera: Camera) -> dict:
    """A view as :func:`triangulate_labels` takes it."""
    labels = views.ground_truth
    view: dict = dict(
        keypoints=labels['keypoints'][row, None],
        keypoints_visible=np.nan_to_num(labels['keypoints_visible'])[row, None],
    )
    if views.calibrated[row] and np.isfinite(views.image_size[row, 0]):
        view['image_size'] = views.image_size[row]
        view['camera_param'] = camera.as_camera_param()
    return view
