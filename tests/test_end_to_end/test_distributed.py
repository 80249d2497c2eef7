"""Two processes do what one does."""

import json
from functools import partial

import pytest
import torch
from ranks import free_port

pytestmark = pytest.mark.slow


# The same global batches in the same order in one process and in two, without
# what depends on the batch or the process: random crops and gains, batch
# statistics and bfloat16's rounding. Not Adam, whose first steps are the
# gradient's signs, so that a gradient of almost 0 makes a full step either way; and
# not L1 losses of joints, whose gradients are signs, too: the demo's in 3D, and in 2D.
EQUAL = """
_base_ = ['{config}']
train_dataloader = dict(
    sampler=dict(shuffle=False),
    dataset=dict(
        dataset=dict(pipeline=_base_.val_pipeline[:-1] +
                     _base_.train_pipeline[-2:])))
smooth = dict(type='SmoothL1Loss', use_target_weight=True)
model = dict(
    data_preprocessor=dict(channel_gain=None), backbone=dict(norm_eval=True),
    head=dict(loss_keypoint=smooth), view_head=dict(loss_keypoint=smooth))
optim_wrapper = dict(
    _delete_=True,
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=1e-2))
default_hooks = dict(loss_schedule=dict(warmup_epochs=0, ramp_epochs=0))
# as HanCo's configs have it, over losses that take turns
model_wrapper_cfg = dict(
    type='MMDistributedDataParallel',
    broadcast_buffers=False,
    gradient_as_bucket_view=True,
    static_graph=True)
"""


def losses_of(work_dir):
    lines = next(work_dir.glob('*/vis_data/scalars.json')).read_text()
    records = [json.loads(line) for line in lines.splitlines()]
    return [record['loss'] for record in records if 'loss' in record]


def test_two_processes_train_like_one(run, repository, demo_options, tmp_path):
    config = tmp_path / 'equal.py'
    demo = 'configs/hand_3d_keypoint/hamuco/demo/hamuco_res18w32_1xb8-5e_demo-96x96.py'
    config.write_text(EQUAL.format(config=repository / demo))
    run(
        repository / 'tools/train.py',
        config,
        '--work-dir',
        tmp_path / 'one',
        *demo_options,
        'train_dataloader.batch_size=4',
    )
    run(
        'bash',
        repository / 'tools/dist_train.sh',
        config,
        2,
        '--work-dir',
        tmp_path / 'two',
        *demo_options,
        'train_dataloader.batch_size=2',
        PORT=free_port(),
    )
    one, two = (
        torch.load(tmp_path / name / 'epoch_1.pth', weights_only=False)['state_dict']
        for name in ('one', 'two')
    )
    for key, value in one.items():
        torch.testing.assert_close(
            two[key], value, rtol=1e-3, atol=3e-5, msg=partial('{}: {}'.format, key)
        )
    # one line of loss an iteration; that of two processes is the first's
    one, two = (losses_of(tmp_path / name) for name in ('one', 'two'))
    assert len(one) == len(two) > 3 and one[-1] != one[0]
    validated = [
        json.loads(line)['fusion/PA-MPJPE']
        for name in ('one', 'two')
        for line in next((tmp_path / name).glob('*/vis_data/scalars.json'))
        .read_text()
        .splitlines()
        if 'fusion/PA-MPJPE' in line
    ]
    assert validated[0] == pytest.approx(validated[1], rel=1e-3)


def test_one_launched_process_trains_like_the_tool(
    run, repository, demo_options, tmp_path
):
    """With the same random crops and gains. Later losses differ by rounding, of
    which Adam's first steps make full ones."""
    config = repository / 'configs/hamuco_demo.py'
    # small steps: the larger they are, the sooner rounding shows
    options = [
        *(*demo_options, 'randomness.seed=0'),
        'optim_wrapper.optimizer.lr=3e-5',
    ]
    run(repository / 'tools/train.py', config, '--work-dir', tmp_path / 'one', *options)
    run(
        'bash',
        repository / 'tools/dist_train.sh',
        config,
        1,
        '--work-dir',
        tmp_path / 'launched',
        *options,
        PORT=free_port(),
    )
    one, launched = (losses_of(tmp_path / name) for name in ('one', 'launched'))
    assert len(one) > 3
    assert launched[0] == pytest.approx(one[0], rel=1e-6)
    assert launched == pytest.approx(one, rel=5e-3)


def test_two_processes_test_like_one(run, repository, demo_options, trained, tmp_path):
    """Over 7 time steps: an odd number, so one process has one more."""
    config = repository / 'configs/hamuco_demo.py'
    checkpoint = trained / 'epoch_1.pth'
    run(
        repository / 'tools/test.py',
        config,
        checkpoint,
        '--work-dir',
        tmp_path,
        '--out',
        tmp_path / 'one.json',
        *demo_options,
    )
    run(
        'bash',
        repository / 'tools/dist_test.sh',
        config,
        checkpoint,
        2,
        '--work-dir',
        tmp_path,
        '--out',
        tmp_path / 'two.json',
        *demo_options,
        PORT=free_port(),
    )
    one, two = (
        json.loads((tmp_path / f'{name}.json').read_text()) for name in ('one', 'two')
    )
    assert set(one) == set(two)
    for name, value in one.items():
        if 'time' not in name:
            assert two[name] == pytest.approx(value, rel=1e-4), name


MIXED = """
_base_ = ['{config}']
hanco = dict(_base_.train_dataloader.dataset.dataset, data_root='{data}')
train_dataloader = dict(
    sampler=dict(
        _delete_=True,
        type='MultiSourceSampler',
        batch_size=4,
        source_ratio=[3, 1],
        seed=0),
    dataset=dict(
        _delete_=True,
        type='CombinedDataset',
        metainfo=dict(from_file='configs/_base_/datasets/freihand2d.py'),
        datasets=[
            dict(type='MultiViewDataset', num_views=(1, 3), dataset=hanco),
            hanco
        ]))
default_hooks = dict(loss_schedule=dict(warmup_epochs=0, ramp_epochs=0))
# as HanCo's configs have it, over losses that take turns
model_wrapper_cfg = dict(
    type='MMDistributedDataParallel',
    broadcast_buffers=False,
    gradient_as_bucket_view=True,
    static_graph=True)
"""


def test_single_view_data_mix_in_under_two_processes(
    run, repository, demo_data, demo_options, tmp_path
):
    """Time steps of 1 to 3 views and single images in one batch: all
    parameters get gradients, so DDP finds nothing unused."""
    config = tmp_path / 'mixed.py'
    config.write_text(
        MIXED.format(config=repository / 'configs/hamuco_demo.py', data=demo_data)
    )
    options = [
        option
        for option in demo_options
        if not option.startswith('train_dataloader.dataset')
        and not option.startswith('train_dataloader.batch_size')
    ] + ['train_dataloader.batch_size=4']
    run(
        'bash',
        repository / 'tools/dist_train.sh',
        config,
        2,
        '--work-dir',
        tmp_path,
        *options,
        PORT=free_port(),
    )
    losses = losses_of(tmp_path)
    assert len(losses) > 3
    assert all(0 < loss < 10 for loss in losses)
