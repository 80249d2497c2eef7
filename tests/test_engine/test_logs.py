"""What a run says: short lines, tables, the end; and what goes to the file alone."""

import logging
import re

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import ConcatDataset
from mmengine.evaluator import BaseMetric, Evaluator
from mmengine.logging import MMLogger
from one_weight import OneWeight

from hamuco_mm.engine import RunSummaryHook
from hamuco_mm.engine.hooks.run_summary_hook import views_without_cameras
from hamuco_mm.engine.logs import ConsoleRunner, keep_console_short
from hamuco_mm.engine.logs.table_log_processor import evaluation_table


class Losses(OneWeight):
    def forward(self, inputs, mode='tensor'):
        if mode == 'predict':
            return [dict()] * len(inputs)
        losses = super().forward(inputs, mode)
        return dict(loss_kpt_single=losses['loss'], loss_shape=losses['loss'] * 0.5)


class Stages(BaseMetric):
    """Made-up metrics of all stages."""

    def process(self, data_batch, data_samples):
        self.results.append(1)

    def compute_metrics(self, results):
        return {'single/error': 12.34567, 'fusion/error': 3.5, 'count': len(results)}


@pytest.fixture
def run(tmp_path):
    """Function: settings -> a finished training of two epochs."""

    def _run(hooks=None, **settings):
        config = tmp_path / 'source' / 'my_config.py'
        config.parent.mkdir(exist_ok=True)
        config.write_text('a = 1')
        data = [dict(inputs=torch.ones(1)) for _ in range(4)]
        loader = dict(
            batch_size=1,
            dataset=data,
            collate_fn=dict(type='default_collate'),
            sampler=dict(type='DefaultSampler', shuffle=False),
        )
        runner = ConsoleRunner(
            Losses(),
            work_dir=str(tmp_path),
            train_dataloader=loader,
            val_dataloader=loader,
            val_cfg=dict(),
            val_evaluator=Evaluator(Stages()),
            train_cfg=settings.pop('train_cfg', dict(by_epoch=True, max_epochs=2)),
            optim_wrapper=dict(
                optimizer=dict(type='SGD', lr=0.01),
                paramwise_cfg=dict(custom_keys=dict(weight=dict(lr_mult=0.5))),
            ),
            default_hooks=dict(
                logger=dict(type='LoggerHook', interval=2), **(hooks or {})
            ),
            custom_hooks=[RunSummaryHook()],
            log_processor=dict(type='TableLogProcessor', window_size=5),
            default_scope='mmpose',
            experiment_name=f'logs_{tmp_path.name}',
            cfg=Config.fromfile(config),
            **settings,
        )
        runner.train()
        return runner

    return _run


def log_file(folder):
    return next(folder.rglob('*.log')).read_text()


def test_the_console_is_short_and_the_file_is_whole(run, tmp_path, capsys):
    run()
    printed, whole = capsys.readouterr().out, log_file(tmp_path)
    for heading in ('System environment', 'Config:', 'Hooks will be executed'):
        assert heading not in printed and heading in whole
    assert 'paramwise_options' not in printed + whole
    assert 'Epoch(train)' in printed and 'Epoch(train)' in whole


def test_debug_says_all(run, tmp_path, capsys):
    run(log_level='DEBUG')
    printed = capsys.readouterr().out
    for heading in ('System environment', 'Config:', 'paramwise_options'):
        assert heading in printed


def test_a_hook_that_is_none_is_left_out(run):
    """MMEngine's own, and any that a config adds."""

    def names(**hooks):
        return {type(hook).__name__ for hook in run(hooks=hooks).hooks}

    own = dict(type='EarlyStoppingHook', monitor='count', rule='less')
    assert {'IterTimerHook', 'EarlyStoppingHook'} <= names(stopping=own)
    without = names(stopping=None, timer=None)
    assert not {'IterTimerHook', 'EarlyStoppingHook'} & without
    assert 'LoggerHook' in without


def test_the_filters_are_added_once():
    logger = MMLogger('short')
    keep_console_short(logger)
    counts = len(logger.filters), [len(h.filters) for h in logger.handlers]
    keep_console_short(logger)
    assert counts == (len(logger.filters), [len(h.filters) for h in logger.handlers])
    assert logger.filter(logging.makeLogRecord(dict(msg='words', level=20)))


def test_lines_say_how_far_it_is(run, capsys):
    run()
    printed = capsys.readouterr().out
    lines = re.findall(r'Epoch\(train\).*', printed)
    assert [re.search(r'(\d+)%', line)[1] for line in lines] == [
        '25',
        '50',
        '75',
        '100',
    ]
    for line in lines:
        assert re.search(r'\d:\d\d:\d\d left', line)
        assert re.search(r'loss 1\.\d', line) and 'kpt_single' in line
        assert len(line) < 120


def test_evaluations_are_tables(run, capsys):
    run()
    printed = capsys.readouterr().out
    assert 'Epoch(val) [2]' in printed
    row = re.findall(r'error[^\n]*', printed)[-1]
    assert '12.35' in row and '3.5' in row


def test_a_table_has_a_row_for_each_metric_and_a_column_for_each_stage():
    values = {
        f'{s}/px': float(i) for i, s in enumerate(('single', 'interact', 'fusion'))
    }
    values.update({'fusion/cam[0]': 7.25, 'AUC': 0.5, 'time': 1.0})
    lines = evaluation_table(values).splitlines()
    assert all(len(line) <= 100 for line in lines)
    header = next(line for line in lines if 'metric' in line)
    assert header.index('single') < header.index('interact') < header.index('fusion')
    row = next(line for line in lines if 'px' in line)
    assert re.findall(r'\d+', row) == ['0', '1', '2']
    camera = next(line for line in lines if 'cam[0]' in line)
    assert camera.index('7.25') > camera.index('cam[0]') + 8
    assert '0.5' in next(line for line in lines if 'AUC' in line)
    assert not any('time' in line for line in lines)


def test_the_end_counts_iterations_where_the_training_does(run, capsys):
    run(train_cfg=dict(by_epoch=False, max_iters=3, val_interval=3))
    assert 'trained 3 iterations,' in capsys.readouterr().out.split('Done:')[1]


def test_the_end_says_where_things_are_and_what_is_next(run, tmp_path, capsys):
    run()
    end = capsys.readouterr().out.split('Done:')[1]
    assert 'trained 2 epochs' in end
    assert str(tmp_path / 'epoch_2.pth') in end
    # the config with all settings that were used, which is no longer the source
    assert f'test.py {tmp_path}/my_config.py {tmp_path}/epoch_2.pth' in end
    assert (tmp_path / 'my_config.py').is_file()
    assert f'--weights {tmp_path}/epoch_2.pth --out-dir {tmp_path}/predictions' in end
    assert 'uncalibrated' not in end


class Calibrated(OneWeight):
    use_extrinsics = True


class Loader:
    def __init__(self, dataset):
        self.dataset = dataset


class Run:
    """What is asked of a runner."""

    def __init__(self, model, dataset):
        self.model, self.train_dataloader = model, Loader(dataset)


def test_a_training_without_cameras_is_told(time_steps_of):
    model = Calibrated()
    with_cameras, without = time_steps_of(True), time_steps_of(False)
    assert views_without_cameras(Run(model, with_cameras)) is None
    count = len(without.get_data_info(0)['views'])
    assert f'of {count}' in views_without_cameras(Run(model, without))
    model.use_extrinsics = False
    assert views_without_cameras(Run(model, without)) is None
    assert views_without_cameras(Run(OneWeight(), without)) is None


def test_cameras_are_looked_for_in_all_data_of_a_mixed_training(time_steps_of):
    mixed = ConcatDataset([time_steps_of(True), time_steps_of(False)])
    assert '2 of 4 views' in views_without_cameras(Run(Calibrated(), mixed))


@pytest.fixture
def time_steps_of(tmp_path):
    """Function: with cameras or without -> a data set of one time step."""
    from hamuco_mm.cameras import Camera
    from hamuco_mm.datasets import MultiViewDataset, RigHandDataset
    from hamuco_mm.datasets.rig import (
        HandLabel,
        empty_annotations,
        make_annotation,
        write_annotations,
    )

    def make(with_cameras):
        names = ('cam0', 'cam1')
        K = np.array([[100.0, 0, 32], [0, 100, 24], [0, 0, 1]])
        cameras = {n: Camera(K, np.eye(3), np.zeros(3)) for n in names}
        rig = empty_annotations(cameras if with_cameras else {})
        for i, name in enumerate(names):
            rig['images'].append(
                dict(
                    id=i,
                    file_name=f'{name}.jpg',
                    width=64,
                    height=48,
                    frame_id='a/0',
                    camera=name,
                )
            )
            points = np.random.default_rng(i).uniform(5, 40, (21, 2))
            label = HandLabel(points, np.ones(21))
            rig['annotations'].append(make_annotation(i, i, label))
        path = tmp_path / f'rig_{with_cameras}.json'
        write_annotations(path, rig)
        return MultiViewDataset(RigHandDataset(str(tmp_path), path.name))

    return make


def test_the_console_has_no_warnings_of_mmengine_about_itself(run, tmp_path, capsys):
    run()
    printed, whole = capsys.readouterr().out, log_file(tmp_path)
    assert '"FileClient" will be deprecated' in whole
    assert 'deprecated' not in printed and 'SyncBatchNorm' not in printed
