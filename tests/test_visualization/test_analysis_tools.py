"""The commands of tools/analysis_tools, run as a user runs them."""

import json

import cv2
import numpy as np
import pytest
import torch
from camera_of_views import K, to_pixels
from json_writing import write_json
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpose.registry import MODELS
from test_curves import write_run

METRICS = {
    f'{stage}/{name}': value
    for stage, value in dict(single=11.5, interact=10.25, fusion=9.0).items()
    for name in ('MPJPE', 'N-MPJPE', 'PA-MPJPE', 'PA-MPVPE', 'AUC')
}
BASELINES = dict(
    mean_hand={'MPJPE': 17.0, 'N-MPJPE': 17.5, 'PA-MPJPE': 15.5},
    ransac_triangulation={'MPJPE': 12.0, 'N-MPJPE': 13.0, 'PA-MPJPE': 10.0},
)


@pytest.fixture
def work_dir(tmp_path):
    """Of a training of three epochs, the first of them warm-up."""
    path = tmp_path / 'work_dir'
    log = write_run(path, '20250101_000000', (1, 2, 3), loss=1.0)
    log.with_name('config.py').write_text(
        'randomness = dict(seed=7)\n'
        "custom_hooks = [dict(type='LossScheduleHook', warmup_epochs=1)]\n"
    )
    return path


@pytest.fixture
def inputs(tmp_path):
    """Arguments of summarize_results, with the files they name."""
    for name, content in (
        ('metrics', METRICS),
        ('baselines', BASELINES),
        ('minutes', dict(train=9.5, test=0.5)),
    ):
        (tmp_path / f'{name}.json').write_text(json.dumps(content))
    return [
        '--metrics',
        'metrics.json',
        '--baselines',
        'baselines.json',
        '--minutes',
        'minutes.json',
    ]


def test_summarize(run_tool, work_dir, inputs, capsys):
    run_tool('summarize_results', work_dir, *inputs)
    results = json.loads((work_dir / 'results.json').read_text())
    for name, row in BASELINES.items():
        assert results[name] == row
    for stage, value in dict(single=11.5, interact=10.25, fusion=9.0).items():
        assert len(results[stage]) == 5
        assert set(results[stage].values()) == {value}
    assert results['seed'] == 7
    assert results['minutes'] == dict(train=9.5, test=0.5, total=10)
    assert results['machine']['cores'] >= 1 and results['machine']['cpu']
    assert results['versions']['torch'] == str(torch.__version__)
    assert set(results['versions']) == {
        'python',
        'torch',
        'mmengine',
        'mmcv',
        'mmpose',
        'hamuco_mm',
    }
    printed = capsys.readouterr().out
    for name in (*BASELINES, 'single', 'interact', 'fusion', 'PA-MPJPE'):
        assert name in printed
    assert '15.50' in printed
    assert (
        '| fusion | 9.00 | 9.00 | 9.00 | 9.000 | 9.00 |'
        in (work_dir / 'results.md').read_text()
    )
    # again by hand: the minutes are not lost
    run_tool('summarize_results', work_dir, *inputs[:-2])
    again = json.loads((work_dir / 'results.json').read_text())
    assert again['minutes'] == results['minutes']


def test_summarize_with_other_tests(run_tool, work_dir, inputs, tmp_path):
    """Rows of other tests, of all stages or of those that are named."""
    lower = {name: value / 2 for name, value in METRICS.items()}
    (tmp_path / 'half.json').write_text(json.dumps(lower))
    also = ['--also', 'start=metrics.json', 'half=half.json:fusion']
    run_tool('summarize_results', work_dir, *inputs, *also)
    results = json.loads((work_dir / 'results.json').read_text())
    assert results['start_single'] == results['single']
    assert results['half_fusion']['PA-MPJPE'] == results['fusion']['PA-MPJPE'] / 2
    assert 'half_single' not in results
    for wrong in ('half', 'half=', '=half.json', 'half=half.json:fused'):
        with pytest.raises(SystemExit):
            run_tool('summarize_results', work_dir, *inputs, '--also', wrong)


def test_summarize_with_something_missing(run_tool, work_dir, inputs, tmp_path):
    (tmp_path / 'metrics.json').write_text('{"val/single/MPJPE": 3}')
    with pytest.raises(SystemExit, match='metrics.json has no single/MPJPE'):
        run_tool('summarize_results', work_dir, *inputs)
    (tmp_path / 'baselines.json').write_text('{')
    with pytest.raises(SystemExit, match='baselines.json is not JSON'):
        run_tool('summarize_results', work_dir, *inputs)
    (tmp_path / 'metrics.json').unlink()
    with pytest.raises(SystemExit, match='no metrics.json; write it with'):
        run_tool('summarize_results', work_dir, *inputs)
    with pytest.raises(SystemExit, match='no work directory'):
        run_tool('summarize_results', tmp_path / 'nowhere', *inputs)
    assert not (work_dir / 'results.json').exists()


def test_plot_curves(run_tool, work_dir, inputs, tmp_path, capsys):
    run_tool('plot_curves', work_dir, '--baselines', 'baselines.json')
    picture = cv2.imread(str(work_dir / 'curves.png'))
    # Purple lines mark the end of the warm-up: tab:purple is (148, 103, 189).
    assert (picture == (189, 103, 148)).all(axis=-1).sum() > 100
    with pytest.raises(SystemExit):
        run_tool('plot_curves', tmp_path / 'nowhere')
    assert 'no work directory' in capsys.readouterr().err


@pytest.fixture
def config(tmp_path, hand, repository):
    """The HanCo config on three time steps of two views, written here."""
    _, joints = hand
    shifts = [[0, 0, 0], [0.1, 0, 0]]
    for frame in range(3):
        for camera, shift in enumerate(shifts):
            name = f'0000/cam{camera}/{frame:08d}'
            labels = [to_pixels(joints + shift).tolist(), [1.0] * len(joints)]
            write_json(tmp_path / f'rgb_2D_keypoints/{name}.json', labels)
            image = tmp_path / f'rgb/{name}.jpg'
            image.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(image), np.full((224, 224, 3), 100, np.uint8))
        extrinsics = np.tile(np.eye(4), (2, 1, 1))
        extrinsics[:, :3, 3] = shifts
        write_json(
            tmp_path / f'calib/0000/{frame:08d}.json',
            dict(K=[K.tolist()] * 2, M=extrinsics.tolist()),
        )
        write_json(tmp_path / f'xyz/0000/{frame:08d}.json', joints.tolist())
    path = tmp_path / 'config.py'
    path.write_text(f"""
_base_ = ['{repository}/configs/hamuco_hanco.py']
open_hand = dict(path=None)
model = dict(
    head=dict(hand_model=open_hand), view_head=dict(hand_model=open_hand))
test_dataloader = dict(dataset=dict(dataset=dict(
    data_root='{tmp_path}', data_prefix=dict(img='rgb'), split='all',
    hand_model=open_hand)))
""")
    return path


def test_evaluate_baselines(run_tool, config, tmp_path):
    run_tool('evaluate_baselines', config, '--out', 'out/baselines.json')
    rows = json.loads((tmp_path / 'out/baselines.json').read_text())
    assert rows['mean_hand']['views'] == 6
    # The labels are exact.
    for name in ('dlt_triangulation', 'ransac_triangulation'):
        assert rows[name]['PA-MPJPE'] < 0.01 < rows['mean_hand']['PA-MPJPE']


def test_draw_predictions(run_tool, config, tmp_path, capsys):
    cfg = Config.fromfile(config)
    init_default_scope('mmpose')
    weights = MODELS.build(cfg.model).state_dict()
    torch.save(dict(state_dict=weights, meta={}), tmp_path / 'random.pth')
    run_tool(
        'draw_predictions',
        config,
        'random.pth',
        '--out-dir',
        'drawn',
        '--num',
        2,
        '--modes',
        'single',
        'interact',
        'fusion',
        '--device',
        'cpu',
    )
    rows = cv2.imread(str(tmp_path / 'drawn/predictions.png'))
    views = cv2.imread(str(tmp_path / 'drawn/views.png'))
    # Two rows of five pictures and three side views; six rows of two views.
    assert rows.shape[1] > 3 * rows.shape[0]
    assert views.shape[0] > 2 * views.shape[1]
    with pytest.raises(SystemExit):
        run_tool('draw_predictions', config, 'none.pth', '--out-dir', 'drawn')
    assert 'there is no checkpoint none.pth' in capsys.readouterr().err
