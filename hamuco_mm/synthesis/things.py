"""What else is in the picture: objects in and before the hand, another hand."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.spatial.transform import Rotation

from hamuco_mm.hand_model import MANOLayer

from .anatomy import HandAnatomy
from .forearm import Forearm
from .motion import HandMotion
from .poses import PoseSampler
from .skin import SkinMap, sample_skin, vertex_colors

# Places on the flat hand that are read from the skin's details: far away, where
# there are none.
_NOWHERE = 10.0


@dataclass(frozen=True)
class ThingsConfig:
    """How often something else is in the picture; shares of the sequences.

    Attributes:
        held (float): An object in the hand.
        before (float): An object between the hand and some of the cameras.
        second_hand (float): Another hand beside this one.
    """

    held: float = 0.0
    before: float = 0.0
    second_hand: float = 0.0

    def __post_init__(self) -> None:
        for name in ('held', 'before', 'second_hand'):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                raise ValueError(f'{name} is a share, 0 to 1, got {share}')


@dataclass(frozen=True, eq=False)
class Thing:
    """A closed mesh beside the hand, over T frames.

    Attributes:
        vertices (np.ndarray): (T, N, 3) world metres.
        faces (np.ndarray): (F, 3), corners counter-clockwise from outside.
        colors (np.ndarray): (N, 3) unlit colours, BGR 0..255.
        rest (np.ndarray): (N, 3) places on the flat hand, metres.
    """

    vertices: np.ndarray
    faces: np.ndarray
    colors: np.ndarray
    rest: np.ndarray


def sample_things(
    rng: np.random.Generator,
    config: ThingsConfig,
    anatomy: HandAnatomy,
    motion: HandMotion,
    other: 'OtherHand',
) -> list[Thing]:
    """Draw what else a sequence shows.

    Args:
        rng (np.random.Generator): Source of randomness.
        config (ThingsConfig): How often.
        anatomy (HandAnatomy): The hand.
        motion (HandMotion): The hand over time.
        other (OtherHand): Draws another hand.
    """
    draws = rng.random(3)
    things = []
    if draws[0] < config.held:
        palm = _palm(anatomy, motion) + 0.03 * (motion.rotations[:, 0] @ anatomy.palmar)
        vertices, faces = _solid(rng, rng.uniform(0.012, 0.04))
        turned = np.einsum('tij,nj->tni', motion.rotations[:, 0], vertices)
        things.append(_object(rng, palm[:, None] + turned, faces))
    if draws[1] < config.before:
        direction = rng.normal(size=3)
        direction /= np.linalg.norm(direction)
        centre = motion.vertices.mean((0, 1)) + rng.uniform(0.07, 0.14) * direction
        vertices, faces = _solid(rng, rng.uniform(0.01, 0.035))
        still = np.tile(centre + vertices, (len(motion.vertices), 1, 1))
        things.append(_object(rng, still, faces))
    if draws[2] < config.second_hand:
        things.append(other.draw(rng, motion))
    return things


class OtherHand:
    """Draws the other hand of a person, or somebody else's.

    Args:
        layer (MANOLayer): The right hand's model.
        anatomy (HandAnatomy): The right hand.
        sampler (PoseSampler): Knows the natural poses.
        forearm (Forearm): Continues the hand.
        skin_map (SkinMap): Details of the skin.
        rest (np.ndarray): (N, 3) hand and forearm, flat, metres.
    """

    def __init__(
        self,
        layer: MANOLayer,
        anatomy: HandAnatomy,
        sampler: PoseSampler,
        forearm: Forearm,
        skin_map: SkinMap,
        rest: np.ndarray,
    ) -> None:
        self._layer, self._anatomy = layer, anatomy
        self._sampler, self._forearm = sampler, forearm
        self._skin_map, self._rest = skin_map, rest

    def draw(self, rng: np.random.Generator, motion: HandMotion) -> Thing:
        """A hand that stays where it is, 7 to 16 cm from the middle of the
        first one, turned any way; half of them are left hands."""
        angles = self._sampler.still(rng)
        rotations = self._anatomy.rotations(angles)
        with torch.no_grad():
            mesh = self._layer(
                torch.from_numpy(rotations[None]), torch.from_numpy(motion.betas)
            )
        arm = self._forearm.extend(
            mesh.vertices[0].numpy(), -self._anatomy.forward, np.zeros(3)
        )
        arm = arm - arm[: len(mesh.vertices[0])].mean(0)
        faces = self._forearm.faces
        if rng.random() < 0.5:  # a left hand is a right one in a mirror
            arm, faces = arm * (-1, 1, 1), faces[:, ::-1]
        rotation = _any_rotation(rng)
        direction = rng.normal(size=3)
        direction /= np.linalg.norm(direction)
        place = motion.vertices.mean((0, 1)) + rng.uniform(0.07, 0.16) * direction
        vertices = np.tile(arm @ rotation.T + place, (len(motion.vertices), 1, 1))
        skin = sample_skin(rng)
        colors = np.tile(skin.tone, (len(arm), 1))
        hand = vertex_colors(skin, self._skin_map)
        colors[: len(hand)] = hand
        return Thing(vertices, faces, colors, self._rest)


def _palm(anatomy: HandAnatomy, motion: HandMotion) -> np.ndarray:
    """(T, 3) between the wrist and the middle finger's base, nearer to it."""
    return motion.joints[:, 0] + 0.8 * (motion.joints[:, 9] - motion.joints[:, 0])


def _object(rng: np.random.Generator, vertices: np.ndarray, faces: np.ndarray) -> Thing:
    color = np.clip(rng.uniform(15, 235) + 40 * rng.normal(size=3), 5, 250)
    count = vertices.shape[1]
    colors = np.clip(color * rng.normal(1, 0.12, (count, 1)), 2, 252)
    return Thing(vertices, faces, colors, np.full((count, 3), _NOWHERE))


def _solid(rng: np.random.Generator, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """A box, a rod or a ball of about a radius in metres, turned any way."""
    exponent, stretch = ((0.25, 1.5), (0.5, 4.0), (1.0, 1.0))[rng.integers(3)]
    vertices, faces = _superquadric(exponent)
    scale = radius * np.array((1.0, rng.uniform(0.5, 1.0), stretch))
    return (vertices * scale) @ _any_rotation(rng).T, faces


def _superquadric(exponent: float) -> tuple[np.ndarray, np.ndarray]:
    """Between a box (exponent near 0) and a ball (1); unit half axes.

    As in Barr, "Superquadrics and angle-preserving transformations", 1981.
    """
    rows, columns = 7, 12
    latitude = np.linspace(-np.pi / 2, np.pi / 2, rows)[1:-1, None]
    longitude = np.linspace(-np.pi, np.pi, columns, endpoint=False)

    def power(value: np.ndarray) -> np.ndarray:
        return np.sign(value) * np.abs(value) ** exponent

    ring = np.stack(
        np.broadcast_arrays(
            power(np.cos(latitude)) * power(np.cos(longitude)),
            power(np.cos(latitude)) * power(np.sin(longitude)),
            power(np.sin(latitude)),
        ),
        -1,
    ).reshape(-1, 3)
    vertices = np.concatenate([ring, [(0, 0, -1), (0, 0, 1)]])
    here = np.arange(columns)
    after = (here + 1) % columns
    bottom, top = len(ring), len(ring) + 1
    faces = [np.stack([np.full(columns, bottom), after, here], 1)]
    for row in range(rows - 3):
        low, high = row * columns, (row + 1) * columns
        faces.append(np.stack([low + here, low + after, high + after], 1))
        faces.append(np.stack([low + here, high + after, high + here], 1))
    last = (rows - 3) * columns
    faces.append(np.stack([last + here, last + after, np.full(columns, top)], 1))
    return vertices, np.concatenate(faces)


def _any_rotation(rng: np.random.Generator) -> np.ndarray:
    """A rotation (3, 3), all alike probable (a random unit quaternion)."""
    return Rotation.from_quat(rng.normal(size=4)).as_matrix()
