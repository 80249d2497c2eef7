"""Learned baselines, and `hamuco-plus`, train and are tested as their configs say, on
small data."""

import json
import math
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.runner import Runner

import hamuco_mm  # noqa: F401, registers the components
from hamuco_mm.synthesis.openhandmv import Preset, generate_openhandmv

FOLDER = (
    Path(__file__).resolve().parents[1] / 'configs/hand_3d_keypoint/hamuco/openhandmv'
)
END = '_1xb16-10e_openhandmv-128x128.py'
# the loss that makes each one, and the stage that is tested
BASELINES = {
    'td-mano_res18_triangulated-labels': ('loss_kpt_cam_single', 'single'),
    'td-mano_res18_mixed-views': ('loss_mixed_views_single', 'single'),
    'td-triangulation_res18': ('loss_reprojection', 'fusion'),
    'td-volumetric_res18': ('loss_reprojection_volume', 'fusion'),
    'hamuco-plus_res18': ('loss_kpt_cam_interact', 'interact'),
}
NARROW = {
    'model.backbone.stem_channels': 8,
    'model.backbone.base_channels': 8,
    'model.head.in_channels': 64,
}


@pytest.fixture(scope='module')
def data_root(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp('made') / 'openhandmv'
    size = Preset(train=2, val=1, test=1, frames=2, views=3, image_size=32)
    generate_openhandmv(str(root), size)
    return root


@pytest.fixture
def config(data_root, tmp_path, monkeypatch):
    """Returns a function that loads a baseline for a very short training."""
    monkeypatch.setenv('OPENHANDMV_ROOT', str(data_root))

    def load(name: str) -> Config:
        config = Config.fromfile(FOLDER / f'{name}{END}')
        config.merge_from_dict(
            {
                **NARROW,
                'work_dir': str(tmp_path),
                'visualizer.name': str(tmp_path),
                'train_cfg': dict(max_epochs=2, val_interval=2),
                'default_hooks.logger.interval': 1,
            }
        )
        for split in ('train', 'val', 'test'):
            config[f'{split}_dataloader'].update(
                batch_size=2,
                num_workers=0,
                persistent_workers=False,
                prefetch_factor=None,
            )
        return config

    return load


@pytest.mark.slow
@pytest.mark.parametrize('name', BASELINES)
def test_a_baseline_learns_and_is_tested(name, config, tmp_path):
    loss, stage = BASELINES[name]
    runner = Runner.from_cfg(config(name))
    runner.train()
    # AdamW knows the parameters that had a gradient
    state = runner.optim_wrapper.optimizer.state
    parameters = runner.model.named_parameters()
    assert [key for key, p in parameters if p.requires_grad and p not in state] == []
    log = next(tmp_path.glob('*/vis_data/scalars.json')).read_text()
    steps = [line for line in map(json.loads, log.splitlines()) if 'loss' in line]
    assert len(steps) == 4
    values = [step[loss] for step in steps]
    # with so few bad labels, some time steps have none that agree
    assert all(map(math.isfinite, values)) and max(values) > 0
    metrics = runner.test()
    for measure in ('MPJPE', 'N-MPJPE', 'PA-MPJPE'):
        assert math.isfinite(metrics[f'{stage}/{measure}'])
