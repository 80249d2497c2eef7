"""The examples of CONTRIBUTING.md work as they stand."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmpose.registry import DATASETS, MODELS
from small_networks import time_step

from hamuco_mm.cameras import CalibrationError, CalibrationWarning, read_calibration
from hamuco_mm.cameras.files import sources
from hamuco_mm.cameras.files.registry import DOCUMENT_FORMATS, CalibrationFormat

PAGE = Path(__file__).resolve().parents[2] / 'CONTRIBUTING.md'
BLOCKS = re.findall(r'^```python\n(.*?)^```', PAGE.read_text(), re.M | re.S)


def define(name: str):
    """What the block that defines ``name`` defines under it."""
    (block,) = (b for b in BLOCKS if re.search(rf'^(class|def) {name}\b', b, re.M))
    namespace = {'__name__': 'contributing'}
    exec(compile(block, str(PAGE), 'exec'), namespace)
    return namespace[name]


def config_of(name: str, folder: Path) -> Config:
    """The config that the page shows under ``name``."""
    (block,) = (b for b in BLOCKS if b.startswith(f'# {name}'))
    path = folder / Path(name).name
    base = PAGE.with_name('configs') / 'hamuco_demo.py'
    path.write_text(block.replace("'hamuco_demo.py'", repr(str(base))))
    return Config.fromfile(path)


@pytest.fixture
def registered():
    """Defines a part and takes it out of its registry afterwards."""
    names = []

    def add(registry, name):
        names.append((registry, name))
        return define(name)

    yield add
    for registry, name in names:
        registry.module_dict.pop(name, None)


def test_data_set(registered, tmp_path):
    registered(DATASETS, 'MyHands')
    hands = [
        dict(
            split='train',
            frame=frame,
            camera=camera,
            image=f'{frame}_{camera}.png',
            image_size=(64, 48),
            K=[[50, 0, 32], [0, 50, 24], [0, 0, 1]],
            R=np.eye(3).tolist(),
            t=[0, 0, 0],
            joints=(np.full((21, 3), 0.01 * camera) + [0, 0, 1]).tolist(),
        )
        for frame in range(3)
        for camera in range(2)
    ]
    (tmp_path / 'hands.json').write_text(json.dumps(hands))
    flat = dict(type='MyHands', data_root=str(tmp_path), split='train')
    dataset = DATASETS.build(dict(type='MultiViewDataset', dataset=flat))
    assert len(dataset) == 3
    views = DATASETS.build(flat)
    assert len(views) == 6
    info = views.get_data_info(3)
    assert (info['frame_id'], info['camera_id']) == ('1', 1)
    np.testing.assert_allclose(info['keypoints'][0, 0], [32 + 0.5, 24 + 0.5], atol=1)


def build(config: Config):
    """The model of a config without weights from files."""
    for part in ('backbone', 'head', 'view_head'):
        config.model[part].init_cfg = None
    return MODELS.build(config.model)


def test_backbone(tmp_path):
    model = build(config_of('configs/my_backbone.py', tmp_path)).eval()
    crops, samples, _ = time_step(2)
    images = torch.from_numpy(crops).permute(0, 3, 1, 2).float()
    with torch.no_grad():
        predicted = model(images, samples, mode='predict')
    assert [sample.pred_instances.vertices.shape for sample in predicted] == [
        (1, 778, 3),
        (1, 778, 3),
    ]


def test_loss(registered, tmp_path):
    loss = registered(MODELS, 'SquaredShapePriorLoss')(loss_weight=2.0)
    assert loss(torch.tensor([[1.0, 3.0]])).item() == pytest.approx(10)
    model = build(config_of('configs/my_loss.py', tmp_path))
    assert type(loss).__name__ in {type(part).__name__ for part in model.modules()}


def test_calibration_format(tmp_path, monkeypatch):
    known = CalibrationFormat('focal', define('is_focal'), define('read_focal'))
    formats = dict(focal=known, **DOCUMENT_FORMATS)
    monkeypatch.setattr(sources, 'DOCUMENT_FORMATS', formats)
    path = tmp_path / 'cameras.json'
    content = dict(focal=dict(left=[50, 60, 32, 24], right=[51, 61, 33, 25]), made=1)
    path.write_text(json.dumps(content))
    with pytest.warns(CalibrationWarning, match='not used: made'):
        cameras = read_calibration(path).cameras
    assert list(cameras) == ['left', 'right']
    np.testing.assert_allclose(
        cameras['right'].project(np.array([[1.0, 1, 1]])), [[84, 86]]
    )
    path.write_text(json.dumps(dict(focal=dict(left=[50, 60]))))
    with pytest.raises(CalibrationError, match="cameras.json, 'left'.*four numbers"):
        read_calibration(path)
