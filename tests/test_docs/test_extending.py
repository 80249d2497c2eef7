"""The modules and configs of docs/extending.md work as they stand."""

import importlib
import json
import re
import sys

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.config.utils import ConfigParsingError
from mmpose.registry import DATASETS, MODELS
from ring_rig import HEIGHT, WIDTH, RingRig, moving_hand
from small_networks import build_model, model_config

from hamuco_mm.datasets import multiview_collate
from hamuco_mm.structures import targets_of

STEPS, VIEWS = 3, 4
REGISTERED = {
    DATASETS: ['MyHands'],
    MODELS: ['SmoothFusedPointsLoss', 'BoneLengthLoss', 'BoneHaMuCo', 'MedianHaMuCo'],
}


@pytest.fixture(scope='module')
def blocks(request):
    """File name -> code, of the blocks that begin with the name."""
    page = request.config.rootpath / 'docs/extending.md'
    found = re.findall(r'^```python\n(# (\S+)\n.*?)^```', page.read_text(), re.M | re.S)
    return {name: code for code, name in found}


@pytest.fixture
def module(blocks, tmp_path, monkeypatch):
    """Function: name -> the page's module, which is forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    imported = []

    def load(name):
        (tmp_path / f'{name}.py').write_text(blocks[f'{name}.py'])
        imported.append(name)
        return importlib.import_module(name)

    yield load
    for name in imported:
        sys.modules.pop(name, None)
    for registry, names in REGISTERED.items():
        for name in names:
            registry.module_dict.pop(name, None)


@pytest.fixture
def config(blocks, tmp_path, repository):
    """Function: name -> the page's config, which inherits those that are there."""

    def read(name):
        code = blocks[f'configs/{name}.py'].replace(
            "_base_ = ['", f"_base_ = ['{repository}/configs/"
        )
        path = tmp_path / f'{name}_config.py'
        path.write_text(code)
        return Config.fromfile(path)

    return read


@pytest.fixture(scope='module')
def rig():
    return RingRig(moving_hand(STEPS), VIEWS)


@pytest.fixture
def recording(module, rig, tmp_path):
    """A folder with images and the files of ``MyHands``."""
    order = module('my_hands').ORDER
    images, hands = [], []
    for i, view in enumerate(rig.views()):
        camera, step = view['camera_param'], i // VIEWS
        joints = rig.joints[step] @ camera['R'].T + camera['t']
        name = f'{i}.png'
        cv2.imwrite(str(tmp_path / name), np.full((HEIGHT, WIDTH, 3), 9 * i, np.uint8))
        images.append(
            dict(
                id=i,
                file_name=name,
                width=WIDTH,
                height=HEIGHT,
                sequence='take',
                frame=step,
                camera=view['camera_id'],
                **{key: camera[key].tolist() for key in ('K', 'R', 't')},
            )
        )
        # as the file has them: row order[j] is joint j
        pixels = np.zeros((21, 3))
        pixels[order, :2], pixels[order, 2] = view['keypoints'][0], 0.5
        labels = np.zeros((21, 3))
        labels[order] = joints
        low, high = pixels[:, :2].min(0), pixels[:, :2].max(0)
        hands.append(
            dict(
                id=i,
                image_id=i,
                category_id=1,
                keypoints=pixels.ravel().tolist(),
                bbox=[*low, *(high - low)],
                hand_side='right',
                joints_cam=labels.tolist(),
            )
        )
    content = dict(
        images=images, annotations=hands, categories=[dict(id=1, name='hand')]
    )
    for name in ('train.json', 'val.json'):
        (tmp_path / name).write_text(json.dumps(content))
    return tmp_path


@pytest.fixture
def hands_config(recording, config):
    found = config('my_hands')
    for loader in (found.train_dataloader, found.val_dataloader, found.test_dataloader):
        loader.dataset.dataset.data_root = f'{recording}/'
    return found


@pytest.fixture
def batch(hands_config):
    """Inputs and targets of two time steps."""
    dataset = DATASETS.build(hands_config.train_dataloader.dataset)
    data = multiview_collate([dataset[0], dataset[1]])
    return data['inputs'].float() / 255, targets_of(data['data_samples'], 'cpu')


def small_model(**changes):
    losses = {
        f'loss_{name}': dict(type=kind)
        for name, kind in dict(
            consistency_2d='ViewConsistency2DLoss',
            consistency_fusion='FusedPointsLoss',
            distill='FusedPointsLoss',
        ).items()
    }
    return build_model(model_config((96, 96), **{**losses, **changes}))


def without_weights(model):
    for part in ('backbone', 'head', 'view_neck', 'view_head'):
        model[part]['init_cfg'] = None
    return model


def test_every_module_and_config_is_tested(blocks):
    assert set(blocks) == {
        'my_hands.py',
        'my_losses.py',
        'my_fusion.py',
        'my_fusing.py',
        *(
            f'configs/my_{name}.py'
            for name in ('hands', 'losses', 'keypoint_loss', 'backbone', 'pure')
        ),
    }


def test_data_set(hands_config, rig):
    dataset = DATASETS.build(hands_config.val_dataloader.dataset)
    assert len(dataset) == STEPS
    for step in range(STEPS):
        views = dataset.get_data_info(step)['views']
        assert [view['camera_id'] for view in views] == list(range(VIEWS))
        for view in views:
            camera = view['camera_param']
            joints = view['keypoints_cam'][0]
            world = (joints - camera['t']) @ camera['R']
            np.testing.assert_allclose(world, rig.joints[step], atol=1e-5)
            seen = joints @ camera['K'].T
            np.testing.assert_allclose(
                view['keypoints'][0], seen[:, :2] / seen[:, 2:], atol=0.01
            )
    item = dataset[0]
    assert item['inputs'][0].shape == (3, 96, 96)
    sample = item['data_samples'][1]
    assert (sample.view_index, sample.num_views) == (1, VIEWS)
    assert {'camera_param', 'R_cam2ray', 'hand_side'} <= set(sample.metainfo_keys())


def test_its_labels_teach(batch):
    inputs, targets = batch
    assert targets.frames.groups.sizes == (VIEWS, VIEWS)
    assert targets.frames.calibrated is None
    assert (targets.keypoint_weights == 0.5).all()
    losses = small_model().loss_from_targets(inputs, targets)
    assert all(loss.isfinite() for loss in losses.values())


@pytest.mark.slow
def test_tools_that_read_it(hands_config, run_tool, tmp_path, capsys):
    path = tmp_path / 'dumped.py'
    hands_config.dump(path)
    run_tool('dataset_statistics', path)
    assert 'with 3d joints' in capsys.readouterr().out.replace('_', ' ')
    with pytest.raises(SystemExit) as ended:
        run_tool('check_rig', path)
    assert not ended.value.code
    assert 'OK' in capsys.readouterr().out


def test_losses(module, config, batch):
    inputs, targets = batch
    module('my_losses')
    found = config('my_losses')
    model = small_model(
        **{k: found.model[k] for k in ('type', 'loss_bones', 'loss_distill')}
    )
    assert set(model.loss_factors) == {*found.between_views}
    assert set(found.default_hooks.loss_schedule.scheduled) == set(model.loss_factors)
    losses = model.loss_from_targets(inputs, targets)
    assert losses['loss_bones'] > 0 and losses['loss_distill'] > 0
    halved = model.loss_from_targets(inputs, targets, {'loss_bones': 0.5})
    torch.testing.assert_close(halved['loss_bones'], losses['loss_bones'] / 2)
    assert 'loss_distill' not in halved
    model.parse_losses(losses)[0].backward()
    MODELS.build(without_weights(found.model))


def test_values_of_the_losses(module):
    mine = module('my_losses')
    points = torch.zeros(1, 2, 5, 3)
    mask, weights = torch.tensor([[True, True]]), torch.tensor([[0.5, 0.5]])
    near = mine.SmoothFusedPointsLoss(beta=0.01)(points, points + 0.01, mask, weights)
    assert near.item() == pytest.approx(0.005 / 0.2)
    joints = torch.rand(1, 1, 21, 3).expand(1, 3, 21, 3).clone()
    loss = mine.BoneLengthLoss()
    mask, weights = torch.tensor([[True, True, False]]), torch.tensor([[0.5, 0.5, 0]])
    joints[:, 2] = 7  # not there
    assert loss(joints, mask, weights).item() == pytest.approx(0, abs=1e-6)
    joints[:, 1] *= 2
    assert loss(joints, mask, weights) > 0.1


def test_keypoint_loss(config):
    model = MODELS.build(without_weights(config('my_keypoint_loss').model))
    for head in (model.head, model.view_head):
        loss = head.losses.keypoint
        assert type(loss).__name__ == 'SmoothL1Loss'
        seen, label = torch.zeros(2, 21, 2), torch.ones(2, 21, 2)
        assert loss(seen, label, torch.ones(2, 21)) > 0
        assert loss(seen, label, torch.zeros(2, 21)) == 0


def test_fusion(module, batch):
    inputs, targets = batch
    module('my_fusion')
    model = small_model(type='MedianHaMuCo')
    with torch.no_grad():
        result = model.estimate(inputs, targets.frames.groups)
        points, alignment = model.align(result, targets.frames)
        fused, aligned = alignment.fused(), alignment.aligned()
    assert fused.shape == points.shape
    # half of the views on each side of the lower middle
    below = (aligned <= fused[:, :, None] + 1e-6).sum(2)
    assert below.min() >= VIEWS // 2
    assert 'loss_distill' in model.loss_from_targets(inputs, targets)


def test_other_weights_of_the_views(batch):
    inputs, targets = batch
    model = small_model()
    first = torch.tensor([1.0, 0, 0, 0] * 2)
    model.alignment = {}
    model.fusion_weights = lambda views: first
    with torch.no_grad():
        result = model.estimate(inputs, targets.frames.groups)
        points, alignment = model.align(result, targets.frames)
    torch.testing.assert_close(alignment.fused()[:, 0], points[:, 0], atol=1e-5, rtol=0)


def test_backbone(config, batch):
    inputs, targets = batch
    model = MODELS.build(config('my_backbone').model).eval()
    with torch.no_grad():
        result = model.estimate(inputs, targets.frames.groups)
    assert result.interact.mesh.vertices.shape == (len(inputs), 778, 3)


def test_one_map_needs_no_local_channels(config, batch):
    inputs, targets = batch
    cfg = config('my_backbone').model
    cfg.backbone.pop('out_indices')
    with pytest.raises(ValueError, match='local_channels=0'):
        MODELS.build(cfg)
    cfg.view_neck.local_channels = 0
    model = MODELS.build(cfg).eval()
    with torch.no_grad():
        result = model.estimate(inputs, targets.frames.groups)
    assert result.interact.mesh.vertices.shape == (len(inputs), 778, 3)


def test_library(module, rig):
    mine = module('my_fusing')
    rng = np.random.default_rng(0)
    cameras = [rig.camera(view) for view in range(VIEWS)]
    K, R, t = (np.stack([camera[key] for camera in cameras]) for key in ('K', 'R', 't'))
    truth = rig.joints[0]
    joints = np.einsum('vij,kj->vki', R, truth) + t[:, None]
    joints = joints + rng.normal(0, 0.005, joints.shape)
    pixels = np.stack([view['keypoints'][0] for view in rig.views()[:VIEWS]])
    fused = mine.fuse(joints, pixels, K, R, t)
    assert fused.shape == (21, 3)
    assert np.linalg.norm(fused.numpy() - truth, axis=-1).mean() < 0.005
    points = mine.triangulate(pixels, K, R, t)
    np.testing.assert_allclose(points, truth, atol=1e-5)
    measured = mine.errors(fused[None], truth[None])
    assert set(measured) == {'MPJPE', 'N-MPJPE', 'PA-MPJPE', 'AUC'}
    alone = mine.errors(joints[:1], joints[:1] + 0.001)
    assert measured['PA-MPJPE'] < 5 and alone['MPJPE'] == pytest.approx(0, abs=1e-3)


def test_pure_python_config(config):
    found = config('my_pure')
    model = MODELS.build(found.model)
    assert type(model).__name__ == 'HaMuCo'
    assert set(model.loss_factors) == {'loss_distill'}


def test_new_style_cannot_inherit_the_configs(repository, tmp_path):
    path = tmp_path / 'new_style.py'
    path.write_text(
        'from mmengine.config import read_base\n\nwith read_base():\n'
        '    from .configs.hamuco_demo import *\n'
    )
    (tmp_path / 'configs').symlink_to(repository / 'configs')
    with pytest.raises(ConfigParsingError):
        Config.fromfile(path)
