"""2D labels, triangulated with the known cameras by the classic methods."""

import numpy as np
import torch
from torch import Tensor

from ..cameras import Camera, stack_cameras
from ..geometry.pictorial import bone_length_limits, triangulate_pictorial
from ..geometry.triangulation import triangulate_dlt, triangulate_ransac
from ..hand_model import HAND_BONES, NUM_JOINTS

# Largest reprojection error of an inlier, in pixels of an image this wide.
RANSAC_THRESHOLD = 20.0
RANSAC_IMAGE_WIDTH = 256


# Stands where no camera is known.
_NO_CAMERA = Camera(np.eye(3), np.eye(3), np.zeros(3))


def camera_of(view: dict) -> Camera | None:
    """The camera of a view, None where it or the image's size is not known.

    Args:
        view (dict): With ``camera_param``, see
            :meth:`~hamuco_mm.cameras.Camera.from_camera_param`, and
            ``image_size``.

    Raises:
        ValueError: If ``camera_param`` is no camera's.
    """
    if view.get('camera_param') is None or lacks_size(view):
        return None
    camera = Camera.from_camera_param(view['camera_param'])
    return camera if camera.has_intrinsics and camera.has_pose else None


def lacks_size(view: dict) -> bool:
    """Whether a view has a calibration, but no size of its image, without which
    labels of different images cannot be compared."""
    is_calibrated = view.get('camera_param') is not None
    return is_calibrated and not view.get('image_size', (0, 0))[0]


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
            view without one of the last two is left out.
        mean_joints (Tensor): (21, 3) joints of a hand of mean shape, metres,
            for the lengths of its bones.
        threshold (float): Largest reprojection error of an inlier, in pixels
            of an image 256 pixels wide. Defaults to 20.

    Returns:
        dict: Of each method (B, 21, 3) double, metres; NaN where a joint is
        labelled in fewer than two views.
    """
    points2d, projection, weights = labels_and_cameras(time_steps)
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


def labels_and_cameras(
    time_steps: list[list[dict]],
) -> tuple[Tensor, Tensor, Tensor]:
    """Labels and cameras of B time steps with up to V views.

    Args:
        time_steps (list[list[dict]]): As :func:`triangulate_labels` takes them.

    Returns:
        tuple: Pixels (B, V, 21, 2) and projection matrices (B, V, 3, 4), both
        of images without distortion scaled to ``RANSAC_IMAGE_WIDTH``, and
        confidences (B, V, 21), 0 where there is no label or no camera.
    """
    shape = (len(time_steps), max(len(step) for step in time_steps))
    points2d = torch.zeros(*shape, NUM_JOINTS, 2).double()
    weights = torch.zeros(*shape, NUM_JOINTS).double()
    scale = torch.ones(shape).double()
    grid = [_NO_CAMERA] * (shape[0] * shape[1])
    for b, step in enumerate(time_steps):
        for v, view in enumerate(step):
            camera = camera_of(view)
            if camera is None:
                continue
            grid[b * shape[1] + v] = camera
            scale[b, v] = RANSAC_IMAGE_WIDTH / float(view['image_size'][0])
            points2d[b, v] = torch.as_tensor(view['keypoints'][0])
            weights[b, v] = torch.as_tensor(view['keypoints_visible'][0])
    cameras = stack_cameras(grid).reshape(*shape)
    points2d = scale[..., None, None] * cameras.undistort(points2d)
    # where the lens model has no answer there is no label
    weights[~points2d.isfinite().all(-1)] = 0
    return points2d, cameras.scale(scale).projection_matrix(), weights
