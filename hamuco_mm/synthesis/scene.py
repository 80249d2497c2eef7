"""One generated sequence: who moves how, in which light, seen by whom."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from .gloves import gloved
from .jewellery import Jewellery
from .label_errors import LabelErrorModel
from .lighting import Light, LightConfig
from .motion import HandMotion, MotionConfig
from .rig import Rig, RigConfig
from .sensor import SensorConfig
from .skin import Skin
from .things import Thing, ThingsConfig


@dataclass(frozen=True)
class SceneConfig:
    """What is generated.

    Attributes:
        image_size (int): Side of the square images in pixels.
        num_subjects (int, optional): People of the stream; None gives every
            sequence its own.
        photos (bool | str): Photographs among the backgrounds: True takes those of
            scikit-image, a string names a folder of them.
        hand_model (str, optional): Model file; None is the open hand.
        motion (MotionConfig): Shapes, poses and movements.
        rig (RigConfig): Cameras.
        sensor (SensorConfig): What the cameras do to the light.
        light (LightConfig): The light.
        fixed_rig (bool): All sequences of all streams are recorded in one room:
            cameras, light and backgrounds are the same.
        things (ThingsConfig): Objects and other hands in the picture.
        jewellery (float): Share of the people who wear a ring, and of those who
            wear a band about the wrist.
        gloves (float): Share of the people who wear gloves.
        veins (float): Share of the people whose veins show on the back of the hand.
        limbs (float): Share of the backgrounds with shapes of the colours of
            skin.
        labels (LabelErrorModel, optional): Errors of the pseudo labels; None
            makes them exact.
    """

    image_size: int = 128
    num_subjects: int | None = None
    photos: bool | str = False
    hand_model: str | None = None
    motion: MotionConfig = field(default_factory=MotionConfig)
    rig: RigConfig = field(default_factory=RigConfig)
    sensor: SensorConfig = field(default_factory=SensorConfig)
    light: LightConfig = field(default_factory=LightConfig)
    fixed_rig: bool = False
    things: ThingsConfig = field(default_factory=ThingsConfig)
    jewellery: float = 0.0
    gloves: float = 0.0
    veins: float = 0.0
    limbs: float = 0.0
    labels: LabelErrorModel | None = field(default_factory=LabelErrorModel)

    def __post_init__(self) -> None:
        if self.image_size < 16:
            raise ValueError(f'image_size must be at least 16, got {self.image_size}')
        if self.num_subjects is not None and self.num_subjects < 1:
            raise ValueError(
                f'num_subjects must be at least 1, got {self.num_subjects}'
            )
        for name in ('jewellery', 'gloves', 'veins', 'limbs'):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                raise ValueError(f'{name} is a share, 0 to 1, got {share}')


class Subject(NamedTuple):
    """A person: number within the stream, shape (10,), skin, jewellery, and the
    colour (3,) of gloves."""

    number: int
    betas: np.ndarray
    skin: Skin
    jewellery: Jewellery
    glove: np.ndarray | None = None

    @property
    def surface(self) -> Skin:
        """What the hand is painted with: skin, or gloves."""
        return self.skin if self.glove is None else gloved(self.skin, self.glove)


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything about one sequence but its pixels.

    Attributes:
        index (int): Number of the sequence within its stream.
        subject (Subject): Whose hand it is.
        motion (HandMotion): The hand over T frames, world frame.
        rig (Rig): The V cameras.
        light (Light): The light.
        wrist (np.ndarray): (3,) how the wrist is bent, see
            :func:`~hamuco_mm.synthesis.motion.sample_wrist`.
        things (Sequence[Thing]): What else is in the picture.
    """

    index: int
    subject: Subject
    motion: HandMotion
    rig: Rig
    light: Light
    wrist: np.ndarray
    things: Sequence[Thing] = ()

    @property
    def num_frames(self) -> int:
        return len(self.motion.vertices)

    @property
    def num_views(self) -> int:
        return len(self.rig.K)
