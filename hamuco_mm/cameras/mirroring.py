"""Pixels, points and cameras in a mirror.

Everything is mirrored by one rule: pixel columns ``u -> width - 1 - u``, and
``S = diag(-1, 1, 1)`` in every camera frame and in the world. Then
``P_cam = R P_world + t`` becomes ``S P_cam = (S R S) (S P_world) + S t``, the same
for all cameras, so views stay calibrated with each other. Mirroring twice changes
nothing.
"""

from collections.abc import Sequence

import numpy as np

from .camera import Camera


def mirror_keypoints(keypoints: np.ndarray, width: float) -> np.ndarray:
    """Mirror pixels (..., 2) of an image ``width`` pixels wide.

    Pixel centres are integers, as in OpenCV, so that it fits
    ``image[:, ::-1]``.
    """
    mirrored = np.array(keypoints)
    mirrored[..., 0] = width - 1 - mirrored[..., 0]
    return mirrored


def mirror_bbox(bbox: np.ndarray, width: float) -> np.ndarray:
    """Mirror boxes x1, y1, x2, y2 (..., 4) in pixels."""
    bbox = np.asarray(bbox)
    corners = mirror_keypoints(bbox.reshape(*bbox.shape[:-1], 2, 2), width)
    x, y = corners[..., ::-1, 0], corners[..., 1]
    return np.stack([x, y], -1).reshape(bbox.shape)


def mirror_box(box: np.ndarray, image_shape: Sequence[int]) -> np.ndarray:
    """Mirror boxes (..., 4) in an image of shape (H, W, ...); one around the
    whole image stays as it is."""
    height, width = image_shape[:2]
    whole = (np.asarray(box) == (0, 0, width, height)).all(-1, keepdims=True)
    return np.where(whole, box, mirror_bbox(box, width))


def mirror_points(points: np.ndarray) -> np.ndarray:
    """Mirror points (..., 3) of the world or of a camera frame, metres."""
    mirrored = np.array(points)
    mirrored[..., 0] *= -1
    return mirrored


def mirror_rotation_vectors(vectors: np.ndarray) -> np.ndarray:
    """Mirror rotation vectors (..., 3N) of N joints: an axis of rotation mirrors
    with the opposite sign."""
    vectors = np.asarray(vectors)
    axes = vectors.reshape(*vectors.shape[:-1], -1, 3)
    return -mirror_points(axes).reshape(vectors.shape)


def mirror_camera(camera_param: dict, width: float) -> dict:
    """The camera that sees the mirrored world in the mirrored image.

    Args:
        camera_param (dict): See :meth:`Camera.from_camera_param`. Other keys
            are kept.
        width (float): Of the image in pixels.

    Returns:
        dict: With the same keys and precision. ``R`` stays a rotation.

    Raises:
        ValueError: If it is no camera's.
    """
    mirrored = dict(camera_param)
    camera = Camera.from_camera_param(camera_param).mirror(width)
    for key in ('K', 'R', 't', 'dist'):
        if camera_param.get(key) is not None:
            given = np.asarray(camera_param[key])
            mirrored[key] = (
                getattr(camera, key).reshape(given.shape).astype(given.dtype)
            )
    return mirrored
