"""Numbers that no camera, label or hand can have: what has them is left out."""

import numpy as np

# How far a rotation may be from orthonormal, for calibrations written with few
# digits.
_ROTATION_TOLERANCE = 0.02
# Metres. Nothing that is seen by the cameras of a hand is farther away.
_FARTHEST = 1000.0
# Pixels. More than any sensor or focal length has.
_MOST_PIXELS = 1e6
# A 2D label this many images away from its image is no estimate of a joint.
_IMAGES_AWAY = 5.0
# Pixels, where the size of the image is not known.
_FARTHEST_LABEL = 1e5
# Metres between the joints of a hand that are farthest apart: of an infant's fist,
# and of a large spread hand with room for bad estimates.
_HAND_SPAN = (0.015, 0.6)
# Radians; axis-angles may go around more than once.
_LARGEST_ANGLE = 100.0
_LARGEST_SHAPE = 100.0


def is_usable_camera(K: np.ndarray, M: np.ndarray) -> bool:
    """Whether K (3, 3) is that of a camera and M (4, 4) a rigid motion.

    Its last row is (0, 0, 0, 1); for the rest see :func:`is_camera`.
    """
    return bool(
        np.allclose(M[3], (0, 0, 0, 1), atol=1e-6) and is_camera(K, M[:3, :3], M[:3, 3])
    )


def is_camera(
    K: np.ndarray, R: np.ndarray | None = None, t: np.ndarray | None = None
) -> bool:
    """Whether K (3, 3) is that of a camera, R (3, 3) turns it and t (3,), metres,
    moves it.

    Focal lengths are positive, the last row is (0, 0, 1), the rotation is
    orthonormal with determinant +1, and numbers are of a size that pixels and
    metres can have. Without R and t, K alone is looked at.
    """
    if not np.isfinite(K).all():
        return False
    focal = K[[0, 1], [0, 1]]
    return bool(
        (focal > 0).all()
        and np.abs(K).max() <= _MOST_PIXELS
        and abs(np.linalg.det(K)) > 1e-6 * focal.prod()
        and np.allclose(K[2], (0, 0, 1), atol=1e-6)
        and (R is None or _is_rotation(R))
        and (t is None or np.abs(t).max() <= _FARTHEST)
    )


def _is_rotation(R: np.ndarray) -> bool:
    return bool(
        np.isfinite(R).all()
        and np.abs(R).max() < 2  # so that squares stay finite
        and np.abs(R @ R.T - np.eye(3)).max() < _ROTATION_TOLERANCE
        and np.linalg.det(R) > 0
    )


def far_joints(keypoints: np.ndarray, image_size: tuple[int, int]) -> np.ndarray:
    """Which joints (21, 2), pixels, are nowhere near their image, bool (21,).

    NaN is not far.
    """
    size = np.asarray(image_size, float)
    if not (size > 0).all():
        return (np.abs(keypoints) > _FARTHEST_LABEL).any(-1)
    middle = size / 2
    return (np.abs(keypoints - middle) > middle + _IMAGES_AWAY * size.max()).any(-1)


def refuse_labels_in_parts(source: str, largest: float) -> None:
    """Refuse labels in parts of the image, all of which are the first pixel.

    Args:
        source (str): File or directory, for the message.
        largest (float): Coordinate of the joints that are known; 0 if there are none.

    Raises:
        ValueError: If it is not above 1.
    """
    if 0 < largest <= 1:
        raise ValueError(
            f'{source}: no label has a coordinate above 1: parts of the image, not '
            'pixels. Multiply them by the width and the height'
        )


def is_hand(joints: np.ndarray) -> bool:
    """Whether 3D joints (21, 3), metres, are as large as a hand can be, and not
    at the other end of the world."""
    return bool(is_part_of_hand(joints) and _span(joints) > _HAND_SPAN[0])


def is_part_of_hand(points: np.ndarray) -> bool:
    """Whether some points (P, 3) of a hand, metres, are no farther apart than a
    hand is large, and not at the other end of the world."""
    if not len(points):
        return True
    return bool(np.abs(points).max() <= _FARTHEST and _span(points) < _HAND_SPAN[1])


def _span(points: np.ndarray) -> float:
    """Distance of those that are farthest apart."""
    return float(np.linalg.norm(points[:, None] - points[None], axis=-1).max())


def is_hand_box(bbox: np.ndarray, image_size: tuple[int, int]) -> bool:
    """Whether x1, y1, x2, y2 (4,), pixels, is a box near its image."""
    return bool(
        np.isfinite(bbox).all()
        and (bbox[2:] > bbox[:2]).all()
        and not far_joints(bbox.reshape(2, 2), image_size).any()
    )


def is_hand_fit(fit: np.ndarray) -> bool:
    """Whether a MANO fit (61,) has angles, a shape and a place of a hand."""
    pose, shape, place = np.split(np.abs(fit), [48, 58])
    return bool(
        pose.max() <= _LARGEST_ANGLE
        and shape.max() <= _LARGEST_SHAPE
        and place.max() <= _FARTHEST
    )
