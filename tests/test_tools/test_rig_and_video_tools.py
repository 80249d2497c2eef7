"""estimate_extrinsics.py, smooth_predictions.py and what check_rig.py reads, as a user
runs them."""

import json
import runpy
import sys

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpose.registry import MODELS

from hamuco_mm.datasets import HanCoDataset
from hamuco_mm.evaluation.functional import acceleration_error
from hamuco_mm.structures import PredictedViews
from hamuco_mm.synthesis import DatasetConfig, SceneConfig, generate_dataset
from hamuco_mm.synthesis.rig import RigConfig


@pytest.fixture(scope='module')
def analysis_tools(repository):
    return repository / 'tools/analysis_tools'


@pytest.mark.parametrize('encoding', ['utf-8', 'utf-8-sig', 'utf-16'])
def test_a_check_says_how_the_rig_was_read(analysis_tools, tmp_path, encoding):
    tool = runpy.run_path(str(analysis_tools / 'check_rig.py'))
    path = tmp_path / 'rig.json'
    of_take = dict(camera_names=dict(cam0='vörn'))
    for info, expected in (
        (dict(read_as={'take': of_take}), of_take),
        (dict(read_as={'': of_take}), of_take),
        (dict(read_as=None), {}),
        (None, {}),
    ):
        content = json.dumps(dict(info=info), ensure_ascii=False)
        path.write_bytes(content.encode(encoding))
        assert tool['how_it_was_read'](str(path), 'take') == expected


@pytest.mark.slow
def test_estimate_write_and_train_with_the_estimate(
    analysis_tools, repository, run_command, tmp_path
):
    """With random weights: the way of the files, not the precision."""
    data = tmp_path / 'data'
    generate_dataset(
        DatasetConfig(
            num_train_sequences=1,
            num_test_sequences=2,
            frames=4,
            scene=SceneConfig(image_size=48, rig=RigConfig(num_views=3)),
        ),
        str(data),
    )
    config = tmp_path / 'small.py'
    config.write_text(
        f"_base_ = ['{repository}/configs/hamuco_demo.py']\n"
        'test_dataloader = dict(batch_size=2, dataset=dict(dataset=dict('
        f"data_root='{data}', fixed_bbox=(0, 0, 48, 48))))\n"
    )
    init_default_scope('mmpose')
    weights = MODELS.build(Config.fromfile(config).model).state_dict()
    torch.save(dict(state_dict=weights, meta={}), tmp_path / 'random.pth')
    command = [
        sys.executable,
        analysis_tools / 'estimate_extrinsics.py',
        config,
        'random.pth',
        '--device',
        'cpu',
    ]
    printed = run_command(
        *command, '--per-sequence', '--out', 'calib', '--report', 'report.json'
    )
    assert '6 cameras, 2 rigs' in printed
    assert 'wrote 8 calibration files' in printed
    report = json.loads((tmp_path / 'report.json').read_text())
    assert set(report) == {'1200', '1201'}
    for name in ('rotation_spread_deg', 'rotation_deg', 'centre_mm'):
        assert len(report['1200'][name]) == 3
    estimated = HanCoDataset(
        data_root=str(data),
        data_prefix=dict(calib=str(tmp_path / 'calib')),
        split='test',
        pipeline=[],
    )
    assert len(estimated) == 24
    np.testing.assert_allclose(
        estimated.get_data_info(0)['camera_param']['R'], np.eye(3), atol=1e-6
    )
    # one frame of each sequence: too few, and told for each
    printed = run_command(
        *command,
        '--per-sequence',
        '--cfg-options',
        'test_dataloader.dataset.dataset.sample_interval=4',
        status=1,
    )
    assert '1200: no estimate' in printed and '1201: no estimate' in printed
    assert 'at least 3 are needed' in printed
    assert 'no rig could be estimated' in printed


@pytest.mark.slow
def test_arguments_are_checked_before_the_work(analysis_tools, run_command, tmp_path):
    command = [sys.executable, analysis_tools / 'estimate_extrinsics.py', 'c']
    assert 'no checkpoint none.pth' in run_command(*command, 'none.pth', status=2)
    (tmp_path / 'some.pth').write_bytes(b'')
    assert 'let --out name a folder' in run_command(
        *command, 'some.pth', '--per-sequence', '--out', 'c.json', status=2
    )


@pytest.mark.parametrize(
    'out, measured',
    [('rig.json', 'rig.json'), ('calib', 'calib/0000/00000000.json')],
)
@pytest.mark.slow
def test_a_measured_calibration_is_not_replaced(
    analysis_tools, run_command, tmp_path, out, measured
):
    (tmp_path / 'some.pth').write_bytes(b'')
    path = tmp_path / measured
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('{}')
    tool = [sys.executable, analysis_tools / 'estimate_extrinsics.py']
    command = [*tool, 'none.py', 'some.pth', '--out', out]
    printed = run_command(*command, status=2)
    assert f'{measured} is there; --overwrite replaces' in printed
    assert 'none.py' in run_command(*command, '--overwrite', status=1)
    assert path.read_text() == '{}'


def predicted_views(frames=12) -> PredictedViews:
    """A hand that travels, two cameras, jittering predictions."""
    rng = np.random.default_rng(0)
    hand = rng.normal(scale=0.05, size=(21, 3))
    hand -= hand[9]
    samples = []
    for frame in range(frames):
        bent = hand * (1 + 0.02 * frame)
        for camera in range(2):
            noisy = bent + rng.normal(scale=0.004, size=bent.shape)
            noisy -= noisy[9]
            R = np.eye(3)
            t = np.array([0, 0, 0.5 + camera])
            place = 0.01 * frame
            samples.append(
                dict(
                    frame_id=f'0007/{frame:08d}',
                    camera_id=camera,
                    view_index=camera,
                    num_views=2,
                    camera_param=dict(K=np.eye(3), R=R, t=t),
                    pred_instances=dict(
                        keypoints_cam=noisy[None],
                        vertices=np.repeat(noisy[None], 2, axis=1),
                        keypoints_world=(noisy + place)[None],
                    ),
                    gt_instances=dict(keypoints_cam=(bent + place + t)[None]),
                )
            )
    return PredictedViews.from_samples(samples)


# in one process, as starting one takes the most time
SMOOTHING = """
import runpy, sys
for arguments in (
    ['views.npz', '--report', 'new/folder/report.json'],
    ['views.npz', '--type', 'Savgol', '--options', 'window=5', '--out',
     'smooth.npz'],
    ['views.npz', '--type', 'Savgol', '--options', 'beta=5'],
    ['views.npz', '--out', 'x.npz'],
    ['views.npz', '--type', 'Savgol', '--options', 'beta=5', '--report',
     'views.npz/report.json'],
    ['other.npz'],
    ['none.npz']):
    sys.argv = [{script!r}, *arguments]
    try:
        runpy.run_path({script!r}, run_name='__main__')
    except SystemExit as error:
        print('stopped:', error)
"""


@pytest.mark.slow
def test_smooth_predictions(analysis_tools, run_command, tmp_path):
    views = predicted_views()
    views.save(tmp_path / 'views.npz')
    (tmp_path / 'other.npz').write_bytes(b'text')
    script = str(analysis_tools / 'smooth_predictions.py')
    printed = run_command(sys.executable, '-c', SMOOTHING.format(script=script))
    rows = json.loads((tmp_path / 'new/folder/report.json').read_text())
    assert [row['stage'] for row in rows] == ['single'] * 4 + ['world'] * 4
    before, *after = rows[:4]
    assert all(row['ACC'] < 0.6 * before['ACC'] for row in after)
    assert all(row['MPJPE'] < before['MPJPE'] for row in after)
    assert "Savgol does not take the options ['beta']" in printed
    assert '--out and --options go with one --type' in printed
    # said before the work, in which the wrong option would be found
    assert 'views.npz is no folder' in printed
    assert printed.count("options ['beta']") == 1
    assert 'other.npz is no .npz file' in printed
    assert 'no none.npz; write it with tools/test.py CONFIG' in printed
    # the numbers are those of the file that was written
    smooth = PredictedViews.load(tmp_path / 'smooth.npz')
    joints = smooth.predictions['keypoints_cam']
    np.testing.assert_allclose(
        smooth.predictions['vertices'][:, :21],
        np.repeat(joints, 2, axis=1)[:, :21],
        atol=1e-6,
    )
    truth = views.ground_truth['keypoints_cam']
    truth = truth - truth[:, 9:10]
    jitter = acceleration_error(joints[::2], truth[::2]).mean()
    assert (
        jitter
        < 0.6
        * acceleration_error(views.predictions['keypoints_cam'][::2], truth[::2]).mean()
    )
