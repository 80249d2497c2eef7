"""What OpenHandMV is made of."""

import hashlib
import json
from dataclasses import asdict, dataclass

from ..looks import look_as
from ..scene import SceneConfig
from ..scene_generator import SceneGenerator

# Other bytes of the same preset are another version: raise it with every change
# of what the generator draws for the settings below.
VERSION = '1.2'
# Of no other generated set, so that weights trained on those have seen nothing.
SEED = 20261128


@dataclass(frozen=True)
class Preset:
    """A size of OpenHandMV.

    Attributes:
        train (int): Sequences for training, each of another person.
        val (int): The same for validation.
        test (int): The same for testing.
        frames (int): Time steps of each sequence.
        views (int): Cameras, each sequence with others.
        image_size (int): Side of the images in pixels.
        packed (bool): Files are in LMDBs, one for each kind, not in folders.
    """

    train: int
    val: int
    test: int
    frames: int = 10
    views: int = 8
    image_size: int = 128
    packed: bool = False

    def __post_init__(self) -> None:
        if min(self.train, self.val, self.test, self.frames) < 1:
            raise ValueError('every split needs a sequence, and these a time step')

    @property
    def splits(self) -> dict[str, range]:
        """Numbers of the sequences of each split."""
        first = dict(train=0, val=self.train, test=self.train + self.val)
        return {
            split: range(start, start + getattr(self, split))
            for split, start in first.items()
        }

    @property
    def scene(self) -> SceneConfig:
        """What is generated: the look 'wild', with errors in the labels."""
        return look_as(
            'wild', dict(image_size=self.image_size, rig=dict(num_views=self.views))
        )

    @property
    def fingerprint(self) -> str:
        """Changes with version and preset, on which the files depend alone."""
        return hashlib.sha256(json.dumps([VERSION, asdict(self)]).encode()).hexdigest()

    def place(self, sequence: int) -> tuple[str, int]:
        """Split of a sequence, and its number within it."""
        for split, numbers in self.splits.items():
            if sequence in numbers:
                return split, numbers.index(sequence)
        raise ValueError(f'there is no sequence {sequence}')

    def generator(self, split: str) -> SceneGenerator:
        """The generator of a split, which shares nothing with the others."""
        return SceneGenerator(SEED, split, self.scene)


PRESETS = dict(
    tiny=Preset(train=100, val=10, test=20),
    small=Preset(train=1_000, val=40, test=40),
    full=Preset(train=10_000, val=200, test=500, packed=True),
)
