"""The hand as an anatomist sees it: joint angles, their axes and limits.

An anatomical pose is an array (..., 5, 4) in radians, fingers from thumb to
pinky. Columns are the flexion of the three joints, from the base to the tip,
and the abduction of the base joint. Flexion is the angle between the two
bones, 0 when they are in line, positive towards the palm. Abduction is
positive away from the middle finger (of the middle finger: towards the
index); of the thumb, away from the palm. Only the thumb's base joint, whose
bones are never in line, is counted from the model's flat hand.
"""

from functools import lru_cache

import numpy as np

from hamuco_mm.hand_model import (
    FINGER_NAMES,
    MANO_JOINT_NAMES,
    MANO_PARENTS,
    MANO_TO_HAND,
    MANOLayer,
)

FLEX_BASE, FLEX_MIDDLE, FLEX_TIP, ABDUCTION = range(4)
THUMB, INDEX, MIDDLE, RING, PINKY = range(5)

# Active ranges of motion in degrees, rounded from the clinical norms of the
# American Academy of Orthopaedic Surgeons (Joint Motion, 1965); abduction as
# in Lin, Wu and Huang, "Modeling the constraints of human hand motion", 2000.
LOWER_LIMITS = np.radians(
    [
        [-20, -10, -15, -35],
        [-20, 0, -5, -15],
        [-20, 0, -5, -8],
        [-20, 0, -5, -12],
        [-20, 0, -5, -12],
    ]
)
UPPER_LIMITS = np.radians(
    [
        [50, 55, 75, 25],
        [90, 105, 75, 18],
        [90, 105, 75, 8],
        [92, 108, 75, 12],
        [95, 105, 75, 25],
    ]
)
# The distal joint follows the middle one through the shared tendon (Lin et
# al., 2000, give 2/3), to within this many radians.
DISTAL_COUPLING = 2 / 3
DISTAL_FREEDOM = np.radians(20)

# Thumb: the pad faces the other fingers more, the further the thumb is
# brought over (pronation per radian of base flexion and abduction).
_THUMB_PRONATION = (0.4, 0.2)
# Where the thumb's pad faces in the flat hand, as shares of the directions
# across the palm (to the pinky) and out of the palm: bending the base brings
# the thumb over the palm, bending the other joints curls it inwards.
_THUMB_PAD = ((0.95, 0.3), (0.75, 0.66), (0.75, 0.66))


def clip_to_limits(angles: np.ndarray) -> np.ndarray:
    """Nearest pose (..., 5, 4) within the limits of each joint.

    Also applies the coupling of the distal joints, and the narrowing of the
    fingers' abduction as they flex (taut collateral ligaments).
    """
    angles = np.clip(angles, LOWER_LIMITS, UPPER_LIMITS)
    fingers = angles[..., INDEX:, :]
    coupled = DISTAL_COUPLING * fingers[..., FLEX_MIDDLE]
    fingers[..., FLEX_TIP] = np.clip(
        fingers[..., FLEX_TIP], coupled - DISTAL_FREEDOM, coupled + DISTAL_FREEDOM
    )
    bent = np.clip(fingers[..., FLEX_BASE] / np.radians(90), 0, 1)
    fingers[..., ABDUCTION] *= 1 - 0.85 * bent
    return angles


class HandAnatomy:
    """Joint axes of a hand model, found from its flat hand.

    Args:
        layer (MANOLayer): Right hand, or a left one (whose angles then mean
            the mirrored movement).

    Attributes:
        palmar, forward (np.ndarray): Unit vectors (3,) out of the palm and
            from the wrist to the middle finger, in the model frame.
        across (np.ndarray): Unit vector (3,) across both, to the little finger's side.
        rest_joints (np.ndarray): The model's 16 joints, flat hand, metres.
        rest_hand (np.ndarray): The 21 joints regressed from the flat hand.
        radii (np.ndarray): Thickness of the finger segments, (5, 3), metres.
    """

    def __init__(self, layer: MANOLayer) -> None:
        vertices = layer.v_template.double().numpy()
        joints = layer.J_regressor.double().numpy() @ vertices
        self.rest_joints = joints
        self.rest_hand = layer.J21.double().numpy() @ vertices
        side = 1.0 if layer.side == 'right' else -1.0
        wrist, middle = joints[0], joints[MANO_JOINT_NAMES.index('middle1')]
        index = joints[MANO_JOINT_NAMES.index('index1')]
        pinky = joints[MANO_JOINT_NAMES.index('pinky1')]
        palmar = side * np.cross(index - wrist, pinky - wrist)
        self.palmar = palmar / np.linalg.norm(palmar)
        self.forward = _unit(middle - wrist)
        self.across = side * _unit(np.cross(self.palmar, self.forward))
        self._flexion = np.zeros((5, 3, 3))  # finger, joint, axis
        self._abduction = np.zeros((5, 3))
        self._twist = np.zeros(3)
        self._rest = np.zeros((5, 3))
        self.radii = np.zeros((5, 3))
        for finger in range(5):
            self._find_axes(finger, side)
        order = [0] + [j for f in range(5) for j in self._mano_ids(f)]
        self._to_mano = np.argsort(order)
        self._find_radii(vertices, layer.weights.double().numpy())

    def _find_axes(self, finger: int, side: float) -> None:
        chain = self.rest_hand[4 * finger + 1 : 4 * finger + 5].copy()
        ids = self._mano_ids(finger)
        chain[:3] = self.rest_joints[ids]
        bones = np.diff(chain, axis=0)
        along = _unit(chain[-1] - chain[0])
        shares = _THUMB_PAD if finger == THUMB else ((0.0, 1.0),) * 3
        for k, (ulnar, palmar) in enumerate(shares):
            pad = ulnar * self.across + palmar * self.palmar
            self._flexion[finger, k] = _unit(np.cross(along, pad))
        if finger == THUMB:
            self._abduction[finger] = _unit(np.cross(along, self.palmar))
            self._twist = along * side
        else:
            pad = self.palmar - along * (self.palmar @ along)
            spread = 1.0 if finger in (RING, PINKY) else -1.0
            self._abduction[finger] = side * spread * _unit(pad)
        before = np.vstack(
            [chain[0] - self.rest_joints[0] if finger != THUMB else bones[0], bones[:2]]
        )
        self._rest[finger] = [
            _signed_angle(u, v, axis)
            for u, v, axis in zip(before, bones, self._flexion[finger])
        ]

    def _find_radii(self, vertices: np.ndarray, weights: np.ndarray) -> None:
        part = weights.argmax(1)
        for finger in range(5):
            joints = self.rest_hand[4 * finger + 1 : 4 * finger + 5]
            for k, joint in enumerate(self._mano_ids(finger)):
                along = _unit(joints[k + 1] - joints[k])
                radial = vertices[part == joint] - joints[k]
                radial = radial - np.outer(radial @ along, along)
                self.radii[finger, k] = np.median(np.linalg.norm(radial, axis=1))

    @staticmethod
    def _mano_ids(finger: int) -> list:
        name = FINGER_NAMES[finger]
        return [MANO_JOINT_NAMES.index(f'{name}{k}') for k in (1, 2, 3)]

    def pad(self, finger: int) -> np.ndarray:
        """Unit vector (3,): where a fingertip's pad faces, flat hand."""
        bone = self.rest_hand[4 * finger + 4] - self.rest_hand[4 * finger + 3]
        return _unit(np.cross(self._flexion[finger, 2], bone))

    def rotations(self, angles: np.ndarray) -> np.ndarray:
        """Rotation matrices of the finger joints.

        Args:
            angles (np.ndarray): Anatomical pose (..., 5, 4), radians.

        Returns:
            np.ndarray: (..., 16, 3, 3) in MANO's joint order, relative to the
            parents; the wrist's is the identity.
        """
        bends = _rotate(self._flexion, angles[..., :3] - self._rest)
        turns = _rotate(self._abduction, angles[..., ABDUCTION])
        twist = (
            _THUMB_PRONATION[0] * angles[..., THUMB, FLEX_BASE]
            + _THUMB_PRONATION[1] * angles[..., THUMB, ABDUCTION]
        )
        turns[..., THUMB, :, :] @= _rotate(self._twist, twist)
        bends[..., 0, :, :] = turns @ bends[..., 0, :, :]
        wrist = np.broadcast_to(np.eye(3), (*bends.shape[:-4], 1, 3, 3))
        fingers = bends.reshape(*bends.shape[:-4], 15, 3, 3)
        return np.concatenate([wrist, fingers], -3)[..., self._to_mano, :, :]

    def skeleton(self, rotations: np.ndarray) -> np.ndarray:
        """21 joints (..., 21, 3) of the kinematic chain, mean shape."""
        frames, points = [], []
        for joint, parent in enumerate(MANO_PARENTS):
            rotation = rotations[..., joint, :, :]
            if parent < 0:
                frames.append(rotation)
                points.append(np.broadcast_to(self.rest_joints[0], rotation.shape[:-1]))
                continue
            bone = self.rest_joints[joint] - self.rest_joints[parent]
            points.append(points[parent] + frames[parent] @ bone)
            frames.append(frames[parent] @ rotation)
        for finger in range(5):
            last = self._mano_ids(finger)[-1]
            bone = self.rest_hand[4 * finger + 4] - self.rest_joints[last]
            points.append(points[last] + frames[last] @ bone)
        return np.stack(points, -2)[..., list(MANO_TO_HAND), :]


@lru_cache(maxsize=2)
def default_layer(path: str | None = None) -> MANOLayer:
    """The right hand of a model file, in double precision."""
    return MANOLayer(path).double()


def _rotate(axis: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Rotations (..., 3, 3) by angles (...,) about unit axes (..., 3)."""
    x, y, z = axis[..., 0], axis[..., 1], axis[..., 2]
    zero = np.zeros_like(x)
    skew = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1)
    skew = skew.reshape(*axis.shape[:-1], 3, 3)
    sine, versine = np.sin(angle), 1 - np.cos(angle)
    return (
        np.eye(3)
        + sine[..., None, None] * skew
        + versine[..., None, None] * (skew @ skew)
    )


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def _signed_angle(u: np.ndarray, v: np.ndarray, axis: np.ndarray) -> float:
    """Angle from u to v, both projected to the plane across the axis."""
    return float(np.arctan2(axis @ np.cross(u, v), u @ v - (u @ axis) * (v @ axis)))
