"""What each experiment on OpenHandMV switches off is really absent."""

import copy
import math
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpose.registry import MODELS
from view_batches import make_inputs, make_samples

import hamuco_mm  # noqa: F401, registers the components

FOLDER = (
    Path(__file__).resolve().parents[1] / 'configs/hand_3d_keypoint/hamuco/openhandmv'
)
FULL = 'hamuco_res18_1xb16-10e_openhandmv-128x128'
NAMES = sorted(path.stem for path in FOLDER.glob('hamuco_*.py'))
# what a narrow copy has in place of the configs' widths
NARROW = {
    'model.backbone.stem_channels': 8,
    'model.backbone.base_channels': 8,
    'model.head.hidden_channels': 16,
    'model.view_neck.num_heads': 2,
    'model.view_head.hidden_channels': 16,
}
# start of the names of parameters, and losses, that are gone
ABSENT = {
    'no-vsf': (('view_neck.blocks.{}.shared_feature',), ()),
    'no-cva': (('view_neck.blocks.{}.attention',), ()),
    'no-g1': (('view_neck.graph_feature.location',), ()),
    'no-g2': (('view_neck.graph_feature.joint_graph',), ()),
    'no-g3': (('view_neck.graph_feature.sampler',), ()),
    'no-lc2d': ((), ('loss_consistency_2d',)),
    'no-lcf': ((), ('loss_consistency_fusion',)),
    'no-dcvi': (
        ('view_neck', 'view_head'),
        ('loss_kpt_interact', 'loss_pose_interact', 'finger_spread_interact'),
    ),
    'no-lc': ((), ('loss_consistency_2d', 'loss_consistency_fusion')),
    'no-ld': ((), ('loss_distill',)),
}


# those that differ from the full one in data alone have its network
NETWORKS = [name for name in NAMES if '_data' not in name and '_views' not in name]


class Trained(NamedTuple):
    """What a step did.

    Attributes:
        parameters: Names, and whether each got a gradient.
        losses: By name.
    """

    parameters: dict[str, bool]
    losses: dict[str, float]


@cache
def load(name: str) -> Config:
    return Config.fromfile(FOLDER / f'{name}.py')


def narrow(name: str) -> torch.nn.Module:
    config = copy.deepcopy(load(name))
    options = dict(NARROW)
    widths = config.model.view_neck
    if widths is None:
        options = {key: x for key, x in options.items() if 'model.view' not in key}
    elif 'release' in name:
        maps = 7 * 8 * (4 if config.model.backbone.depth == 50 else 1)
        options['model.view_neck.local_channels'] = maps
        options['model.view_neck.global_channels'] = 64
        options['model.view_neck.location_channels'] = 8
    else:
        for part in ('location', 'global', 'local'):
            key = f'{part}_channels'
            options[f'model.view_neck.{key}'] = min(widths[key], 8)
    config.merge_from_dict(options)
    return build(config)


def build(config: Config) -> torch.nn.Module:
    init_default_scope('mmpose')
    torch.manual_seed(0)
    return MODELS.build(config.model)


@cache
def trained(name: str) -> Trained:
    model = narrow(name)
    losses = model.loss(make_inputs([3]), make_samples([3]))
    model.parse_losses(losses)[0].backward()
    return Trained(
        {name: p.grad is not None for name, p in model.named_parameters()},
        {name: value.item() for name, value in losses.items()},
    )


@pytest.mark.parametrize('name', NETWORKS)
def test_a_step_trains_all_of_it(name):
    step = trained(name)
    assert all(map(math.isfinite, step.losses.values()))
    assert [name for name, has in step.parameters.items() if not has] == []


@pytest.mark.parametrize('part', ABSENT)
def test_what_is_switched_off_is_absent_and_the_rest_is_there(part):
    starts, gone = ABSENT[part]
    starts = tuple(start.format(block) for start in starts for block in (0, 1))
    full, other = trained(FULL), trained(FULL.replace('res18', f'res18_{part}'))
    absent = {name for name in full.parameters if name.startswith(starts)}
    assert bool(absent) == bool(starts)
    assert set(other.parameters) == set(full.parameters) - absent
    assert set(gone) <= set(full.losses)
    assert set(other.losses) == set(full.losses) - set(gone)


@pytest.mark.parametrize(
    'name', [name for name in NAMES if '_1xb16-10e_' in name and name != FULL]
)
def test_all_are_trained_and_tested_alike(name):
    full, other = load(FULL), load(name)
    for key in (
        'train_cfg',
        'optim_wrapper',
        'param_scheduler',
        'default_hooks',
        'val_dataloader',
        'test_dataloader',
        'val_evaluator',
    ):
        assert other[key] == full[key], key
    assert other.train_dataloader.batch_size == full.train_dataloader.batch_size
    assert (
        other.train_dataloader.dataset.dataset == full.train_dataloader.dataset.dataset
    )


def test_the_single_view_alone_is_that_of_the_full_model():
    full, alone = load(FULL), load('td-mano_res18_1xb128-10e_openhandmv-128x128')
    parameters = dict(build(full).named_parameters())
    for name, parameter in build(alone).named_parameters():
        assert parameters[name].shape == parameter.shape
    assert alone.train_cfg == full.train_cfg
    assert alone.optim_wrapper == full.optim_wrapper


def test_views_are_aligned_without_cameras_where_the_name_says_so():
    calibrated, not_calibrated = make_samples([3]), make_samples([3], calibrated=False)
    model = narrow(FULL.replace('res18', 'res18_uncalibrated')).eval()
    inputs = make_inputs([3])
    with torch.no_grad():
        with_cameras = model.loss(inputs, calibrated)['loss_distill']
        without = model.loss(inputs, not_calibrated)['loss_distill']
    assert with_cameras == without


@pytest.mark.parametrize('share, part', [('12', 1 / 8), ('25', 1 / 4), ('50', 1 / 2)])
def test_a_share_of_the_data_is_seen_as_many_times_more_often(share, part):
    loader = load(FULL.replace('res18', f'res18_data{share}')).train_dataloader
    assert loader.sampler.times == loader.dataset.sample_interval == 1 / part


@pytest.mark.parametrize('number', [1, 2, 4, 6])
def test_cameras_of_a_training(number):
    dataset = load(
        FULL.replace('res18', f'res18_views{number}')
    ).train_dataloader.dataset
    assert len(set(dataset.view_ids)) == number


@pytest.mark.parametrize(
    'depth, millions', [(18, 32.5), pytest.param(50, 134.7, marks=pytest.mark.slow)]
)
def test_release_neck_is_as_large_as_the_release(depth, millions):
    model = build(load(FULL.replace('18_', f'{depth}_release-neck_')))
    number = sum(parameter.numel() for parameter in model.parameters())
    assert number == pytest.approx(millions * 1e6, rel=0.03)
