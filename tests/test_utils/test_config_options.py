"""Settings of the command line, and configs, that nobody would read."""

import pytest
from mmengine.config import Config

import hamuco_mm  # noqa: F401, registers the components
from hamuco_mm.utils.config_options import (
    arguments_of,
    check_config,
    check_options,
    read_config,
)

RIG = 'configs/hand_3d_keypoint/hamuco/rig/hamuco_res18w32_1xb8-10e_rig-96x96.py'


@pytest.fixture(scope='module')
def rig(repository):
    return Config.fromfile(repository / RIG)


@pytest.mark.parametrize(
    'key',
    [
        'work_dir',
        'load_from',
        'sync_bn',
        'custom_hooks',
        'train_cfg.max_epochs',
        'train_cfg.val_begin',
        'train_dataloader.batch_size',
        'train_dataloader.prefetch_factor',
        'train_dataloader.sampler.seed',
        'train_dataloader.dataset.num_views',
        'train_dataloader.dataset.dataset.ann_file',
        'train_dataloader.dataset.dataset.sequences',
        'train_dataloader.dataset.dataset.pipeline.3.shift_factor',
        'test_dataloader.dataset.dataset.data_root',
        'model.backbone.frozen_stages',
        'model.backbone.init_cfg',
        'model.backbone.init_cfg.prefix',
        'model.head.hand_model.path',
        'model.absolute',
        'default_hooks.checkpoint.save_best',
        'default_hooks.mine.type',
        'optim_wrapper.accumulative_counts',
        'optim_wrapper.optimizer.betas',
        'optim_wrapper.paramwise_cfg.norm_decay_mult',
        'optim_wrapper.clip_grad.norm_type',
        'param_scheduler.0.length',
        'param_scheduler.1.T_max',
        'randomness.deterministic',
        'env_cfg.cudnn_benchmark',
        'visualizer.vis_backends',
    ],
)
def test_settings_that_are_read(rig, key):
    """Those of the config, and those that it leaves to a default."""
    check_options(rig, {key: 1})


@pytest.mark.parametrize(
    ('key', 'nearest'),
    [
        ('modell.head.hidden_channels', 'model.head.hidden_channels'),
        ('model.head.hidden_chanels', 'model.head.hidden_channels'),
        ('model.head.hand_model.pth', 'model.head.hand_model.path'),
        ('model.backbone.dpth', 'model.backbone.depth'),
        ('train_cfg.max_epoch', 'train_cfg.max_epochs'),
        ('max_epochs', 'train_cfg.max_epochs'),
        ('lr', 'optim_wrapper.optimizer.lr'),
        ('optim_wrapper.optimizer.weightdecay', 'optim_wrapper.optimizer.weight_decay'),
        ('train_dataloader.batchsize', 'train_dataloader.batch_size'),
        (
            'train_dataloader.dataset.ann_file',
            'train_dataloader.dataset.dataset.ann_fi',
        ),
        ('default_hooks.checkpoints.interval', 'default_hooks.checkpoint.interval'),
        ('param_scheduler.0.lenght', 'param_scheduler.0.length'),
        # variables of the files, whose values stand elsewhere
        ('ann_file', 'val_dataloader.dataset.dataset.ann_file'),
        ('data_root', 'train_dataloader.dataset.dataset.data_root'),
        ('codec.input_size', 'model.head.decoder.input_size'),
        ('weights', 'model.backbone.init_cfg.checkpoint'),
    ],
)
def test_settings_that_nobody_reads_name_the_nearest(rig, key, nearest):
    with pytest.raises(ValueError, match=nearest) as caught:
        check_options(rig, {'work_dir': 'x', key: 1})
    assert 'work_dir' not in str(caught.value)


def test_each_wrong_setting_is_named(rig):
    options = {'train_cfg.max_epoch': 1, 'model.head.hiden_channels': 2}
    with pytest.raises(ValueError, match='max_epoch .*hiden_channels'):
        check_options(rig, options)


def test_places_of_a_list(rig):
    with pytest.raises(ValueError, match=r'param_scheduler takes 0, 1$'):
        check_options(rig, {'param_scheduler.7.length': 1})


def test_a_part_that_is_replaced_takes_the_arguments_of_the_new_type(rig):
    new = {
        'model.backbone._delete_': True,
        'model.backbone.type': 'MobileNetV2',
        'model.backbone.widen_factor': 0.5,
    }
    check_options(rig, new)
    with pytest.raises(ValueError, match=r'model\.backbone\.depth'):
        check_options(rig, {**new, 'model.backbone.depth': 18})


def test_arguments_of_a_class_and_of_its_bases():
    assert {'hand_model', 'decoder'} <= arguments_of('MANOHead')
    assert {'data_root', 'sequences', 'filter_cfg'} <= arguments_of('RigHandDataset')
    assert 'self' not in arguments_of('MANOHead')
    assert arguments_of('CompileHook') is None  # any, for torch.compile
    assert arguments_of('NoSuchClass') is None


def test_every_config_can_be_built_as_far_as_names_go(repository):
    for path in sorted((repository / 'configs').rglob('*.py')):
        if '_base_' not in path.parts:
            check_config(Config.fromfile(path))


@pytest.mark.parametrize(
    ('key', 'value', 'message'),
    [
        ('model.head.hidden_chanels', 4, 'model.head: MANOHead takes no .*channels'),
        ('model.view_neck.type', 'CVINett', "type='CVINett' .*mean 'CVINet'"),
        ('default_hooks.timer.typo', 1, 'IterTimerHook takes no typo'),
        ('optim_wrapper.optimizer.learning_rate', 1, 'AdamW takes no learning_rate'),
    ],
)
def test_parts_that_cannot_be_built(rig, key, value, message):
    cfg = Config(rig._cfg_dict.to_dict())
    cfg.merge_from_dict({key: value})
    with pytest.raises(ValueError, match=message):
        check_config(cfg)


def test_reading(repository, monkeypatch):
    monkeypatch.chdir(repository)
    cfg = read_config(RIG, {'train_cfg.max_epochs': 60})
    assert cfg.train_cfg.max_epochs == 60
    with pytest.raises(FileNotFoundError, match=f'did you mean {RIG}'):
        read_config(RIG.replace('res18w32_1xb8', 'res18w32-1xb8'))
    with pytest.raises(ValueError, match='max_epochs'):
        read_config(RIG, {'train_cfg.max_epoch': 60})


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(optim_wraper=dict(optimizer=dict(lr=1))), 'did you mean optim_wrapper'),
        (dict(train_dataloder=dict(batch_size=1)), 'did you mean train_dataloader'),
        (dict(default_hook=dict()), 'did you mean default_hooks'),
        (dict(train_cfg=dict(max_epoch=1)), 'train_cfg takes no max_epoch; .*epochs'),
        (
            dict(train_dataloader=dict(batchsize=1)),
            'train_dataloader takes no batchsize; did you mean batch_size',
        ),
        (
            dict(optim_wrapper=dict(optimizer=dict(type='SophiaG'))),
            'pip install Sophia',
        ),
    ],
)
def test_slips_in_a_file_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        check_config(Config(dict(train_cfg=dict(max_epochs=1)) | changes))


def test_variables_of_a_file_are_free(rig):
    names = (
        'train_pipeline val_pipeline dataset_type codec train_set data_root data_mode '
        'max_epochs base_lr train_dataloader2 train_dataloader_small _model optimizer '
        'metainfo num_views val_dataset weights input_size evaluator'
    )
    cfg = Config(dict(dict.fromkeys(names.split(), 1), train_cfg=dict(max_epochs=1)))
    cfg.train_loader = cfg.train_dataloader = dict(batch_size=1)
    check_config(cfg)
