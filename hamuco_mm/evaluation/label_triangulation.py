"""2D labels, triangulated with the known cameras by the classic methods."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..cameras.lenses.opencv import pad_distortion, undistort_points
from ..geometry import projection_matrix
from ..geometry.pictorial import bone_length_limits, triangulate_pictorial
from ..geometry.triangulation import triangulate_dlt, triangulate_ransac
from ..hand_model import HAND_BONES, NUM_JOINTS

# Largest reprojection error of an inlier, in pixels of an image this wide.
RANSAC_THRESHOLD = 20.0
RANSAC_IMAGE_WIDTH = 256


class Camera(NamedTuple):
    """A calibrated view: ``K``, ``R`` and ``t`` (world to camera, metres),
    the distortion ``dist`` (12,), double, and whether it is a ``fisheye``."""

    K: Tensor
    R: Tensor
    t: Tensor
    dist: Tensor
    fisheye: Tensor


def camera_of(view: dict) -> Camera | None:
    """The camera of a view, None where it or the image's size is not known.

    Args:
        view (dict): With ``camera_param`` (``K``, ``R``, ``t``, and where
            there is distortion ``dist`` and, if it is not OpenCV's usual
            model, ``distortion_model='fisheye'``) and ``image_size``.

    Raises:
        ValueError: If the distortion is of another model.
    """
    camera = view.get('camera_param')
    if camera is None or not view.get('image_size', (0, 0))[0]:
        return None
    K, R, t, dist = (
        torch.as_tensor(np.asarray(camera.get(key, ()), float))
        for key in ('K', 'R', 't', 'dist')
    )
    fisheye = camera.get('distortion_model') == 'fisheye'
    return Camera(K, R, t, pad_distortion(dist.flatten()), torch.tensor(fisheye))


def triangulate_labels(
    time_steps: list[list[dict]],
    mean_joints: Tensor,
    threshold: float = RANSAC_THRESHOLD,
) -> dict[str, Tensor]:
    """World joints of time steps, by four methods that need no training.

    - ``dlt``: all labelled views count the same.
    - ``weighted_dlt``: they count by the labels' confidences.
    - ``ransac``: those that agree count, the same.
    - ``pictorial``: those that agree and give bones of a possible length,
      by their confidences (:func:`triangulate_pictorial`).

    Labels of cameras with a known distortion are undistorted before.

    Args:
        time_steps (list[list[dict]]): Of each time step the data infos of its
            views, with ``keypoints`` (1, 21, 2), ``keypoints_visible``
            (1, 21), ``camera_param`` and ``image_size`` (width and height); a
            view without one of the last two takes no part.
        mean_joints (Tensor): (21, 3) joints of a hand of mean shape, metres,
            for the lengths of its bones.
        threshold (float): Largest reprojection error of an inlier, in pixels
            of an image 256 pixels wide. Defaults to 20.

    Returns:
        dict: Of each method (B, 21, 3) double, metres; NaN where a joint is
        labelled in fewer than two views.
    """
    points2d, projection, weights = _labels(time_steps)
    limits = bone_length_limits(mean_joints, HAND_BONES)
    labelled = (weights > 0).double()
    return dict(
        dlt=triangulate_dlt(points2d, projection, labelled),
        weighted_dlt=triangulate_dlt(points2d, projection, weights),
        ransac=triangulate_ransac(points2d, projection, labelled, threshold).points,
        pictorial=triangulate_pictorial(
            points2d, projection, weights, HAND_BONES, limits, threshold
        ).points,
    )


def _labels(time_steps: list[list[dict]]):
    """Labels and cameras of B time steps with up to V views.

    Returns:
        tuple: Pixels (B, V, 21, 2) and projection matrices (B, V, 3, 4), both
        of images without distortion scaled to ``RANSAC_IMAGE_WIDTH``, and
        confidences (B, V, 21), 0 where there is no label or no camera.
    """
    shape = (len(time_steps), max(len(step) for step in time_steps))
    points2d = torch.zeros(*shape, NUM_JOINTS, 2).double()
    weights = torch.zeros(*shape, NUM_JOINTS).double()
    projection = torch.eye(3, 4).double().repeat(*shape, 1, 1)
    for b, step in enumerate(time_steps):
        for v, view in enumerate(step):
            camera = camera_of(view)
            if camera is None:
                continue
            scale = RANSAC_IMAGE_WIDTH / float(view['image_size'][0])
            projection[b, v] = projection_matrix(*camera[:3])
            projection[b, v, :2] *= scale
            labels = torch.as_tensor(view['keypoints'][0]).double()
            points2d[b, v] = scale * undistort_points(
                labels, camera.K, camera.dist, camera.fisheye
            )
            weights[b, v] = torch.as_tensor(view['keypoints_visible'][0])
    # where the lens model has no answer there is no label
    weights[~points2d.isfinite().all(-1)] = 0
    return points2d, projection, weights
