"""A person's first edits: each is one line of a config that inherits."""

import math

import pytest
import torch
from hand_model_files import write_hand_model
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpose.registry import MODELS
from one_weight import OneWeight

import hamuco_mm  # noqa: F401, registers the components


@pytest.fixture
def inherit(repository, tmp_path):
    """Function: base config, lines -> the config that inherits."""

    def _inherit(base: str, *lines: str) -> Config:
        path = tmp_path / 'mine.py'
        path.write_text(
            '\n'.join([f"_base_ = ['{repository}/configs/{base}']", *lines])
        )
        return Config.fromfile(path)

    return _inherit


class Rates(Hook):
    """Notes the learning rate of each iteration."""

    def __init__(self):
        self.seen = []

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.seen.append(runner.optim_wrapper.get_lr()['lr'][0])


def learning_rates(cfg: Config, work_dir, batches=12, **options) -> list[float]:
    """Of a training of one weight with the config's schedule."""
    rates = Rates()
    size = cfg.train_dataloader.batch_size
    data = [dict(inputs=torch.ones(1)) for _ in range(size * batches)]
    Runner(
        OneWeight(),
        work_dir=str(work_dir),
        train_dataloader=dict(
            batch_size=size,
            dataset=data,
            collate_fn=dict(type='default_collate'),
            sampler=dict(type='DefaultSampler', shuffle=False),
        ),
        train_cfg=cfg.train_cfg,
        optim_wrapper=cfg.optim_wrapper,
        param_scheduler=cfg.param_scheduler,
        custom_hooks=[rates],
        default_scope='mmpose',
        experiment_name=work_dir.name,
        **options,
    ).train()
    return rates.seen


BACKBONES = dict(
    mobilenet="dict(_delete_=True, type='MobileNetV2', out_indices=(1, 2, 4, 6))",
    resnet34='dict(depth=34, init_cfg=None)',
)


@pytest.mark.parametrize(
    'name, channels',
    [('mobilenet', (24, 32, 96, 320)), ('resnet34', (64, 128, 256, 512))],
)
def test_backbone(inherit, name, channels):
    cfg = inherit(
        'hand_3d_keypoint/hamuco/rig/hamuco_res18_1xb8-20e_rig-256x256.py',
        f'model = dict(backbone={BACKBONES[name]})',
    )
    model = MODELS.build(cfg.model).eval()
    assert model.view_neck.in_channels == channels
    feats = model.extract_feat(torch.zeros(1, 3, 64, 64))
    assert model.head(feats).keypoints_2d.shape == (1, 21, 2)


def test_epochs(inherit, tmp_path):
    """The learning rate falls over the epochs there are."""
    cfg = inherit('hamuco_hanco.py', 'train_cfg = dict(max_epochs=3)')
    rates = learning_rates(cfg, tmp_path / 'by_epoch')
    expected = [1.5e-4 * (1 + math.cos(math.pi * epoch / 3)) for epoch in range(3)]
    assert rates[::12] == pytest.approx(expected)
    cfg = inherit('hamuco_demo.py', 'train_cfg = dict(max_epochs=3)')
    rates = learning_rates(cfg, tmp_path / 'by_iteration')
    assert len(rates) == 36
    assert max(rates) > 1e-4 and rates[-1] < 0.007 * max(rates)


def test_batch_size(inherit, tmp_path):
    """--auto-scale-lr knows for which batch size the learning rate is."""
    cfg = inherit('hamuco_hanco.py', 'train_dataloader = dict(batch_size=4)')
    scaled = dict(cfg.auto_scale_lr, enable=True)
    rates = learning_rates(cfg, tmp_path / 'scaled', auto_scale_lr=scaled)
    assert rates[0] == pytest.approx(1.5e-4)


@pytest.mark.parametrize(
    'variable, base',
    [
        ('HANCO_ROOT', 'hamuco_hanco.py'),
        ('DEMO_ROOT', 'hamuco_demo.py'),
        (
            'RIG_ROOT',
            'hand_3d_keypoint/hamuco/rig/hamuco_res18w32_1xb8-10e_rig-96x96.py',
        ),
    ],
)
def test_data_root(repository, monkeypatch, variable, base):
    monkeypatch.setenv(variable, '/disk/hands')
    cfg = Config.fromfile(repository / 'configs' / base)
    for split in ('train', 'val', 'test'):
        dataset = cfg[f'{split}_dataloader'].dataset.dataset
        assert dataset.data_root == '/disk/hands'


def test_hand_model(inherit, tmp_path):
    """Of both heads; test_hand_model_hook.py has the data sets."""
    path = write_hand_model(tmp_path / 'MANO_RIGHT.npz')
    for value, name in ((repr(str(path)), 'MANO_RIGHT'), (None, 'open_hand_right')):
        cfg = inherit(
            'hamuco_hanco.py',
            f'model = dict(head=dict(hand_model=dict(path={value})))',
        )
        cfg.model.backbone.init_cfg = None
        model = MODELS.build(cfg.model)
        for head in (model.head, model.view_head):
            assert head.hand_decoder.hand.name == name


def test_losses_between_views(inherit):
    cfg = inherit(
        'hamuco_hanco.py', 'default_hooks = dict(loss_schedule=dict(warmup_epochs=3))'
    )
    assert cfg.default_hooks.loss_schedule.type == 'LossScheduleHook'
    assert cfg.default_hooks.loss_schedule.warmup_epochs == 3
