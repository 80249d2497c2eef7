"""Linear blend deformations of a hand in its rest pose."""

import numpy as np
from scipy.spatial.transform import Rotation

# MANO_PARENTS of hamuco_mm.hand_model; kept apart from it so that the tool's
# environment needs neither smplx nor MMPose.
PARENTS = (-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 0, 10, 11, 0, 13, 14)
PALM_DIRECTION = np.array([0.0, -1.0, 0.0])
THUMB = (13, 14, 15)


def deform(
    vertices: np.ndarray, joints: np.ndarray, weights: np.ndarray, maps: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Apply one linear map per bone, about its joint, blended by the weights.

    Args:
        vertices (np.ndarray): (V, 3).
        joints (np.ndarray): (16, 3).
        weights (np.ndarray): (V, 16).
        maps (np.ndarray): Linear maps of the bones in the model frame,
            (16, 3, 3): rotations pose the hand, stretches change its shape.

    Returns:
        tuple[np.ndarray, np.ndarray]: Vertices and joints.
    """
    moved = joints.copy()
    for j, parent in enumerate(PARENTS[1:], start=1):
        moved[j] = moved[parent] + maps[parent] @ (joints[j] - joints[parent])
    offsets = moved - np.einsum('jab,jb->ja', maps, joints)
    blended = np.einsum('vj,jab->vab', weights, maps)
    return (np.einsum('vab,vb->va', blended, vertices) + weights @ offsets, moved)


def chain(rotations: np.ndarray) -> np.ndarray:
    """Local rotations (16, 3, 3) of the joints to those of the bones in the
    model frame."""
    bones = rotations.copy()
    for j, parent in enumerate(PARENTS[1:], start=1):
        bones[j] = bones[parent] @ rotations[j]
    return bones


def bone_directions(joints: np.ndarray, tips: np.ndarray) -> np.ndarray:
    """Unit vector (16, 3) along the bone that each joint moves.

    Args:
        joints (np.ndarray): (16, 3).
        tips (np.ndarray): End points of index, middle, pinky, ring and
            thumb, (5, 3).
    """
    ends = np.empty_like(joints)
    ends[0] = joints[4]
    for finger in range(5):
        first = 1 + 3 * finger
        ends[first : first + 2] = joints[first + 1 : first + 3]
        ends[first + 2] = tips[finger]
    directions = ends - joints
    return directions / np.linalg.norm(directions, axis=1, keepdims=True)


def flexion_axes(joints: np.ndarray, tips: np.ndarray) -> np.ndarray:
    """Unit axes (16, 3) about which the joints bend towards the palm."""
    directions = bone_directions(joints, tips)
    axes = np.cross(directions, PALM_DIRECTION)
    # The thumb bends within its own plane.
    metacarpal, proximal, distal = directions[list(THUMB)]
    axes[list(THUMB)] = np.cross(metacarpal, proximal) + np.cross(proximal, distal)
    return axes / np.linalg.norm(axes, axis=1, keepdims=True)


def rotations_about(axes: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """Rotation matrices (16, 3, 3) by angles (16,), in radians."""
    return Rotation.from_rotvec(axes * angles[:, None]).as_matrix()
