"""A subject's hand moving in the world: shape, pose and place over time."""
from dataclasses import dataclass
from typing import Tuple

import numpy as np
import torch
from scipy.interpolate import PchipInterpolator
from scipy.spatial.transform import Rotation, Slerp

from hamuco_mm.hand_model import NUM_BETAS, MANOLayer

from .anatomy import HandAnatomy
from .poses import PoseSampler


@dataclass(frozen=True)
class MotionConfig:
    """How hands are shaped, held and moved.

    Attributes:
        shape_sigma (float): Standard deviation of the shape coefficients.
        shape_limit (float): Largest shape coefficient.
        frames_per_pose (Tuple[float, float]): Least and most frames from one
            key pose to the next.
        tilt_sigma_deg (float): The fingers point up (arms come from below)
            give or take this angle.
        max_tilt_deg (float): Largest such angle.
        turn_deg (float): About the arm's axis the hand is turned freely, up
            to this angle either way from a direction of its own.
        turn_rate_deg (float): Standard deviation of the change of
            orientation from one key pose to the next.
        wander (float): Standard deviation of the hand's place, metres.
    """
    shape_sigma: float = .9
    shape_limit: float = 2.
    frames_per_pose: Tuple[float, float] = (4., 8.)
    tilt_sigma_deg: float = 38.
    max_tilt_deg: float = 110.
    turn_deg: float = 180.
    turn_rate_deg: float = 30.
    wander: float = .006


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


def sample_betas(rng: np.random.Generator,
                 config: MotionConfig) -> np.ndarray:
    """Shape coefficients (10,) of one subject."""
    betas = config.shape_sigma * rng.normal(size=NUM_BETAS)
    return np.clip(betas, -config.shape_limit, config.shape_limit)


def sample_motion(pose_rng: np.random.Generator,
                  place_rng: np.random.Generator, sampler: PoseSampler,
                  layer: MANOLayer, betas: np.ndarray, num_frames: int,
                  config: MotionConfig) -> HandMotion:
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
        angles = sampler.sequence(pose_rng, num_frames,
                                  config.frames_per_pose)
    rotations = sampler.anatomy.rotations(angles)
    keys, times = _key_times(place_rng, num_frames, config)
    rotations[:, 0] = _orientations(place_rng, sampler.anatomy, keys, times,
                                    config)
    with torch.no_grad():
        mesh = layer(torch.from_numpy(rotations), torch.from_numpy(betas))
    vertices, joints = mesh.vertices.numpy(), mesh.joints.numpy()
    offsets = config.wander * place_rng.normal(size=(len(keys), 3))
    if len(keys) > 1:
        offsets = PchipInterpolator(keys, offsets)(times)
    translation = offsets - _smooth_centre(vertices)
    return HandMotion(angles, rotations, betas, translation,
                      vertices + translation[:, None],
                      joints + translation[:, None])


def _smooth_centre(vertices: np.ndarray) -> np.ndarray:
    """Centre of the bounding box (T, 3); the frame follows the hand."""
    return (vertices.min(1) + vertices.max(1)) / 2


def _key_times(rng, num_frames: int, config: MotionConfig):
    times = np.arange(num_frames, dtype=float)
    keys = [0.]
    while keys[-1] < times[-1]:
        keys.append(keys[-1] + rng.uniform(*config.frames_per_pose))
    return np.array(keys), times


def _orientations(rng, anatomy: HandAnatomy, keys: np.ndarray,
                  times: np.ndarray, config: MotionConfig) -> np.ndarray:
    """(T, 3, 3) rotations of the hand from the model frame to the world."""
    tilt = np.radians(
        min(abs(config.tilt_sigma_deg * rng.normal()), config.max_tilt_deg))
    azimuth, turn = rng.uniform(-np.pi, np.pi), np.radians(
        config.turn_deg) * rng.uniform(-1, 1)
    # Columns: where the model's forward, palmar and third axes go.
    upright = np.stack([
        anatomy.forward, anatomy.palmar,
        np.cross(anatomy.forward, anatomy.palmar)
    ])
    world = np.stack([[0, 1, 0], [0, 0, 1], [1, 0, 0]]).astype(float)
    upright, _ = Rotation.align_vectors(world, upright)
    lean = Rotation.from_rotvec(
        tilt * np.array([np.cos(azimuth), 0, np.sin(azimuth)]))
    turned = lean * Rotation.from_rotvec([0, turn, 0]) * upright
    steps = np.radians(config.turn_rate_deg) / np.sqrt(3) * rng.normal(
        size=(len(keys) - 1, 3))
    path = [turned]
    for step in steps:
        path.append(Rotation.from_rotvec(step) * path[-1])
    if len(path) == 1:
        return turned.as_matrix()[None]
    # Slow at each key: no jerk where the axis of rotation changes.
    phase = PchipInterpolator(keys, np.arange(len(keys)))(times)
    whole = np.floor(phase)
    share = phase - whole
    eased = whole + share * share * (3 - 2 * share)
    return Slerp(np.arange(len(keys)), Rotation.concatenate(path))(
        eased).as_matrix()
