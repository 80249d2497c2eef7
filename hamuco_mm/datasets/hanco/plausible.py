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

    Focal lengths are positive, the last rows are (0, 0, 1) and (0, 0, 0, 1), the
    rotation is orthonormal with determinant +1, and numbers are of a size that
    pixels and metres can have.
    """
    if not (np.isfinite(K).all() and np.isfinite(M).all()):
        return False
    R, t = M[:3, :3], M[:3, 3]
    focal = K[[0, 1], [0, 1]]
    return bool(
        (focal > 0).all()
        and np.abs(K).max() <= _MOST_PIXELS
        and abs(np.linalg.det(K)) > 1e-6 * focal.prod()
        and np.allclose(K[2], (0, 0, 1), atol=1e-6)
        and np.allclose(M[3], (0, 0, 0, 1), atol=1e-6)
        and np.abs(R @ R.T - np.eye(3)).max() < _ROTATION_TOLERANCE
        and np.linalg.det(R) > 0
        and np.abs(t).max() <= _FARTHEST
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


def is_hand(joints: np.ndarray) -> bool:
    """Whether 3D joints (21, 3), metres, are as large as a hand can be, and not
    at the other end of the world."""
    if not np.abs(joints).max() <= _FARTHEST:
        return False
    span = np.linalg.norm(joints[:, None] - joints[None], axis=-1).max()
    return bool(_HAND_SPAN[0] < span < _HAND_SPAN[1])


def is_hand_fit(fit: np.ndarray) -> bool:
    """Whether a MANO fit (61,) has angles, a shape and a place of a hand."""
    pose, shape, place = np.split(np.abs(fit), [48, 58])
    return bool(
        pose.max() <= _LARGEST_ANGLE
        and shape.max() <= _LARGEST_SHAPE
        and place.max() <= _FARTHEST
    )
