import dataclasses

import numpy as np
import pytest

from hamuco_mm.synthesis import (
    DatasetConfig,
    SceneConfig,
    SceneGenerator,
    make_renderer,
)
from hamuco_mm.synthesis.rig import RigConfig

SMALL = SceneConfig(image_size=48, rig=RigConfig(num_views=3))


@pytest.fixture(scope='session')
def small_config() -> DatasetConfig:
    return DatasetConfig(
        num_train_sequences=2, num_test_sequences=1, frames=3, scene=SMALL
    )


@pytest.fixture(scope='session')
def generator() -> SceneGenerator:
    return SceneGenerator(0, 'train', SMALL)


@pytest.fixture(scope='session')
def exact_generator() -> SceneGenerator:
    return SceneGenerator(0, 'train', dataclasses.replace(SMALL, labels=None))


@pytest.fixture
def opengl():
    """The renderer of OpenGL, where it works."""
    pytest.importorskip('moderngl', reason='moderngl is an optional extra')
    try:
        return make_renderer('moderngl')
    except RuntimeError as error:
        pytest.skip(str(error))


@pytest.fixture(scope='session')
def poses(generator) -> np.ndarray:
    """Anatomical poses (300, 5, 4)."""
    rng = np.random.default_rng(0)
    return np.stack([generator.sampler.sample(rng) for _ in range(300)])
