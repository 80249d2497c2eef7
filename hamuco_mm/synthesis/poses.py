"""Natural hand poses and movements, as anatomical joint angles."""

from dataclasses import dataclass

import numpy as np

from .anatomy import (
    ABDUCTION,
    FLEX_BASE,
    FLEX_MIDDLE,
    FLEX_TIP,
    INDEX,
    THUMB,
    HandAnatomy,
    clip_to_limits,
)
from .contact import ContactModel
from .easing import blend, draw_keys, eased_phase

# Flesh gives way by about this much where fingers touch, metres.
SOFT_TISSUE = 4e-3
_MAX_TRIES = 40
_PATH_STEPS = 6


@dataclass(frozen=True)
class PoseFamily:
    """A kind of gesture, in degrees.

    Attributes:
        weight (float): How often it is drawn, relative to the others.
        base (tuple): Flexion of the base joints, index to pinky.
        middle (tuple): Flexion of the middle joints, index to pinky. The
            distal joints follow.
        thumb (tuple): Flexion of the thumb's three joints, then abduction.
        spread (float): Abduction of the fingers, 1 for fully spread.
        jitter (float): Standard deviation of each joint.
    """

    weight: float
    base: tuple[float, float, float, float]
    middle: tuple[float, float, float, float]
    thumb: tuple[float, float, float, float]
    spread: float = 0.2
    jitter: float = 7.0


# Thumb positions that several gestures share.
_RELAXED_THUMB = (10, 10, 12, -12)
_OUT_THUMB = (-15, 2, -5, -5)
_ACROSS_THUMB = (6, 42, 56, -12)
_FOLDED_THUMB = (25, 40, 66, -33)
_CURLED = ((82, 84, 84, 82), (98, 100, 100, 96))

FAMILIES: dict[str, PoseFamily] = dict(
    relaxed=PoseFamily(
        1.6, (18, 24, 30, 34), (28, 34, 38, 40), _RELAXED_THUMB, 0.3, 9.0
    ),
    flat=PoseFamily(1.0, (2, 2, 2, 2), (4, 4, 4, 4), (5, 2, 0, -15), 0.1, 5.0),
    spread=PoseFamily(1.2, (-6, -4, -4, -6), (5, 5, 5, 5), _OUT_THUMB, 1.0, 5.0),
    fist=PoseFamily(1.3, *_CURLED, _ACROSS_THUMB, 0.0, 6.0),
    point=PoseFamily(1.2, (4, 80, 82, 82), (6, 95, 96, 94), _FOLDED_THUMB),
    point_thumb_out=PoseFamily(0.7, (4, 80, 82, 82), (6, 95, 96, 94), _OUT_THUMB),
    two=PoseFamily(1.0, (0, 0, 80, 82), (5, 5, 95, 94), _FOLDED_THUMB, 0.8),
    three=PoseFamily(0.8, (0, 0, 0, 78), (5, 5, 5, 90), _FOLDED_THUMB, 0.7),
    three_thumb=PoseFamily(0.8, (0, 0, 78, 80), (5, 5, 92, 92), _OUT_THUMB, 0.8),
    four=PoseFamily(0.8, (0, 0, 0, 0), (5, 5, 5, 5), _FOLDED_THUMB, 0.6),
    thumb_up=PoseFamily(0.9, *_CURLED, (-18, -5, -10, -10), 0.0, 5.0),
    horns=PoseFamily(0.7, (0, 80, 80, 0), (5, 95, 95, 8), _FOLDED_THUMB, 0.5),
    shaka=PoseFamily(0.7, (70, 75, 75, -2), (85, 90, 88, 8), _OUT_THUMB, 0.5),
    pinky_out=PoseFamily(0.5, (78, 80, 76, 4), (92, 95, 90, 8), _ACROSS_THUMB),
    pinch_index=PoseFamily(
        1.5, (48, 25, 22, 20), (52, 28, 25, 22), (19, 20, 24, -4), 0.4, 5.0
    ),
    pinch_middle=PoseFamily(
        0.8, (25, 54, 30, 25), (20, 52, 30, 25), (29, 24, 27, -15), 0.4, 5.0
    ),
    pinch_ring=PoseFamily(
        0.5, (15, 25, 58, 40), (15, 25, 56, 40), (26, 52, 40, -28), 0.4, 5.0
    ),
    tripod=PoseFamily(
        1.0, (48, 52, 62, 66), (50, 52, 72, 74), (20, 20, 24, -4), 0.2, 7.0
    ),
    grasp_small=PoseFamily(
        1.0, (52, 56, 60, 62), (62, 64, 66, 66), (22, 14, 12, 2), 0.2, 8.0
    ),
    grasp_large=PoseFamily(
        1.0, (30, 30, 32, 36), (38, 38, 40, 42), (15, 10, 10, 5), 0.8, 8.0
    ),
    hook=PoseFamily(0.7, (8, 8, 8, 8), (84, 86, 86, 84), (12, 15, 20, -12)),
    claw=PoseFamily(0.7, (-8, -8, -8, -8), (62, 64, 64, 60), (0, 10, 40, 0), 0.9),
    tabletop=PoseFamily(0.7, (74, 76, 76, 74), (10, 10, 10, 12), (15, 8, 8, -10)),
)
# Share of poses whose fingers move independently of any gesture.
_FREE_SHARE = 0.25
_FULL_SPREAD = np.radians([0, 16, 3, 10, 22])


class PoseSampler:
    """Draws hand poses without collisions, and movements through them.

    Args:
        anatomy (HandAnatomy): The hand.
        lean_deg (Tuple[float, float]): Standard deviations, degrees, by which base
            joints are flexed besides the gesture: the four fingers together, as when
            a straight finger points down, and each one, the thumb too. Gestures
            with contact, such as pinches, open or close by it. Defaults to no lean:
            straight fingers are in line with the palm.
    """

    def __init__(
        self, anatomy: HandAnatomy, lean_deg: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        self.anatomy = anatomy
        self.lean_deg = lean_deg
        self.contact = ContactModel(anatomy)
        self._names = list(FAMILIES)
        weights = np.array([family.weight for family in FAMILIES.values()])
        self._weights = weights / weights.sum()

    def sample(self, rng: np.random.Generator) -> np.ndarray:
        """One anatomical pose (5, 4), radians, within the limits and free of
        collisions deeper than ``SOFT_TISSUE``."""
        for _ in range(_MAX_TRIES):
            pose = self._draw(rng)
            if self._penetration(pose) < SOFT_TISSUE:
                return pose
        return self._relaxed()

    def still(self, rng: np.random.Generator) -> np.ndarray:
        """One pose (5, 4) out of a movement, mostly between two key poses."""
        start = self.sample(rng)
        share = rng.uniform(0, 1)
        return start + share * (self._next(rng, start) - start)

    def sequence(
        self,
        rng: np.random.Generator,
        num_frames: int,
        frames_per_pose: tuple[float, float],
    ) -> np.ndarray:
        """A smooth movement from pose to pose.

        Args:
            rng (np.random.Generator): Source of randomness.
            num_frames (int): Number of frames T.
            frames_per_pose (Tuple[float, float]): Least and most frames from
                one key pose to the next.

        Returns:
            np.ndarray: Anatomical poses (T, 5, 4). They lie on straight paths
            between key poses, so the limits hold in between as well; paths
            on which fingers would collide are not taken.
        """
        keys = draw_keys(rng, num_frames, frames_per_pose)
        poses = [self.sample(rng)]
        while len(poses) < len(keys):
            poses.append(self._next(rng, poses[-1]))
        phase = eased_phase(keys, np.arange(num_frames))
        return blend(np.stack(poses), phase)

    def _next(self, rng: np.random.Generator, pose: np.ndarray) -> np.ndarray:
        steps = np.linspace(0, 1, _PATH_STEPS)[1:, None, None]
        for _ in range(_MAX_TRIES):
            target = self._draw(rng)
            path = pose + steps * (target - pose)
            if self._penetration(path) < SOFT_TISSUE:
                return target
        return pose

    def _penetration(self, poses: np.ndarray) -> float:
        skeleton = self.anatomy.skeleton(self.anatomy.rotations(poses))
        return float(self.contact.penetration(skeleton).max())

    def _relaxed(self) -> np.ndarray:
        return clip_to_limits(_family_angles(FAMILIES['relaxed']))

    def _draw(self, rng: np.random.Generator) -> np.ndarray:
        if rng.random() < _FREE_SHARE:
            angles, jitter = self._free(rng), 5.0
        else:
            family = FAMILIES[rng.choice(self._names, p=self._weights)]
            relaxed = _family_angles(FAMILIES['relaxed'])
            strength = rng.uniform(0.8, 1.1)
            angles = relaxed + strength * (_family_angles(family) - relaxed)
            jitter = family.jitter
        angles = angles + np.radians(jitter) * rng.normal(size=(5, 4)) * (
            1.0,
            1.0,
            1.0,
            0.5,
        )
        if any(self.lean_deg):
            together, each = np.radians(self.lean_deg)
            angles[:, FLEX_BASE] += each * rng.normal(size=5)
            angles[INDEX:, FLEX_BASE] += together * rng.normal()
        return clip_to_limits(angles)

    def _free(self, rng: np.random.Generator) -> np.ndarray:
        """Each finger somewhere between straight and curled, neighbours
        alike (they share muscles)."""
        curl = 0.5 + 0.55 * rng.normal() + 0.45 * rng.normal(size=5)
        curl[INDEX + 1 :] += 0.5 * (curl[INDEX:-1] - curl[INDEX + 1 :])
        curl = np.clip(curl, 0, 1)
        balance = np.clip(1 + 0.35 * rng.normal(size=5), 0, 1.6)
        angles = np.zeros((5, 4))
        angles[:, FLEX_BASE] = np.radians(80) * curl * balance
        angles[:, FLEX_MIDDLE] = np.radians(95) * curl
        angles[:, FLEX_TIP] = np.radians(65) * curl
        angles[:, ABDUCTION] = rng.uniform(-0.3, 1) * _FULL_SPREAD
        angles[THUMB] = np.radians(rng.uniform((-18, -5, -10, -25), (42, 45, 55, 15)))
        return angles


def _family_angles(family: PoseFamily) -> np.ndarray:
    angles = np.zeros((5, 4))
    angles[INDEX:, FLEX_BASE] = np.radians(family.base)
    angles[INDEX:, FLEX_MIDDLE] = np.radians(family.middle)
    angles[INDEX:, FLEX_TIP] = np.radians(family.middle) * 2 / 3
    angles[:, ABDUCTION] = family.spread * _FULL_SPREAD
    angles[THUMB] = np.radians(family.thumb)
    return angles
