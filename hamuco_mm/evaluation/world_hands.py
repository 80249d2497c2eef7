"""Predicted hands of calibrated time steps, placed in the world."""
from dataclasses import dataclass
from typing import Optional

import numpy as np
import torch

from ..geometry.center_fitting import fit_center
from ..hand_model.topology import ROOT_JOINT
from .metrics.views import MODE_SUFFIXES
from .predicted_views import PredictedViews


@dataclass(frozen=True)
class WorldHand:
    """One hand of a time step in the world frame, metres.

    Attributes:
        joints (np.ndarray): (21, 3).
        vertices (np.ndarray | None): (778, 3); None where only joints are
            known.
        reprojection_error (np.ndarray): Distance in pixels of the original
            image between the projected joints and each view's own 2D
            prediction, (V, 21).
    """
    joints: np.ndarray
    vertices: Optional[np.ndarray]
    reprojection_error: np.ndarray

    @property
    def root(self) -> np.ndarray:
        """The middle MCP, (3,)."""
        return self.joints[ROOT_JOINT]


def best_mode(views: PredictedViews) -> str:
    """The last stage that was predicted: fusion, interact or single.

    Raises:
        ValueError: If no 3D joints were predicted.
    """
    for mode in reversed(MODE_SUFFIXES):
        if f'keypoints_cam{MODE_SUFFIXES[mode]}' in views.predictions:
            return mode
    raise ValueError('the views have no predicted 3D joints (keypoints_cam)')


def place_in_world(views: PredictedViews, rows: np.ndarray,
                   mode: str) -> WorldHand:
    """Place the hand of one time step so that it projects onto all views.

    The views' root-relative hands, turned into the world, are averaged (those
    of 'fusion' differ in their size alone); one centre is then fitted to the
    views' 2D predictions, the paper's Opt-Center (section 4.3.2).

    Args:
        views (PredictedViews): With 2D and 3D joints.
        rows (np.ndarray): The calibrated views of the time step, (V,).
        mode (str): 'single', 'interact' or 'fusion'.

    Raises:
        ValueError: If fewer than two views are calibrated, or ``mode`` was
            not predicted.
    """
    if not views.calibrated[rows].all() or len(rows) < 2:
        raise ValueError(
            f'time step {views.frame_id[rows[0]]} has '
            f'{views.calibrated[rows].sum()} calibrated views of {len(rows)}: '
            'to place a hand in the world it takes K, R and t of two or more')
    suffix = MODE_SUFFIXES[mode]
    missing = [
        name for name in ('keypoints', f'keypoints_cam{suffix}')
        if name not in views.predictions
    ]
    if missing:
        raise ValueError(f'the predictions have no {", ".join(missing)}; '
                         f'they have {sorted(views.predictions)}')
    K, R, t, dist = (
        torch.from_numpy(views.cameras[name][rows].astype(np.float64))
        for name in ('K', 'R', 't', 'dist'))
    fisheye = torch.from_numpy(views.cameras['fisheye'][rows] == 1)
    joints = turned_to_world(views, rows, f'keypoints_cam{suffix}').mean(0)
    fit = fit_center(
        torch.from_numpy(joints),
        torch.from_numpy(views.predictions['keypoints'][rows]),
        K,
        R,
        t,
        dist.nan_to_num(),
        fisheye=fisheye)
    centre = fit.center.numpy()
    vertices = None
    if f'vertices{suffix}' in views.predictions:
        vertices = centre + turned_to_world(views, rows,
                                            f'vertices{suffix}').mean(0)
    return WorldHand(
        joints=centre + joints,
        vertices=vertices,
        reprojection_error=fit.reprojection_error.numpy())


def turned_to_world(views: PredictedViews, rows: np.ndarray,
                    field: str) -> np.ndarray:
    """Root-relative points of each view, in the world's directions.

    Returns:
        np.ndarray: (V, P, 3) metres, around their root.
    """
    return views.predictions[field][rows].astype(
        np.float64) @ views.cameras['R'][rows]


def truth_in_world(views: PredictedViews, rows: np.ndarray,
                   field: str) -> Optional[np.ndarray]:
    """Ground truth of a time step in the world, (P, 3) metres.

    The first view that has it tells: it is one hand.

    Args:
        views (PredictedViews): The views.
        rows (np.ndarray): Calibrated views of the time step.
        field (str): 'keypoints_cam' or 'vertices'.

    Returns:
        np.ndarray | None: None where no view has it.
    """
    points = views.ground_truth.get(field)
    for row in rows:
        if points is not None and np.isfinite(points[row]).all():
            return (points[row] -
                    views.cameras['t'][row]) @ views.cameras['R'][row]
    return None
