"""One generated sequence: who moves how, in which light, seen by whom."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from .label_errors import LabelErrorModel
from .lighting import Light
from .motion import HandMotion, MotionConfig
from .rig import Rig, RigConfig
from .skin import Skin


@dataclass(frozen=True)
class SceneConfig:
    """What is generated.

    Attributes:
        image_size (int): Side of the square images in pixels.
        num_subjects (int, optional): People of the stream; None gives every
            sequence its own.
        photos (bool): Photographic backgrounds, see
            :func:`~hamuco_mm.synthesis.backgrounds.make_background`.
        hand_model (str, optional): Model file; None is the open hand.
        motion (MotionConfig): Shapes, poses and movements.
        rig (RigConfig): Cameras.
        labels (LabelErrorModel, optional): Errors of the pseudo labels; None
            makes them exact.
    """

    image_size: int = 128
    num_subjects: int | None = None
    photos: bool = False
    hand_model: str | None = None
    motion: MotionConfig = field(default_factory=MotionConfig)
    rig: RigConfig = field(default_factory=RigConfig)
    labels: LabelErrorModel | None = field(default_factory=LabelErrorModel)

    def __post_init__(self) -> None:
        if self.image_size < 16:
            raise ValueError(f'image_size must be at least 16, got {self.image_size}')
        if self.num_subjects is not None and self.num_subjects < 1:
            raise ValueError(
                f'num_subjects must be at least 1, got {self.num_subjects}'
            )


class Subject(NamedTuple):
    """A person: number within the stream, shape (10,) and skin."""

    number: int
    betas: np.ndarray
    skin: Skin


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything about one sequence but its pixels.

    Attributes:
        index (int): Number of the sequence within its stream.
        subject (Subject): Whose hand it is.
        motion (HandMotion): The hand over T frames, world frame.
        rig (Rig): The V cameras.
        light (Light): The light.
        elbow (np.ndarray): (3,) sideways shift of the elbow, model frame.
    """

    index: int
    subject: Subject
    motion: HandMotion
    rig: Rig
    light: Light
    elbow: np.ndarray

    @property
    def num_frames(self) -> int:
        return len(self.motion.vertices)

    @property
    def num_views(self) -> int:
        return len(self.rig.K)
