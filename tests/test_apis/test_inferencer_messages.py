"""What the inferencer's parts refuse before anything is computed."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.infer import BaseInferencer

from hamuco_mm.apis import HaMuCoInferencer
from hamuco_mm.apis.inferencers.cameras import load_cameras
from hamuco_mm.apis.inferencers.models import find_model, split_model
from hamuco_mm.apis.inferencers.result_files import PictureFiles
from hamuco_mm.utils.stored_config import config_from_checkpoint

CAMERA = dict(K=np.array([[400.0, 0, 112], [0, 400, 112], [0, 0, 1]]))
POSED = dict(CAMERA, R=np.eye(3), t=np.zeros(3))


@pytest.mark.parametrize(
    'cameras, words',
    [
        ([POSED], '1 cameras for 2 views'),
        (dict(left=POSED, other=POSED), 'name the views like their cameras'),
        (dict(left=POSED, right=CAMERA), "camera 'right' has no pose"),
    ],
)
def test_cameras_that_are_not_those_of_the_views(cameras, words):
    with pytest.raises(ValueError, match=words):
        load_cameras(cameras, ['left', 'right'])


def test_models_and_weights(tmp_path):
    with pytest.raises(ValueError, match='both .* are checkpoints'):
        split_model('a.pth', 'b.pth')
    for model, weights in ((None, 'b.pth'), (str(tmp_path / 'a.py'), None)):
        with pytest.raises(FileNotFoundError, match='there (are|is) no'):
            split_model(model, weights)
    page = tmp_path / 'README.md'
    page.touch()
    with pytest.raises(ValueError, match='README.md is neither a config'):
        split_model(str(page), None)


def test_models_that_have_to_be_trained_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    root = Path(BaseInferencer._get_repo_or_mim_dir('hamuco_mm'))
    untrained = [
        entry['Name']
        for entry in BaseInferencer._get_models_from_metafile(str(root))
        if '://' not in entry.get('Checkpoint', '://')
        and not (root / entry['Checkpoint']).exists()
    ]
    if not untrained:
        pytest.skip('all models were trained here')
    for name in untrained:
        with pytest.raises(FileNotFoundError, match=f'{name} has no weights yet'):
            find_model(name)


@pytest.mark.parametrize(
    'text, words',
    [
        ('model = dict(**other)', 'calls something'),
        ('model = {**other}', 'unpacks something'),
        ('model = open("x")', 'calls something'),
        ('import os', 'is no assignment'),
        ('model = [', 'is not plain data'),
    ],
)
def test_configs_that_are_more_than_data(text, words):
    with pytest.raises(
        ValueError, match=f'in a.pth is not plain data.*{words}|{words}'
    ):
        config_from_checkpoint(dict(meta=dict(cfg=text)), 'a.pth')


@pytest.mark.parametrize('target, video', [('a.jpg', None), ('a.mp4', None)])
def test_pictures_go_to_folders(target, video):
    with pytest.raises(ValueError, match='vis_out_dir should be a folder'):
        PictureFiles(target, video)


def test_a_video_that_cannot_be_written(tmp_path):
    (tmp_path / 'out').mkdir()
    (tmp_path / 'out' / 'hand.mp4').mkdir()
    pictures = PictureFiles(str(tmp_path / 'out'), 'hand')
    with pytest.raises(OSError, match='hand.mp4 cannot be written as a video'):
        pictures.write('0', np.zeros((16, 16, 3), np.uint8))


def test_a_picture_that_cannot_be_written(tmp_path):
    (tmp_path / 'hand.jpg').mkdir()
    with pytest.raises(OSError, match='hand.jpg cannot be written'):
        PictureFiles(str(tmp_path)).write('hand', np.zeros((16, 16, 3), np.uint8))


@pytest.mark.parametrize(
    ('changes', 'words'),
    [
        ({}, r'of .*hamuco_demo.py \(view_neck.* it is of a single-view network'),
        ({'model.backbone.base_channels': 8}, 'it is of another network'),
    ],
)
def test_weights_of_another_network(repository, capfd, changes, words):
    config = str(repository / 'configs/hamuco_demo.py')
    weights = 'hamuco_mm://res18w32_generated-hands.pth'
    options = {'model.backbone.init_cfg': None, **changes}
    with pytest.raises(ValueError, match=f'{weights} has no weights for .*{words}'):
        HaMuCoInferencer(config, weights, device='cpu', cfg_options=options)
    printed = ''.join(capfd.readouterr())
    assert 'size mismatch' not in printed and 'missing keys' not in printed


def test_a_network_of_one_view_leaves_weights_of_several_aside():
    """Built in inference mode, too, as scripts around it may have it."""
    weights = 'hamuco_mm://res18w32_self-supervised.pth'
    with torch.inference_mode():
        HaMuCoInferencer('hamuco-demo', weights, device='cpu')


def test_the_weights_of_the_package_load_without_a_warning(logged):
    model = HaMuCoInferencer('hamuco-demo', device='cpu').model
    assert model.dataset_meta['num_keypoints'] == 21
    assert not [message for message in logged if 'dataset_meta' in message]
