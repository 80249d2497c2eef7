"""Errors of each joint in each view: of labels and of all stages."""

import numpy as np
import torch

from ..cameras.distortion import project_distorted
from ..geometry import world_to_camera
from ..hand_model import HAND_JOINT_NAMES
from .baselines import mean_hand
from .functional import joint_errors, pck_auc
from .hand_metrics import MM_PER_M
from .label_triangulation import triangulate_labels
from .metrics.views import MODE_SUFFIXES

Arrays = dict[str, np.ndarray]


def pixel_errors(arrays: Arrays, resolution: int = 256) -> Arrays:
    """Distances of 2D joints from the projected true ones.

    Args:
        arrays (dict): Of N views, see
            :func:`~hamuco_mm.structures.prediction_file.read_predictions`.
        resolution (int): Side in pixels to which the crop that the network
            saw is scaled (paper, fig. 4: 256); 0 for pixels of the original
            image.

    Returns:
        dict: ``labels`` and the stages that were predicted, (N, 21) pixels;
        NaN where there is no label, truth or camera.
    """
    truth = project_distorted(
        *(
            torch.as_tensor(arrays[name]).double()
            for name in ('gt_joints', 'K', 'dist')
        ),
        torch.as_tensor(arrays['fisheye'] == 1),
    ).numpy()
    labels = np.where(
        arrays['label_scores'][..., None] > 0, arrays['label_keypoints'], np.nan
    )
    sets = dict(labels=labels)
    sets.update({mode: arrays[f'{mode}_keypoints'] for mode in MODE_SUFFIXES})
    unit = resolution / arrays['crop_side'][:, None] if resolution else 1
    errors = {
        name: np.linalg.norm(points - truth, axis=-1) * unit
        for name, points in sets.items()
    }
    return _present(errors)


def distance_errors(
    arrays: Arrays, alignment: str = 'procrustes', hand_model: dict | None = None
) -> Arrays:
    """Distances of 3D joints from the true ones.

    Args:
        arrays (dict): See :func:`pixel_errors`.
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
    sets = {
        f'labels, {method}': points
        for method, points in _triangulated(arrays, hand_model).items()
        if method in ('ransac', 'pictorial')
    }
    sets.update({mode: arrays[f'{mode}_joints'] for mode in MODE_SUFFIXES})
    truth = arrays['gt_joints']
    errors = {}
    for name, points in sets.items():
        errors[name] = np.full(truth.shape[:2], np.nan)
        found = np.isfinite(points + truth).all(axis=(1, 2))
        if found.any():
            errors[name][found] = MM_PER_M * joint_errors(
                points[found].astype(float), truth[found].astype(float), alignment
            )
    return _present(errors)


def summarize_errors(errors: np.ndarray, cameras: np.ndarray, max_error: float) -> dict:
    """Means over all, each joint and each camera; NaN entries do not count.

    Args:
        errors (np.ndarray): (N, 21), any unit.
        cameras (np.ndarray): (N, ) camera ids.
        max_error (float): Largest threshold of the PCK curve.

    Returns:
        dict: ``mean``, ``median``, ``AUC``, ``count``, how many entries
        counted, ``per_joint`` and ``per_camera``: dicts of means.
    """
    known = errors[np.isfinite(errors)]
    joints = zip(HAND_JOINT_NAMES, errors.T)
    views = ((f'cam{c}', errors[cameras == c]) for c in np.unique(cameras))
    return dict(
        mean=float(known.mean()),
        median=float(np.median(known)),
        AUC=pck_auc(known, max_error),
        count=len(known),
        per_joint=_means(joints),
        per_camera=_means(views),
    )


def _means(parts) -> dict[str, float]:
    return {
        name: float(np.nanmean(part)) for name, part in parts if np.isfinite(part).any()
    }


def _present(errors: Arrays) -> Arrays:
    return {
        name: values for name, values in errors.items() if np.isfinite(values).any()
    }


def _triangulated(arrays: Arrays, hand_model: dict | None) -> Arrays:
    """Labels triangulated by all methods, in each view: (N, 21, 3) metres."""
    steps = _time_steps(arrays)
    world = triangulate_labels(steps, mean_hand(hand_model).joints)
    _, step_of_view = np.unique(arrays['item'], return_inverse=True)
    R, t = (torch.as_tensor(arrays[name]).double() for name in 'Rt')
    return {
        method: world_to_camera(points[step_of_view], R, t).numpy()
        for method, points in world.items()
    }


def _time_steps(arrays: Arrays) -> list[list[dict]]:
    """The views as :func:`triangulate_labels` takes them."""
    scores = np.nan_to_num(arrays['label_scores'])
    known = (
        np.isfinite(arrays['K']).all(axis=(1, 2))
        & np.isfinite(arrays['R']).all(axis=(1, 2))
        & np.isfinite(arrays['image_size'][:, 0])
    )
    steps = []
    for item in np.unique(arrays['item']):
        step = []
        for row in np.flatnonzero(arrays['item'] == item):
            view = dict(
                keypoints=arrays['label_keypoints'][row, None],
                keypoints_visible=scores[row, None],
            )
            if known[row]:
                view['image_size'] = arrays['image_size'][row]
                view['camera_param'] = {
                    name: arrays[name][row] for name in ('K', 'R', 't', 'dist')
                }
                if arrays['fisheye'][row]:
                    # its four coefficients, without the filling
                    view['camera_param'].update(
                        dist=arrays['dist'][row, :4], distortion_model='fisheye'
                    )
            step.append(view)
        steps.append(step)
    return steps
