"""What goes into a generated data set."""

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace

from hamuco_mm.version import __version__

from .hanco_files import FIRST_TEST_SEQUENCE
from .renderers import make_renderer
from .scene import SceneConfig
from .scene_generator import SceneGenerator


@dataclass(frozen=True)
class DatasetConfig:
    """What goes into a generated data set.

    Attributes:
        num_train_sequences (int): Numbered from 0.
        num_test_sequences (int): Numbered from 1200, as HanCo splits.
        frames (int): Frames of each sequence.
        seed (int): Seed.
        train_stream (str): Where the training sequences come from: 'train',
            or 'pretrain' for a set that shares nothing with the others.
        train_subjects (int, optional): People in training; None gives every
            sequence its own.
        test_subjects (int, optional): The same for the test.
        renderer (str): 'numpy', 'moderngl' or 'auto'.
        scene (SceneConfig): The images. Its ``num_subjects`` is not used.
    """

    num_train_sequences: int = 40
    num_test_sequences: int = 10
    frames: int = 10
    seed: int = 0
    train_stream: str = 'train'
    train_subjects: int | None = None
    test_subjects: int | None = None
    renderer: str = 'numpy'
    scene: SceneConfig = field(default_factory=SceneConfig)

    def __post_init__(self) -> None:
        if (
            min(self.num_train_sequences, self.num_test_sequences) < 0
            or not self.num_train_sequences + self.num_test_sequences
        ):
            raise ValueError('there must be at least one sequence')
        if self.num_test_sequences and self.num_train_sequences > FIRST_TEST_SEQUENCE:
            raise ValueError(
                f'at most {FIRST_TEST_SEQUENCE} training sequences beside test '
                'sequences, which are numbered from there'
            )
        if self.frames < 1:
            raise ValueError(f'frames must be positive, got {self.frames}')

    @property
    def fingerprint(self) -> str:
        """Changes with everything that the files depend on but the number of
        sequences, so that a data set can grow."""
        settings = asdict(self)
        del settings['num_train_sequences'], settings['num_test_sequences']
        text = json.dumps([__version__, settings], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def sequences(self) -> dict[int, tuple[str, int]]:
        """Number in the data set -> stream and index within it."""
        train = {i: (self.train_stream, i) for i in range(self.num_train_sequences)}
        test = {
            FIRST_TEST_SEQUENCE + i: ('test', i) for i in range(self.num_test_sequences)
        }
        return {**train, **test}

    def generator(self, stream: str) -> SceneGenerator:
        """The generator of one stream."""
        subjects = self.test_subjects if stream == 'test' else self.train_subjects
        return SceneGenerator(
            self.seed,
            stream,
            replace(self.scene, num_subjects=subjects),
            make_renderer(self.renderer),
        )

    def as_json(self) -> dict:
        """The settings as JSON gives them back."""
        return json.loads(json.dumps(asdict(self)))
