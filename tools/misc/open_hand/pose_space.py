"""Natural finger poses within anatomical limits, and their principal axes."""

import numpy as np
from scipy.spatial.transform import Rotation

from .deformation import THUMB

_FINGERS = {
    'index': (1, 2, 3),
    'middle': (4, 5, 6),
    'pinky': (7, 8, 9),
    'ring': (10, 11, 12),
}
# Radians away from the middle finger's line that a finger stands off in the
# flat hand; bending takes it back, since bent fingers converge on the wrist.
_CONVERGENCE = {'index': -0.04, 'middle': 0.0, 'ring': 0.07, 'pinky': 0.14}


def sample(axes: np.ndarray, num: int, rng: np.random.Generator) -> np.ndarray:
    """Random natural poses.

    All fingers share most of their bend, the distal joint follows the middle
    one, and straight fingers spread more than bent ones.

    Args:
        axes (np.ndarray): Flexion axes of the joints, (16, 3).
        num (int): Number of poses.
        rng (np.random.Generator): Source of randomness.

    Returns:
        np.ndarray: Axis-angles of the 15 finger joints, (num, 15, 3).
    """
    poses = np.zeros((num, 16, 3))
    common = rng.beta(1.1, 2.2, num)
    for name, (mcp, pip, dip) in _FINGERS.items():
        bend = np.clip(0.65 * common + 0.35 * rng.beta(1.1, 2.2, num), 0, 1)
        middle = np.clip(bend + rng.normal(0, 0.08, num), 0, 1)
        spread = rng.normal(0, 0.1, num) * (1 - bend)
        spread = spread + _CONVERGENCE[name] * bend
        flexion = {
            mcp: np.clip(-0.15 + 1.6 * bend + rng.normal(0, 0.15, num), -0.3, 1.55),
            pip: 1.8 * middle,
            dip: np.clip(1.1 * middle + rng.normal(0, 0.08, num), -0.1, 1.2),
        }
        for joint, angle in flexion.items():
            poses[:, joint] = finger_rotation(
                axes[joint], angle, spread if joint == mcp else 0 * spread
            )
    bend = np.clip(0.5 * common + 0.5 * rng.beta(1.3, 2, num), 0, 1)
    for joint, limit in zip(THUMB, (0.3, 0.7, 1.1)):
        angle = limit * bend + rng.normal(0, 0.1, num)
        poses[:, joint] = angle[:, None] * axes[joint]
    # The thumb's saddle joint also swings around the hand's long axis.
    poses[:, THUMB[0], 0] += rng.normal(0.05, 0.2, num)
    return poses[:, 1:]


def finger_rotation(
    axis: np.ndarray, flexion: np.ndarray, spread: np.ndarray
) -> np.ndarray:
    """Axis-angle (N, 3) of a bend about ``axis``, then a spread about y."""
    bend = Rotation.from_rotvec(np.multiply.outer(flexion, axis))
    turn = Rotation.from_rotvec(np.multiply.outer(spread, [0.0, 1.0, 0.0]))
    return (turn * bend).as_rotvec()


def principal_axes(poses: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean (45,), components (45, 45) by rows, standard deviations (45,)."""
    flat = poses.reshape(len(poses), -1)
    mean = flat.mean(axis=0)
    _, deviations, components = np.linalg.svd(flat - mean, full_matrices=False)
    return mean, components, deviations / np.sqrt(len(poses) - 1)
