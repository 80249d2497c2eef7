"""The commands that evaluate a checkpoint, on a small data set."""

import json
import shutil
import sys

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from mmpose.registry import MODELS

from hamuco_mm.structures import PredictedViews

pytestmark = pytest.mark.slow

LABEL_METHODS = ('dlt', 'weighted_dlt', 'ransac', 'pictorial')


@pytest.fixture
def config(write_config):
    """The demo's network on two test time steps of eight views."""
    return write_config()


@pytest.fixture
def checkpoints(config, tmp_path):
    """Two networks that have not learnt anything."""
    paths = []
    for seed in range(2):
        torch.manual_seed(seed)
        model = MODELS.build(Config.fromfile(config).model)
        for parameter in model.view_head.parameters():
            torch.nn.init.normal_(parameter, std=0.05)
        paths.append(tmp_path / f'network_{seed}.pth')
        torch.save(dict(state_dict=model.state_dict(), meta={}), paths[-1])
    return paths


def test_views_and_curves(run_tool, config, checkpoints, tmp_path, capsys):
    run_tool(
        'evaluate_views',
        config,
        *checkpoints,
        '--views',
        1,
        3,
        8,
        '--labels',
        'first',
        'second',
        '--train-views',
        4,
        8,
        '--out',
        'out/views.json',
    )
    result = json.loads((tmp_path / 'out/views.json').read_text())
    first, second = result['checkpoints']
    assert first['label'] == 'first' and second['train_views'] == 8
    assert list(first['views']) == ['1', '3', '8']
    single, fusion = (
        [first['views'][count][f'{stage}/MPJPE'] for count in ('1', '3', '8')]
        for stage in ('single', 'fusion')
    )
    # all views count once, and what one sees does not depend on the others
    assert single == pytest.approx([single[0]] * 3, rel=1e-4)
    assert len({round(value, 3) for value in fusion}) == 3
    assert first['views'] != second['views']
    table = (tmp_path / 'out/views.md').read_text()
    assert f'| first | 3 | {single[0]:.2f} |' in table
    assert cv2.imread(str(tmp_path / 'out/views.png')) is not None

    # with all the views it is the ordinary test
    cfg = Config.fromfile(config)
    cfg.load_from = str(checkpoints[0])
    cfg.work_dir = str(tmp_path / 'out')
    cfg.test_evaluator.outfile_prefix = str(tmp_path / 'out/test')
    metrics = Runner.from_cfg(cfg).test()
    assert metrics['fusion/MPJPE'] == pytest.approx(fusion[2], rel=1e-3)

    run_tool('plot_auc', 'out/test.predictions.npz')
    curves = json.loads((tmp_path / 'out/auc.json').read_text())
    sets = curves['3D root-relative']['sets']
    assert list(sets) == [
        'labels, ransac',
        'labels, pictorial',
        'single',
        'interact',
        'fusion',
    ]
    assert sets['fusion']['mean'] == pytest.approx(metrics['fusion/MPJPE'], rel=1e-3)
    assert curves['3D Procrustes']['sets']['single']['AUC'] == pytest.approx(
        metrics['single/AUC'], abs=1e-3
    )
    assert list(curves['2D']['sets']) == ['labels', 'single', 'interact', 'fusion']
    # a network that has not learnt points to the middle of the image
    assert 10 < curves['2D']['sets']['single']['mean'] < 128
    assert 'thumb_tip' in (tmp_path / 'out/auc.md').read_text()
    picture = cv2.imread(str(tmp_path / 'out/auc.png'))
    assert picture.shape[1] > 2 * picture.shape[0]

    with pytest.raises(SystemExit):
        run_tool('plot_auc', 'out/test.predictions.npz', '--hand-model', 'none.pkl')
    assert 'no hand model none.pkl' in capsys.readouterr().err
    with pytest.raises(SystemExit, match='outfile_prefix'):
        run_tool('plot_auc', 'none.npz')
    with pytest.raises(SystemExit, match='more than 8'):
        run_tool('evaluate_views', config, checkpoints[0], '--views', 9)
    with pytest.raises(SystemExit):
        run_tool('evaluate_views', config, *checkpoints, '--labels', 'one')
    assert '1 entries for 2 checkpoints' in capsys.readouterr().err


def test_views_of_data_without_truth(run_tool, config, checkpoints, tmp_path):
    """The measures are those of the config."""
    evaluator = [
        dict(type='ReprojectionMetric'),
        dict(type='DumpViews', out_file_path='out/all.npz'),
    ]
    config.write_text(f'{config.read_text()}test_evaluator = {evaluator}\n')
    options = ('--views', 1, 8, '--out', 'out/views.json')
    run_tool('evaluate_views', config, checkpoints[0], *options)
    (result,) = json.loads((tmp_path / 'out/views.json').read_text())['checkpoints']
    assert 'single/MPJPE' not in result['views']['1']
    table = (tmp_path / 'out/views.md').read_text()
    for count in ('1', '8'):
        error = result['views'][count]['fusion/reprojection_px']
        assert f'{error:.2f} |' in table
        views = PredictedViews.load(tmp_path / f'out/all.views_{count}.npz')
        off = np.linalg.norm(
            views.predictions['keypoints_fused'] - views.ground_truth['keypoints'],
            axis=-1,
        )
        weights = views.ground_truth['keypoints_visible']
        assert error == pytest.approx(np.average(off, weights=weights), rel=1e-4)
    assert cv2.imread(str(tmp_path / 'out/views.png')) is not None
    with pytest.raises(SystemExit, match='out_file_path of DumpViews'):
        run_tool('evaluate_views', config, *checkpoints, *options)


def test_absolute(run_tool, config, checkpoints, demo_data, tmp_path):
    # one of the two time steps has no true joints
    partly = tmp_path / 'partly'
    shutil.copytree(demo_data, partly)
    *_, last = sorted(partly.glob('xyz/*/*.json'))
    last.unlink()
    config.write_text(config.read_text().replace(str(demo_data), str(partly)))
    run_tool(
        'evaluate_absolute',
        config,
        *checkpoints,
        '--labels',
        'hamuco',
        'other',
        '--out',
        'out/absolute.json',
    )
    rows = json.loads((tmp_path / 'out/absolute.json').read_text())
    assert list(rows) == [
        *LABEL_METHODS,
        *(
            f'{label}_{method}'
            for label in ('hamuco', 'other')
            for method in ('opt_center', 'ransac', 'opt_center_uncalibrated')
        ),
    ]
    assert rows['hamuco_ransac'] != rows['other_ransac']
    for method, row in rows.items():
        for name in ('MPJPE', 'RR-MPJPE', 'PA-MPJPE', 'reprojection_px'):
            assert np.isfinite(row[name]) and row[name] > 0
        assert row['PA-MPJPE'] < row['RR-MPJPE']
        # labels are asked about time steps with true joints alone
        left_out = 0 if method in LABEL_METHODS else 1
        assert (row['time_steps'], row['time_steps_left_out']) == (1, left_out)
    assert rows['hamuco_opt_center']['PA-MPJPE'] != pytest.approx(
        rows['hamuco_opt_center_uncalibrated']['PA-MPJPE'], rel=1e-4
    )
    assert '| hamuco_ransac |' in (tmp_path / 'out/absolute.md').read_text()
    with pytest.raises(SystemExit):
        run_tool('evaluate_absolute', config, 'none.pth', '--out', 'x.json')


def test_fine_tuning_for_any_number_of_views(repository, demo_data, tmp_path):
    """It goes on from a checkpoint, with all losses from the start."""
    cfg = Config.fromfile(
        repository / 'configs/hand_3d_keypoint/hamuco/demo'
        '/hamuco_res18w32_random-views_1xb8-6e_demo-96x96.py'
    )
    assert cfg.load_from == 'work_dirs/hamuco_demo/epoch_5.pth'
    weights = MODELS.build(cfg.model).state_dict()
    cfg.load_from = str(tmp_path / 'trained.pth')
    torch.save(dict(state_dict=weights, meta={}), cfg.load_from)
    cfg.work_dir = str(tmp_path)
    cfg.train_cfg.max_epochs = 1
    for loader in (cfg.train_dataloader, cfg.val_dataloader):
        loader.dataset.dataset.data_root = str(demo_data)
        loader.batch_size = 2
    cfg.default_hooks.logger.interval = 1
    runner = Runner.from_cfg(cfg)
    runner.train()
    blocks = runner.model.view_neck.blocks
    assert all(block.random_view_mask for block in blocks)
    for name, parameter in runner.model.named_parameters():
        # AdamW moves a weight by about the learning rate an iteration
        step = (parameter - weights[name]).abs().max()
        assert 0 < step < 1e-3, name
    assert {'train/loss_distill', 'train/loss_consistency_2d'} <= set(
        runner.message_hub.log_scalars
    )


def test_predictions_are_kept_where_a_metric_fails(
    run_command, repository, config, checkpoints, tmp_path
):
    """It finds out when all is predicted."""
    twice = tmp_path / 'twice.py'
    twice.write_text(
        f"_base_ = ['{config.name}']\n"
        "test_evaluator = [dict(type='ReprojectionMetric')] * 2\n"
    )
    test = (sys.executable, repository / 'tools/test.py', twice, checkpoints[0])
    printed = run_command(*test, '--dump', 'views.npz', status=1)
    assert 'error: several metrics have a measure' in printed
    assert len(PredictedViews.load(tmp_path / 'views.npz')) == 16
