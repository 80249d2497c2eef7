"""Settings of a training that work against what they are for are refused."""

import pytest
from mmengine.config import Config

from hamuco_mm.utils.training_settings import check_training

BY_EPOCHS = dict(by_epoch=True, max_epochs=5)
BY_ITERATIONS = dict(type='IterBasedTrainLoop', max_iters=5)
COSINE = dict(type='CosineAnnealingLR', by_epoch=True, convert_to_iter_based=True)
# as the configs of the package have it
CHECKPOINT = dict(type='SafeCheckpointHook', save_best='fusion/PA-MPJPE', rule='less')
STOPPING = dict(type='EarlyStoppingHook', monitor='fusion/reprojection_px', rule='less')


def config(train_cfg: dict, **hooks: dict) -> Config:
    return Config(dict(train_cfg=train_cfg, default_hooks=hooks))


@pytest.mark.parametrize(
    ('hook', 'message'),
    [
        (dict(CHECKPOINT), None),
        (dict(STOPPING), None),
        (dict(CHECKPOINT, save_best='auto'), None),
        (dict(CHECKPOINT, save_best='my/number'), None),
        (dict(CHECKPOINT, save_best='fusion/AUC', rule='greater'), None),
        (dict(CHECKPOINT, save_best='fusion/AUC', rule=None), None),
        (
            dict(CHECKPOINT, save_best='fusion/AUC'),
            "default_hooks.one: rule='less' and save_best='fusion/AUC', of which greater "
            'is better: .* Set default_hooks.one.rule=greater',
        ),
        (dict(CHECKPOINT, save_best='single/F@5'), 'greater is better'),
        (dict(CHECKPOINT, save_best='FreiHAND/xyz_al_auc3d'), 'greater is better'),
        (dict(CHECKPOINT, save_best='FreiHAND/f_al_score_5'), 'greater is better'),
        (dict(CHECKPOINT, save_best=['fusion/MPJPE', 'fusion/AUC']), "'fusion/AUC'"),
        (
            dict(
                CHECKPOINT,
                save_best=['fusion/MPJPE', 'fusion/AUC'],
                rule=['less', 'greater'],
            ),
            None,
        ),
        (
            dict(STOPPING, rule='greater'),
            "monitor='fusion/reprojection_px', of .* less",
        ),
        (dict(STOPPING, monitor='fusion/AUC'), 'greater is better'),
    ],
)
def test_a_rule_that_keeps_the_worst(hook, message):
    cfg = config(BY_EPOCHS, one=hook, none=None)
    if message is None:
        check_training(cfg)
    else:
        with pytest.raises(ValueError, match=message):
            check_training(cfg)


def test_hooks_in_a_list_are_looked_at():
    cfg = Config(dict(custom_hooks=[dict(CHECKPOINT, save_best='fusion/AUC')]))
    with pytest.raises(ValueError, match='custom_hooks.0: rule='):
        check_training(cfg)


@pytest.mark.parametrize(
    'train_cfg', [BY_ITERATIONS, dict(by_epoch=False, max_iters=5)]
)
def test_checkpoints_by_epochs_in_a_training_without(train_cfg):
    with pytest.raises(ValueError, match='default_hooks.one counts epochs, .*interval'):
        check_training(config(train_cfg, one=CHECKPOINT))
    check_training(config(train_cfg, one=dict(CHECKPOINT, by_epoch=False)))
    check_training(config(BY_EPOCHS, one=CHECKPOINT))


@pytest.mark.parametrize(
    ('schedule', 'place'),
    [
        ([dict(type='LinearLR', by_epoch=False), COSINE], 'param_scheduler.1 '),
        (dict(type='CosineAnnealingLR'), 'param_scheduler '),
        (dict(single=[COSINE]), 'param_scheduler.single.0 '),
        ([dict(COSINE, end=3)], None),
        ([dict(type='CosineAnnealingLR', by_epoch=False)], None),
        (None, None),
    ],
)
def test_schedules_by_epochs_in_a_training_without(schedule, place):
    cfg = Config(dict(train_cfg=BY_ITERATIONS, param_scheduler=schedule))
    if place is None:
        check_training(cfg)
    else:
        with pytest.raises(ValueError, match=rf'{place}\(.*counts epochs'):
            check_training(cfg)
    check_training(Config(dict(cfg, train_cfg=BY_EPOCHS)))


def test_every_config_passes(repository):
    for path in sorted((repository / 'configs').rglob('*.py')):
        if '_base_' not in path.parts:
            check_training(Config.fromfile(path))
