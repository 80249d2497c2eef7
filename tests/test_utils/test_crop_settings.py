"""Labels and crops of another size or kind than the network's are refused."""

import pytest
from mmengine.config import Config

import hamuco_mm  # noqa: F401, registers the codecs
from hamuco_mm.utils.config_options import check_config
from hamuco_mm.utils.crop_settings import check_crops


@pytest.fixture
def config(repository):
    return Config.fromfile(repository / 'configs/hamuco_demo.py')


def step_of(config, phase, kind):
    """Key of a transform that has a setting."""
    pipeline = config[f'{phase}_dataloader'].dataset.dataset.pipeline
    number = next(i for i, step in enumerate(pipeline) if kind in step)
    return f'{phase}_dataloader.dataset.dataset.pipeline.{number}'


def test_configs_of_the_package_pass(repository):
    paths = sorted((repository / 'configs/hand_3d_keypoint').rglob('*.py'))
    assert len(paths) > 50
    for path in paths:
        check_crops(Config.fromfile(path))


@pytest.mark.parametrize('phase', ['train', 'val', 'test'])
def test_crops_of_another_size(config, phase):
    place = step_of(config, phase, 'input_size')
    config.merge_from_dict({f'{place}.input_size': (128, 128)})
    with pytest.raises(
        ValueError, match=rf'{place}.input_size=\(128, 128\).*\(96, 96\)'
    ):
        check_config(config)


def test_labels_of_another_size(config):
    place = step_of(config, 'train', 'encoder')
    config.merge_from_dict({f'{place}.encoder.input_size': (192, 192)})
    with pytest.raises(ValueError, match=rf'{place}.encoder.input_size=\(192, 192\)'):
        check_crops(config)


def test_labels_of_another_codec(config):
    place = step_of(config, 'train', 'encoder')
    config.merge_from_dict({f'{place}.encoder.type': 'RegressionLabel'})
    with pytest.raises(ValueError, match=f'{place}.encoder: the labels of RegressionL'):
        check_crops(config)


@pytest.mark.parametrize('phase', ['train', 'test'])
def test_crops_between_the_middles_of_pixels(config, phase):
    place = step_of(config, phase, 'input_size')
    config.merge_from_dict({f'{place}.use_udp': False})
    check_crops(config)
    config.merge_from_dict({f'{place}.use_udp': True})
    with pytest.raises(ValueError, match=f'{place}.use_udp=True.*Leave use_udp out'):
        check_crops(config)


def test_other_heads_have_sizes_of_their_own(config):
    place = step_of(config, 'train', 'encoder')
    config.merge_from_dict(
        {f'{place}.encoder.input_size': (192, 192), 'model.head.type': 'MyHead'}
    )
    check_crops(config)
