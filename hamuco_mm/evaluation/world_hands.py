"""Predicted hands of calibrated time steps, placed in the world."""

import logging
from dataclasses import dataclass, replace

import numpy as np
import torch
from mmengine.logging import print_log

from ..cameras.center_fitting import fit_center
from ..hand_model.topology import ROOT_JOINT
from ..structures import PredictedViews, Stage
from ..utils.few_names import few

# Pixels beyond which a joint is taken for wrong, where the crop is 256 wide,
# as in OptCenter. A file does not tell the crop; boxes of hands are usually
# taken 1.4 times as wide as their joints.
_NOISE = 20.0
_HAND_WIDTH = 256 / 1.4
# A hand that is not as wide as a pixel gives no scale.
_MIN_EXTENT = 1.0
# What OptCenter says of the fused hand that it has placed in the world.
_OF_FUSED_HAND = ('views_agree', 'world_scores')
# Names in a message.
_MOST_NAMES = 3


@dataclass(frozen=True)
class WorldHand:
    """One hand of a time step in the world frame, metres.

    Attributes:
        joints (np.ndarray): (21, 3).
        vertices (np.ndarray | None): (778, 3); None where only joints are
            known.
        reprojection_error (np.ndarray): Distance in pixels of the original
            image between the projected joints and each view's own 2D
            prediction, (V, 21); NaN where the camera is not known.
    """

    joints: np.ndarray
    vertices: np.ndarray | None
    reprojection_error: np.ndarray

    @property
    def root(self) -> np.ndarray:
        """The middle MCP, (3,)."""
        return self.joints[ROOT_JOINT]


def check_calibrated(views: PredictedViews, rows: np.ndarray) -> None:
    """
    Raises:
        ValueError: If a view of the time step is not calibrated, or it has
            fewer than two.
    """
    if not views.calibrated[rows].all() or len(rows) < 2:
        raise ValueError(
            f'time step {views.frame_id[rows[0]]} has '
            f'{views.calibrated[rows].sum()} calibrated views of {len(rows)}: '
            'to place a hand in the world it takes K, R and t of two or more'
        )


def seen_by_several(views: PredictedViews) -> PredictedViews:
    """The views of time steps that several views have a hand of. Those that one view
    has alone, as where the other camera lost an image, have no place in the world: a
    warning names them.

    Args:
        views (PredictedViews): Of any time steps; where all have one view they stay,
            for who needs several to say so.
    """
    steps = views.time_steps()
    kept = [rows for rows in steps if len(rows) > 1]
    if not kept or len(kept) == len(steps):
        return views
    alone = [str(views.frame_id[rows[0]]) for rows in steps if len(rows) == 1]
    print_log(
        f'{len(alone)} of {len(steps)} time steps have a hand in one view alone, and so '
        f'no place in the world: left out are {few(alone, _MOST_NAMES)}',
        'current',
        logging.WARNING,
    )
    return views.select(np.concatenate(kept).tolist())


def place_in_world(views: PredictedViews, rows: np.ndarray, stage: Stage) -> WorldHand:
    """Place the hand of one time step so that it projects onto all views.

    The fused hand is where the model has placed it, if it has
    (``keypoints_world``, ``vertices_world``); this takes no cameras. Else the
    views' root-relative hands, turned into the world, are averaged; one
    centre is then fitted to the 2D predictions, the paper's Opt-Center
    (section 4.3.2). As in the model these are those after the interaction,
    or, without it and for the single views' hands, the single views', and
    pixels are those of an image in which the hand is as wide as the model's
    crop.

    Args:
        views (PredictedViews): With 2D and 3D joints.
        rows (np.ndarray): The views of the time step, (V,).
        stage (Stage): Whose hand.

    Raises:
        ValueError: If there is no such place and ``stage`` was not predicted,
            or the views are not :func:`calibrated <check_calibrated>`.
    """
    placed = _placed(views, rows) if stage is Stage.FUSION else None
    joints, vertices = placed or _fitted(views, rows, stage)
    return WorldHand(joints, vertices, _pixels_off(views, rows, joints))


def placed_in_world(views: PredictedViews, stage: Stage) -> PredictedViews:
    """The views with ``keypoints_world`` and, where there are meshes,
    ``vertices_world`` of a stage, the same in each view of a time step, and with
    the ``reprojection_error`` of that hand; see :func:`seen_by_several`.

    What the predictions say of the fused hand in the world (``views_agree``,
    ``world_scores``) is left out with another stage.

    Args:
        views (PredictedViews): See :func:`place_in_world`.
        stage (Stage): Whose hands.

    Raises:
        ValueError: See :func:`place_in_world`.
    """
    views = seen_by_several(views)
    steps = views.time_steps()
    hands = [place_in_world(views, rows, stage) for rows in steps]
    sizes = list(map(len, steps))
    known = dict(
        views.predictions,
        keypoints_world=np.repeat([hand.joints for hand in hands], sizes, 0),
    )
    error = np.concatenate([hand.reprojection_error for hand in hands])
    if stage is Stage.FUSION:
        stored = known.get('reprojection_error', error)
        error = np.where(np.isfinite(stored), stored, error)
    else:
        known = {name: x for name, x in known.items() if name not in _OF_FUSED_HAND}
    known['reprojection_error'] = error
    known.pop('vertices_world', None)
    meshes = [hand.vertices for hand in hands if hand.vertices is not None]
    if len(meshes) == len(hands):
        known['vertices_world'] = np.repeat(meshes, sizes, 0)
    return replace(views, predictions=known)


def _placed(
    views: PredictedViews, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None] | None:
    """Joints and vertices of the file itself, the same in all views that have
    them; None where one of the two would have to be fitted."""
    names = ['keypoints_world']
    if {Stage.FUSION.field('vertices'), 'vertices_world'} & views.predictions.keys():
        names.append('vertices_world')
    if not set(names) <= views.predictions.keys():
        return None
    for row in rows:
        points = [views.predictions[name][row].astype(np.float64) for name in names]
        if all(np.isfinite(x).all() for x in points):
            return points[0], points[1] if len(points) > 1 else None
    return None


def _fitted(
    views: PredictedViews, rows: np.ndarray, stage: Stage
) -> tuple[np.ndarray, np.ndarray | None]:
    check_calibrated(views, rows)
    joints_field, mesh_field = stage.field('keypoints_cam'), stage.field('vertices')
    missing = [
        name for name in ('keypoints', joints_field) if name not in views.predictions
    ]
    if missing:
        raise ValueError(
            f'the predictions have no {", ".join(missing)}; '
            f'they have {sorted(views.predictions)}'
        )
    own = stage if stage is Stage.SINGLE else Stage.of_views(views.predictions)
    points2d = views.predictions[own.field('keypoints')][rows].astype(np.float64)
    extent = np.ptp(points2d, axis=1).max(-1)
    zoom = _HAND_WIDTH / np.maximum(extent, _MIN_EXTENT)
    joints = turned_to_world(views, rows, joints_field).mean(0)
    fit = fit_center(
        torch.from_numpy(joints),
        torch.from_numpy(points2d * zoom[:, None, None]),
        views.cameras[rows].scale(torch.from_numpy(zoom)),
        noise=_NOISE,
    )
    centre = fit.center.numpy()
    vertices = None
    if mesh_field in views.predictions:
        vertices = centre + turned_to_world(views, rows, mesh_field).mean(0)
    return centre + joints, vertices


def _pixels_off(
    views: PredictedViews, rows: np.ndarray, joints: np.ndarray
) -> np.ndarray:
    """Of world joints (21, 3) from each view's own 2D prediction, pixels
    (V, 21); NaN where the camera or the prediction is not known."""
    cameras = views.cameras[rows]
    seen = cameras.project(cameras.to_camera(torch.from_numpy(joints))).numpy()
    own = views.predictions.get('keypoints')
    own = np.full_like(seen, np.nan) if own is None else own[rows]
    return np.linalg.norm(seen - own, axis=-1)


def turned_to_world(views: PredictedViews, rows: np.ndarray, field: str) -> np.ndarray:
    """Root-relative points of each view, in the world's directions.

    Returns:
        np.ndarray: (V, P, 3) metres, around their root.
    """
    points = torch.from_numpy(views.predictions[field][rows].astype(np.float64))
    return views.cameras[rows].turn_to_world(points).numpy()


def truth_in_world(
    views: PredictedViews, rows: np.ndarray, field: str
) -> np.ndarray | None:
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
            local = torch.from_numpy(points[row].astype(np.float64))
            return views.cameras[row].to_world(local).numpy()
    return None
