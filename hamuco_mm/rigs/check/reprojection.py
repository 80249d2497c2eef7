"""Reprojection errors of a rig's labels, by camera and by joint."""

from dataclasses import dataclass

import numpy as np
import torch

from ...geometry.triangulation import triangulate_ransac
from ...hand_model import HAND_JOINT_NAMES
from .observations import RigObservations

# A label agrees with the other views within this share of the hand's size.
INLIER_SHARE = 0.1


@dataclass(frozen=True, eq=False)
class ReprojectionErrors:
    """Distances of labels from the robustly triangulated points.

    Attributes:
        pixels (np.ndarray): (T, V, J) pixels of the original images; NaN
            where a joint has fewer than two labels.
        relative (np.ndarray): The same in sizes of the hand.
        points (np.ndarray): (T, J, 3) world metres, NaN likewise.
        cameras (list[str]): Names of the V cameras.
    """

    pixels: np.ndarray
    relative: np.ndarray
    points: np.ndarray
    cameras: list[str]

    def by_camera(self) -> dict[str, dict[str, float]]:
        return {
            name: _summary(self.pixels[:, v], self.relative[:, v])
            for v, name in enumerate(self.cameras)
        }

    def by_joint(self) -> dict[str, dict[str, float]]:
        return {
            name: _summary(self.pixels[..., j], self.relative[..., j])
            for j, name in enumerate(HAND_JOINT_NAMES)
        }

    def overall(self) -> dict[str, float]:
        return _summary(self.pixels, self.relative)


def reprojection_errors(rig: RigObservations) -> ReprojectionErrors:
    """Triangulate with RANSAC and reproject into all labelled views."""
    # in sizes of the hand, so that one threshold fits all cameras
    scale = 1 / rig.size
    projection = rig.projection.copy()
    projection[..., :2, :] *= scale[:, None, None]
    points = triangulate_ransac(
        torch.from_numpy(rig.points * scale[:, None, None]),
        torch.from_numpy(projection),
        torch.from_numpy(rig.weights),
        INLIER_SHARE,
    ).points.numpy()
    projected = np.einsum('tvik,tjk->tvji', rig.projection[..., :3], points)
    projected = projected + rig.projection[:, :, None, :, 3]
    with np.errstate(divide='ignore', invalid='ignore'):
        pixels = np.linalg.norm(
            projected[..., :2] / projected[..., 2:] - rig.points, axis=-1
        )
    pixels = np.where((rig.weights > 0) & np.isfinite(pixels), pixels, np.nan)
    return ReprojectionErrors(pixels, pixels * scale[:, None], points, rig.cameras)


def _summary(pixels: np.ndarray, relative: np.ndarray) -> dict[str, float]:
    known = np.isfinite(pixels)
    if not known.any():
        return dict(labels=0)
    return dict(
        labels=int(known.sum()),
        median_px=float(np.median(pixels[known])),
        mean_px=float(pixels[known].mean()),
        inliers=float((relative[known] < INLIER_SHARE).mean()),
    )
