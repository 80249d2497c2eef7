"""Left hands as right ones: images, labels and cameras mirrored together.

The networks know right hands. A left hand in a mirror is a right hand, if
everything that belongs to it is mirrored by the same rule: pixel columns
``u -> width - 1 - u``, and ``S = diag(-1, 1, 1)`` in every camera frame and in
the world. Then ``P_cam = R P_world + t`` becomes
``S P_cam = (S R S) (S P_world) + S t``, the same for all cameras, so views
stay calibrated with each other.
"""

import numpy as np

from ..cameras import Camera


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


def mirror_item(item: dict, width: float) -> dict:
    """Mirror all that a data item of one view says about its hand.

    Args:
        item (dict): Any of the keys ``keypoints`` and
            ``transformed_keypoints`` (1, 21, 2), ``bbox`` (1, 4),
            ``bbox_center`` (1, 2), ``keypoints_cam``, ``keypoints_world``
            (1, 21, 3), ``vertices`` (1, 778, 3), ``camera_param``. Others
            are kept, among them the image: flip it by ``img[:, ::-1]``.
        width (float): Of the image in pixels.

    Returns:
        dict: A new item, whose ``mirrored`` is toggled. Mirroring twice gives
        the first one.
    """
    mirrored = dict(item)
    for key in ('keypoints', 'transformed_keypoints', 'bbox_center'):
        if key in item:
            mirrored[key] = mirror_keypoints(item[key], width)
    for key in ('keypoints_cam', 'keypoints_world', 'vertices'):
        if key in item:
            mirrored[key] = mirror_points(item[key])
    if 'bbox' in item:
        mirrored['bbox'] = mirror_bbox(item['bbox'], width)
    if 'camera_param' in item:
        mirrored['camera_param'] = mirror_camera(item['camera_param'], width)
    mirrored['mirrored'] = not item.get('mirrored', False)
    return mirrored


def needs_mirroring(hand_side: str | None) -> bool:
    """Whether a hand of this side is to be mirrored to become a right one.

    Args:
        hand_side (str, optional): 'left' or 'right'; None is taken as right.

    Raises:
        ValueError: If it is anything else.
    """
    if hand_side not in (None, 'left', 'right'):
        raise ValueError(f"hand_side should be 'left' or 'right', got {hand_side!r}")
    return hand_side == 'left'
