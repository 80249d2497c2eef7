import json

import cv2
import numpy as np
import pytest
from hand_samples import in_windows, posed_hands
from mmengine.structures import InstanceData
from mmpose.registry import METRICS
from mmpose.structures import PoseDataSample
from scipy.spatial.transform import Rotation

from hamuco_mm.evaluation import AbsoluteHandMetric, HandMeshMetric
from hamuco_mm.evaluation.functional import joint_errors

NAMES = (
    'MPJPE',
    'RR-MPJPE',
    'PA-MPJPE',
    'ACC',
    'reprojection_px',
    'reprojection_px_pred',
)
COUNTS = ('time_steps', 'time_steps_left_out')
LENS = np.array([-0.2, 0.05, 0.001, 0.002, 0])


def make_steps(num_steps=4, num_views=3, noise=0.0, seed=0):
    """A moving hand: its truth, predictions off by noise (metres), and the
    samples of all its views, a list a time step."""
    rng = np.random.default_rng(seed)
    hand = posed_hands(1, seed=seed)[1][0]
    truth = hand + np.cumsum(rng.normal(0, 0.01, (num_steps, 1, 3)), 0)
    predicted = truth + noise * rng.normal(size=truth.shape)
    rig = []
    for view in range(num_views):
        rig.append(
            dict(
                K=np.array([[500.0, 0, 320], [0, 510, 240], [0, 0, 1]]),
                R=Rotation.random(random_state=rng).as_matrix(),
                t=np.array([0, 0, 0.7]),
                dist=LENS if view else None,
            )
        )
    steps = []
    for frame in range(num_steps):
        views = []
        for view, camera in enumerate(rig):
            sample = PoseDataSample(
                metainfo=dict(
                    frame_id=f'0007/{frame:08d}',
                    camera_id=view + 10,
                    view_index=view,
                    num_views=num_views,
                    camera_param=camera,
                )
            )
            local = truth[frame] @ camera['R'].T + camera['t']
            sample.gt_instances = InstanceData(keypoints_cam=local[None])
            sample.pred_instances = InstanceData(
                keypoints=seen(truth[frame], camera)[None],
                keypoints_world=predicted[frame : frame + 1],
                keypoints_world_ransac=truth[frame : frame + 1],
            )
            views.append(sample)
        steps.append(views)
    return truth, predicted, steps


def seen(joints, camera):
    pixels, _ = cv2.projectPoints(
        joints, cv2.Rodrigues(camera['R'])[0], camera['t'], camera['K'], camera['dist']
    )
    return pixels[:, 0]


def test_registered_and_exact(evaluate):
    _, _, steps = make_steps()
    metric = METRICS.build(dict(type='AbsoluteHandMetric', prefix='test'))
    metrics = evaluate(metric, steps)
    assert set(metrics) == {
        f'test/{method}/{name}'
        for method in ('opt_center', 'ransac')
        for name in (*NAMES, *COUNTS)
    }
    for method in ('opt_center', 'ransac'):
        counts = [metrics.pop(f'test/{method}/{name}') for name in COUNTS]
        assert counts == [4, 0]
    assert max(metrics.values()) < 1e-6


def test_known_values(evaluate):
    truth, predicted, steps = make_steps(noise=0.004)
    metrics = evaluate(AbsoluteHandMetric(), [sum(steps, [])])
    off = predicted - truth
    expected = dict(
        MPJPE=np.linalg.norm(off, axis=-1).mean(),
        ACC=np.linalg.norm(np.diff(off, 2, axis=0), axis=-1).mean(),
    )
    for name, alignment in (('RR-MPJPE', 'root'), ('PA-MPJPE', 'procrustes')):
        expected[name] = joint_errors(predicted, truth, alignment).mean()
    for name, value in expected.items():
        assert metrics[f'opt_center/{name}'] == pytest.approx(1000 * float(value)), name
        assert metrics[f'ransac/{name}'] < 1e-6
    pixels = np.mean(
        [
            np.linalg.norm(
                seen(p, view.camera_param) - seen(x, view.camera_param), axis=-1
            )
            for x, p, views in zip(truth, predicted, steps)
            for view in views
        ]
    )
    assert pixels > 1
    # the views' own predictions are the true pixels here
    for name in ('reprojection_px', 'reprojection_px_pred'):
        assert metrics[f'opt_center/{name}'] == pytest.approx(pixels)


def test_windows_of_time_steps(evaluate):
    """MMEngine keeps one result for each window."""
    _, _, steps = make_steps(num_steps=7, noise=0.004)
    expected = evaluate(AbsoluteHandMetric(), steps)
    metric = AbsoluteHandMetric()
    for window in in_windows(steps, (3, 3, 1)):
        metric.process({}, [view.to_dict() for view in window])
    assert metric.evaluate(3) == pytest.approx(expected)


def test_own_predictions_are_those_of_the_interaction(evaluate):
    _, _, steps = make_steps()
    for view in sum(steps, []):
        view.pred_instances.keypoints_interact = view.pred_instances.keypoints + [
            3.0,
            4.0,
        ]
    metrics = evaluate(AbsoluteHandMetric(), steps)
    assert metrics['ransac/reprojection_px_pred'] == pytest.approx(5)
    assert metrics['ransac/reprojection_px'] < 1e-6


def test_any_view_may_bring_the_truth(evaluate, logged):
    _, _, steps = make_steps(noise=0.004)
    expected = evaluate(AbsoluteHandMetric(), steps)
    for views in steps:
        for view in views[:-1]:
            del view.gt_instances.keypoints_cam
    assert evaluate(AbsoluteHandMetric(), steps) == pytest.approx(expected)
    assert 'left out' not in '\n'.join(logged)


def test_steps_without_truth_or_prediction_are_left_out(evaluate, logged):
    _, _, steps = make_steps(5, noise=0.004)
    expected = evaluate(AbsoluteHandMetric(), steps[:3])
    for view in steps[3]:
        view.gt_instances.keypoints_cam[0, 3] = np.nan
    for view in steps[4]:
        del view.pred_instances.keypoints_world
    metrics = evaluate(AbsoluteHandMetric(), steps)
    for name in NAMES[:-1]:
        assert metrics[f'opt_center/{name}'] == expected[f'opt_center/{name}']
    for method in ('opt_center', 'ransac'):
        assert [metrics[f'{method}/{name}'] for name in COUNTS] == [3, 2]
    assert '1 of 5 time steps have no prediction in the world' in '\n'.join(logged)
    assert '1 of 5 time steps have no ground truth' in '\n'.join(logged)


def test_without_truth_the_predictions_are_compared(evaluate):
    _, _, steps = make_steps(noise=0.004)
    for view in sum(steps, []):
        del view.gt_instances.keypoints_cam
    metrics = evaluate(AbsoluteHandMetric(), steps)
    assert set(metrics) == {
        f'{method}/{name}'
        for method in ('opt_center', 'ransac')
        for name in ('reprojection_px_pred', *COUNTS)
    }
    assert metrics['ransac/time_steps'] == 0
    assert metrics['ransac/time_steps_left_out'] == 4
    assert metrics['opt_center/reprojection_px_pred'] > 1


def test_no_prediction_in_the_world_is_explained(evaluate):
    _, _, steps = make_steps(1)
    for view in steps[0]:
        del view.pred_instances.keypoints_world
    with pytest.raises(ValueError, match='OptCenter.*calibrated'):
        evaluate(AbsoluteHandMetric(), steps)
    _, _, steps = make_steps(1)
    steps[0][0].pred_instances.keypoints_world[0, 2] = np.nan
    with pytest.raises(ValueError, match='keypoints_world of view .*0007'):
        evaluate(AbsoluteHandMetric(), steps)


def test_jitter_at_the_rate_of_each_sequence(evaluate):
    """Every second frame of one, all of a left hand, and names of no number."""
    truth, predicted, steps = make_steps(7, noise=0.004)
    names = [
        '0007/00000004',
        '0007/00000000',
        '0007/00000002',
        '0008/00000001/left',
        '0008/00000002/left',
        '0008/00000003/left',
        'left',
    ]
    for name, views in zip(names, steps):
        for view in views:
            view.set_metainfo(dict(frame_id=name))
    metrics = evaluate(AbsoluteHandMetric(), steps)
    off = predicted - truth
    jitter = [
        np.linalg.norm(np.diff(off[rows], 2, axis=0), axis=-1).mean()
        for rows in ([1, 2, 0], [3, 4, 5])
    ]
    assert metrics['opt_center/ACC'] == pytest.approx(1000 * np.mean(jitter))


def test_jitter_is_measured_within_sequences_alone(evaluate):
    _, _, steps = make_steps(5)
    for view in steps[2]:
        view.set_metainfo(dict(frame_id='0008/00000000'))
    metrics = evaluate(AbsoluteHandMetric(), steps)
    assert not any(name.endswith('ACC') for name in metrics)


def test_tables_by_joint_and_camera(evaluate, tmp_path):
    truth, predicted, steps = make_steps(noise=0.004)
    metric = AbsoluteHandMetric(outfile_prefix=str(tmp_path / 'run'))
    metrics = evaluate(metric, steps)
    tables = json.loads((tmp_path / 'run.absolute_tables.json').read_text())
    table = tables['opt_center']
    errors = 1000 * np.linalg.norm(predicted - truth, axis=-1)
    assert table['MPJPE_by_joint']['index_tip'] == pytest.approx(errors[:, 8].mean())
    assert len(table['PA-MPJPE_by_joint']) == 21
    pixels = table['reprojection_px_by_camera']
    assert set(pixels) == {'10', '11', '12'}
    assert np.mean(list(pixels.values())) == pytest.approx(
        metrics['opt_center/reprojection_px']
    )
    assert min(pixels.values()) > 10 * max(
        tables['ransac']['reprojection_px_by_camera'].values()
    )


def test_tables_of_the_mesh_metric(make_batch, evaluate, tmp_path):
    batch = make_batch([2, 2], noise=(0.01, 0.005, 0.001))
    metrics = evaluate(
        HandMeshMetric(outfile_prefix=str(tmp_path / 'run'), f_thresholds=()), [batch]
    )
    tables = json.loads((tmp_path / 'run.tables.json').read_text())
    for mode in ('single', 'interact', 'fusion'):
        for name in ('MPJPE', 'PA-MPJPE'):
            by_joint = tables[mode][f'{name}_by_joint']
            by_camera = tables[mode][f'{name}_by_camera']
            assert set(by_camera) == {'0', '1'}
            for table in (by_joint, by_camera):
                assert np.mean(list(table.values())) == pytest.approx(
                    metrics[f'{mode}/{name}']
                )
        assert tables[mode]['MPJPE_by_joint']['middle_mcp'] == 0
