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
        """Median, mean and share of inliers of each camera."""
        return {
            name: _summary(self.pixels[:, v], self.relative[:, v])
            for v, name in enumerate(self.cameras)
        }

    def by_joint(self) -> dict[str, dict[str, float]]:
        """The same of each joint."""
        return {
            name: _summary(self.pixels[..., j], self.relative[..., j])
            for j, name in enumerate(HAND_JOINT_NAMES)
        }

    def overall(self) -> dict[str, float]:
        """The same of all labels."""
        return _summary(self.pixels, self.relative)


def reprojection_errors(rig: RigObservations) -> ReprojectionErrors:
    """Triangulate with RANSAC and reproject into all labelled views."""
    # in sizes of the hand, so that one threshold fits all cameras
    scale = 1 / rig.size
    cameras = rig.cameras
    points = triangulate_ransac(
        torch.from_numpy(rig.points * scale[:, None, None]),
        cameras.scale(torch.from_numpy(scale)).projection_matrix(),
        torch.from_numpy(rig.weights),
        INLIER_SHARE,
    ).points
    seen = cameras.project(cameras.to_camera(points[:, None])).numpy()
    pixels = np.linalg.norm(seen - rig.points, axis=-1)
    pixels = np.where((rig.weights > 0) & np.isfinite(pixels), pixels, np.nan)
    return ReprojectionErrors(
        pixels, pixels * scale[:, None], points.numpy(), rig.names
    )


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
