"""A subject's hand moving in the world: shape, pose and place over time."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.spatial.transform import Rotation, Slerp

from hamuco_mm.hand_model import NUM_BETAS, MANOLayer

from .anatomy import HandAnatomy
from .easing import blend, draw_keys, eased_phase
from .poses import PoseSampler


@dataclass(frozen=True)
class MotionConfig:
    """How hands are shaped, held and moved.

    Attributes:
        shape_sigma (float): Standard deviation of the shape coefficients.
        shape_limit (float): Largest shape coefficient.
        lean_deg (Tuple[float, float]): See
            :class:`~hamuco_mm.synthesis.poses.PoseSampler`.
        frames_per_pose (Tuple[float, float]): Least and most frames from one
            key pose to the next.
        tilt_sigma_deg (float): Standard deviation of the angle between the
            fingers and straight up (arms come from below).
        max_tilt_deg (float): Largest such angle.
        turn_deg (float): About the arm's axis the hand is turned freely, up
            to this angle either way from a direction of its own.
        turn_rate_deg (float): Standard deviation of the change of
            orientation from one key pose to the next.
        wander (float): Standard deviation of the hand's place, metres.
        wrist_deg (Tuple[float, float]): Standard deviations of the wrist's angles,
            towards the palm or the back of the hand, and sideways.
        max_wrist_deg (Tuple[float, float]): Largest such angles.
        any_direction (bool): Every direction is as probable as any other;
            ``tilt_sigma_deg``, ``max_tilt_deg`` and ``turn_deg`` are not used.
    """

    shape_sigma: float = 0.9
    shape_limit: float = 2.0
    lean_deg: tuple[float, float] = (0.0, 0.0)
    frames_per_pose: tuple[float, float] = (4.0, 8.0)
    tilt_sigma_deg: float = 38.0
    max_tilt_deg: float = 110.0
    turn_deg: float = 180.0
    turn_rate_deg: float = 30.0
    wander: float = 0.006
    wrist_deg: tuple[float, float] = (12.6, 12.6)
    max_wrist_deg: tuple[float, float] = (70.0, 30.0)
    any_direction: bool = False


@dataclass(frozen=True, eq=False)
class HandMotion:
    """A hand over T frames, in the world frame, metres and radians.

    Attributes:
        angles (np.ndarray): Anatomical poses (T, 5, 4).
        rotations (np.ndarray): (T, 16, 3, 3), MANO's joint order.
        betas (np.ndarray): Shape, (10,).
        translation (np.ndarray): (T, 3), added to the model's output.
        vertices (np.ndarray): (T, 778, 3).
        joints (np.ndarray): (T, 21, 3).
    """

    angles: np.ndarray
    rotations: np.ndarray
    betas: np.ndarray
    translation: np.ndarray
    vertices: np.ndarray
    joints: np.ndarray


def sample_betas(rng: np.random.Generator, config: MotionConfig) -> np.ndarray:
    """Shape coefficients (10,) of one subject."""
    betas = config.shape_sigma * rng.normal(size=NUM_BETAS)
    return np.clip(betas, -config.shape_limit, config.shape_limit)


def sample_wrist(
    rng: np.random.Generator, anatomy: HandAnatomy, config: MotionConfig
) -> np.ndarray:
    """How a wrist is bent, as ``bend`` of
    :meth:`~hamuco_mm.synthesis.forearm.Forearm.extend`, (3,) in the model's frame."""
    angles = np.clip(
        np.array(config.wrist_deg) * rng.normal(size=2),
        -np.array(config.max_wrist_deg),
        config.max_wrist_deg,
    )
    # the palm's normal is not quite across the fingers
    palmar = np.cross(anatomy.forward, anatomy.across)
    flexion, deviation = np.radians(angles)
    bend: np.ndarray = flexion * palmar + deviation * anatomy.across
    return bend


def sample_motion(
    pose_rng: np.random.Generator,
    place_rng: np.random.Generator,
    sampler: PoseSampler,
    layer: MANOLayer,
    betas: np.ndarray,
    num_frames: int,
    config: MotionConfig,
) -> HandMotion:
    """Draw a movement of one hand.

    Args:
        pose_rng (np.random.Generator): Draws the finger poses.
        place_rng (np.random.Generator): Draws orientation and place.
        sampler (PoseSampler): Knows the natural poses.
        layer (MANOLayer): The hand model, double precision.
        betas (np.ndarray): The subject's shape, (10,).
        num_frames (int): Frames T.
        config (MotionConfig): Ranges.
    """
    if num_frames == 1:
        angles = sampler.still(pose_rng)[None]
    else:
        angles = sampler.sequence(pose_rng, num_frames, config.frames_per_pose)
    rotations = sampler.anatomy.rotations(angles)
    keys = draw_keys(place_rng, num_frames, config.frames_per_pose)
    phase = eased_phase(keys, np.arange(num_frames))
    rotations[:, 0] = _orientations(
        place_rng, sampler.anatomy, len(keys), phase, config
    )
    with torch.no_grad():
        mesh = layer(torch.from_numpy(rotations), torch.from_numpy(betas))
    vertices, joints = mesh.vertices.numpy(), mesh.joints.numpy()
    offsets = config.wander * place_rng.normal(size=(len(keys), 3))
    # The middle of the hand's box stays near the middle of the rig.
    centre = (vertices.min(1) + vertices.max(1)) / 2
    translation = blend(offsets, phase) - centre
    return HandMotion(
        angles,
        rotations,
        betas,
        translation,
        vertices + translation[:, None],
        joints + translation[:, None],
    )


def _orientations(
    rng: np.random.Generator,
    anatomy: HandAnatomy,
    num_keys: int,
    phase: np.ndarray,
    config: MotionConfig,
) -> np.ndarray:
    """(T, 3, 3) rotations of the hand from the model frame to the world."""
    if config.any_direction:
        start = Rotation.from_quat(rng.normal(size=4))
    else:
        start = _upwards(rng, anatomy, config)
    steps = (
        np.radians(config.turn_rate_deg)
        / np.sqrt(3)
        * rng.normal(size=(num_keys - 1, 3))
    )
    path = [start]
    for step in steps:
        path.append(Rotation.from_rotvec(step) * path[-1])
    return Slerp(np.arange(num_keys), Rotation.concatenate(path))(phase).as_matrix()


def _upwards(
    rng: np.random.Generator, anatomy: HandAnatomy, config: MotionConfig
) -> Rotation:
    """Fingers more or less up, turned about the arm."""
    tilt = np.radians(
        min(abs(config.tilt_sigma_deg * rng.normal()), config.max_tilt_deg)
    )
    azimuth = rng.uniform(-np.pi, np.pi)
    turn = np.radians(config.turn_deg) * rng.uniform(-1, 1)
    # Upright: fingers up, palm to the front.
    upright = np.stack(
        [anatomy.forward, anatomy.palmar, np.cross(anatomy.forward, anatomy.palmar)]
    )
    world = np.stack([[0, 1, 0], [0, 0, 1], [1, 0, 0]]).astype(float)
    upright, _ = Rotation.align_vectors(world, upright)
    lean = Rotation.from_rotvec(tilt * np.array([np.cos(azimuth), 0, np.sin(azimuth)]))
    return lean * Rotation.from_rotvec([0, turn, 0]) * upright
