"""What goes into a generated data set."""

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property

from hamuco_mm.version import __version__

from .hanco_files import FIRST_TEST_SEQUENCE, FIRST_VAL_SEQUENCE
from .photographs import photographs_digest
from .renderers import make_renderer
from .scene import SceneConfig
from .scene_generator import SceneGenerator


@dataclass(frozen=True)
class DatasetConfig:
    """What goes into a generated data set.

    Attributes:
        num_train_sequences (int): Numbered from 0.
        num_test_sequences (int): Numbered from 1200, as HanCo splits.
        num_val_sequences (int): For validation, numbered from 1100. With any, the
            data set has a ``splits.json``.
        frames (int): Frames of each sequence.
        seed (int): Seed.
        train_stream (str): Where the training sequences come from: 'train',
            or 'pretrain' for a set that shares nothing with the others.
        train_subjects (int, optional): People in training; None gives every
            sequence its own.
        test_subjects (int, optional): The same for the validation and the test.
        renderer (str): 'numpy', 'moderngl' or 'auto'.
        scene (SceneConfig): The images. Its ``num_subjects`` is not used, and its
            lenses are ideal.
    """

    num_train_sequences: int = 40
    num_test_sequences: int = 10
    num_val_sequences: int = 0
    frames: int = 10
    seed: int = 0
    train_stream: str = 'train'
    train_subjects: int | None = None
    test_subjects: int | None = None
    renderer: str = 'numpy'
    scene: SceneConfig = field(default_factory=SceneConfig)

    def __post_init__(self) -> None:
        numbers = (
            self.num_train_sequences,
            self.num_val_sequences,
            self.num_test_sequences,
        )
        if min(numbers) < 0 or not sum(numbers):
            raise ValueError('there must be at least one sequence')
        if self.num_val_sequences and (
            self.num_train_sequences > FIRST_VAL_SEQUENCE
            or self.num_val_sequences > FIRST_TEST_SEQUENCE - FIRST_VAL_SEQUENCE
        ):
            raise ValueError(
                f'at most {FIRST_VAL_SEQUENCE} training sequences beside validation '
                'sequences, which are numbered from there; and at most '
                f'{FIRST_TEST_SEQUENCE - FIRST_VAL_SEQUENCE} of these'
            )
        if self.num_test_sequences and self.num_train_sequences > FIRST_TEST_SEQUENCE:
            raise ValueError(
                f'at most {FIRST_TEST_SEQUENCE} training sequences beside test '
                'sequences, which are numbered from there'
            )
        if self.frames < 1:
            raise ValueError(f'frames must be positive, got {self.frames}')
        if any(self.scene.rig.distortion):
            raise ValueError(
                f"distortion={self.scene.rig.distortion}: HanCo's layout has no place "
                'for the coefficients of lenses; items of GeneratedHandDataset have'
            )

    @cached_property
    def fingerprint(self) -> str:
        """Changes with everything that the files depend on but the number of
        sequences, so that a data set can grow. Asked for by each sequence; the
        photographs are read once."""
        settings = asdict(self)
        for split in ('train', 'val', 'test'):
            del settings[f'num_{split}_sequences']
        if isinstance(self.scene.photos, str):
            settings['scene']['photos'] = photographs_digest(self.scene.photos)
        text = json.dumps([__version__, settings], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def sequences(self) -> dict[int, tuple[str, int]]:
        """Number in the data set -> stream and index within it."""
        train = {i: (self.train_stream, i) for i in range(self.num_train_sequences)}
        test = {
            FIRST_TEST_SEQUENCE + i: ('test', i) for i in range(self.num_test_sequences)
        }
        val = {
            FIRST_VAL_SEQUENCE + i: ('val', i) for i in range(self.num_val_sequences)
        }
        return {**train, **val, **test}

    def splits(self) -> dict[str, list[int]]:
        """Numbers of the sequences for training, validation and testing."""
        numbers = list(self.sequences())
        first_val = (
            FIRST_VAL_SEQUENCE if self.num_val_sequences else FIRST_TEST_SEQUENCE
        )
        splits = dict(
            train=[n for n in numbers if n < first_val],
            val=[n for n in numbers if first_val <= n < FIRST_TEST_SEQUENCE],
            test=[n for n in numbers if n >= FIRST_TEST_SEQUENCE],
        )
        return {split: numbers for split, numbers in splits.items() if numbers}

    def generator(self, stream: str) -> SceneGenerator:
        """The generator of one stream."""
        subjects = self.train_subjects
        if stream in ('val', 'test'):
            subjects = self.test_subjects
        return SceneGenerator(
            self.seed,
            stream,
            replace(self.scene, num_subjects=subjects),
            make_renderer(self.renderer),
        )

    def as_json(self) -> dict:
        """The settings as JSON gives them back."""
        return json.loads(json.dumps(asdict(self)))
