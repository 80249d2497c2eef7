import numpy as np
import pytest
from mmengine.evaluator import Evaluator
from mmpose.registry import METRICS

from hamuco_mm.evaluation import HandMeshMetric
from hamuco_mm.evaluation.functional import joint_errors

NAMES = (
    'MPJPE',
    'N-MPJPE',
    'PA-MPJPE',
    'MPVPE',
    'N-MPVPE',
    'PA-MPVPE',
    'F@5',
    'F@15',
    'AUC',
    'pose_spread',
)


def test_registered_and_names(make_batch, evaluate):
    metric = METRICS.build(dict(type='HandMeshMetric', prefix='val'))
    metrics = evaluate(metric, [make_batch([2, 2])])
    assert set(metrics) == {
        f'val/{mode}/{name}'
        for mode in ('single', 'interact', 'fusion')
        for name in NAMES
    }


def test_perfect_prediction(make_batch, evaluate):
    metrics = evaluate(HandMeshMetric(), [make_batch([3, 2])])
    for key, value in metrics.items():
        perfect = 0 if key.endswith('PE') else 1
        # Rounding errors are above the first of the 100 thresholds, 0 mm.
        assert value == pytest.approx(perfect, abs=6e-3), key


def test_values_are_means_over_all_views_in_mm(make_batch, evaluate):
    batch = make_batch([3, 1], noise=(0.005, 0.003, 0.001))
    metrics = evaluate(HandMeshMetric(), [batch])
    for mode, suffix in dict(single='', interact='_interact', fusion='_fused').items():
        for name, alignment in (
            ('MPJPE', 'root'),
            ('N-MPJPE', 'scale'),
            ('PA-MPJPE', 'procrustes'),
        ):
            errors = [
                joint_errors(
                    s.pred_instances[f'keypoints_cam{suffix}'][0],
                    s.gt_instances.keypoints_cam[0],
                    alignment,
                )
                for s in batch
            ]
            expected = 1000 * np.mean([e.numpy() for e in errors])
            assert metrics[f'{mode}/{name}'] == pytest.approx(expected)
    # Normal noise of this size in each coordinate, averaged by hand: the mean
    # norm of a normal 3-vector is sqrt(8 / pi) standard deviations.
    assert metrics['fusion/PA-MPVPE'] == pytest.approx(np.sqrt(8 / np.pi), rel=0.03)
    assert (
        metrics['single/PA-MPJPE']
        > metrics['interact/PA-MPJPE']
        > metrics['fusion/PA-MPJPE']
        > 0.5
    )
    assert metrics['single/F@5'] < metrics['fusion/F@5']
    assert metrics['single/AUC'] < metrics['fusion/AUC'] < 1


def test_batches_may_be_split_anyhow(make_batch, evaluate):
    batch = make_batch([2, 1, 3], noise=(0.01, 0.005, 0.003))
    whole = evaluate(HandMeshMetric(), [batch])
    split = evaluate(HandMeshMetric(), [batch[:2], batch[2:3], batch[3:]])
    assert whole == pytest.approx(split, rel=1e-5)


def test_one_result_per_dataset_item(make_batch):
    metric = HandMeshMetric()
    batch = make_batch([2, 1, 3], noise=(0.01, 0.01, 0.01))
    # A sample without view metainfo is an item of its own.
    single = make_batch([1], seed=5)[0]
    for key in ('view_index', 'num_views'):
        single.pop(key)
    evaluator = Evaluator(metric)
    evaluator.process(batch + [single])
    assert [len(views) for views in metric.results] == [2, 1, 3, 1]
    # The sampler pads the last batch of a process; the padding is dropped by
    # the length of the dataset, counted in items.
    unpadded = Evaluator(HandMeshMetric())
    unpadded.process(batch + [single])
    evaluator.process(batch[:2])
    assert len(metric.results) == 5
    assert evaluator.evaluate(4) == unpadded.evaluate(4)


def test_views_out_of_order(make_batch):
    batch = [s.to_dict() for s in make_batch([2, 2])]
    for broken in ([batch[1], batch[0]], batch[:3], [batch[0], batch[3]]):
        with pytest.raises(ValueError, match='of one time step'):
            HandMeshMetric().process(None, broken)


def test_views_without_ground_truth_are_left_out(make_batch, evaluate, logged):
    batch = make_batch([2, 2], noise=(0.01, 0.01, 0.01))
    expected = evaluate(HandMeshMetric(), [batch[:2]])
    assert 'left out' not in '\n'.join(logged)
    for sample in batch[2:]:
        del sample.gt_instances.keypoints_cam
    metric = HandMeshMetric()
    assert evaluate(metric, [batch]) == pytest.approx(expected)
    assert '2 of 4 views have no ground truth' in '\n'.join(logged)
    # Ground truth that holds NaN is none.
    batch = make_batch([2, 2], noise=(0.01, 0.01, 0.01))
    for sample in batch[2:]:
        sample.gt_instances.keypoints_cam[0, 3, 0] = np.nan
    assert evaluate(HandMeshMetric(), [batch]) == pytest.approx(expected)


def test_no_ground_truth_at_all(make_batch, evaluate):
    batch = make_batch([2])
    for sample in batch:
        del sample.gt_instances.keypoints_cam
    with pytest.raises(ValueError, match='keypoints_cam.*ReprojectionMetric'):
        evaluate(HandMeshMetric(), [batch])


def test_a_data_set_without_ground_truth_is_refused_at_once():
    metric = HandMeshMetric()
    for meta in (dict(has_keypoints_cam=True), dict(), None):
        metric.dataset_meta = meta
        assert metric.dataset_meta == meta
    with pytest.raises(ValueError, match='keypoints_cam.*ReprojectionMetric'):
        Evaluator(metric).dataset_meta = dict(has_keypoints_cam=False)


def test_vertices_are_optional(make_batch, evaluate):
    batch = make_batch([2, 2], noise=(0.01, 0.01, 0.01))
    full = evaluate(HandMeshMetric(), [batch])
    for sample in batch:
        del sample.gt_instances.vertices
    joints_only = evaluate(HandMeshMetric(), [batch])
    assert joints_only == {
        key: value
        for key, value in full.items()
        if 'MPVPE' not in key and 'F@' not in key
    }


def test_only_predicted_stages_are_reported(make_batch, evaluate):
    batch = make_batch([1, 1])
    for sample in batch:
        for suffix in ('_interact', '_fused'):
            for field in ('keypoints', 'keypoints_cam', 'vertices'):
                sample.pred_instances.pop(field + suffix)
    metrics = evaluate(HandMeshMetric(), [batch])
    assert {key.split('/')[0] for key in metrics} == {'single'}


@pytest.mark.parametrize('field', ['keypoints_cam_fused', 'vertices'])
def test_nan_prediction(make_batch, field):
    batch = make_batch([2])
    batch[1].pred_instances[field][0, 4, 1] = np.nan
    with pytest.raises(ValueError, match=f'{field} of view .*0000/00000000'):
        HandMeshMetric().process(None, [s.to_dict() for s in batch])


@pytest.mark.parametrize('value', [1e30, -1e30, 1e13])
def test_prediction_beyond_any_hand_is_named(make_batch, value):
    batch = make_batch([2])
    batch[1].pred_instances['keypoints_cam'][0, 4, 1] = value
    with pytest.raises(ValueError, match='pred_instances.keypoints_cam of view'):
        HandMeshMetric().process(None, [sample.to_dict() for sample in batch])


def test_large_predictions_have_finite_errors(make_batch, evaluate):
    batch = make_batch([2, 2])
    for sample in batch:
        for field, value in sample.pred_instances.items():
            sample.pred_instances.set_field(value * 1e10, field)
    metrics = evaluate(HandMeshMetric(), [batch])
    assert np.isfinite(list(metrics.values())).all()


def test_no_3d_prediction(make_batch):
    batch = make_batch([1])
    del batch[0].pred_instances.keypoints_cam
    with pytest.raises(KeyError, match='pred_instances.keypoints_cam'):
        HandMeshMetric().process(None, [s.to_dict() for s in batch])


def test_triangulated_joints_are_of_the_fusion_alone(make_batch, evaluate):
    batch = make_batch([2, 2], noise=(0.0, 0.0, 0.001))
    whole = evaluate(HandMeshMetric(), [batch])
    for sample in batch:
        for field in list(sample.pred_instances.keys()):
            is_3d = field.startswith(('keypoints_cam', 'vertices'))
            if is_3d and field != 'keypoints_cam_fused':
                delattr(sample.pred_instances, field)
    metrics = evaluate(HandMeshMetric(), [batch])
    assert all(name.startswith('fusion/') for name in metrics)
    for name in ('MPJPE', 'N-MPJPE', 'PA-MPJPE'):
        assert metrics[f'fusion/{name}'] == whole[f'fusion/{name}'] > 0


def test_collapse_is_measured_and_reported(make_batch, evaluate, logged):
    batch = make_batch([2] * 10, noise=(0.001, 0.001, 0.001))
    metrics = evaluate(HandMeshMetric(f_thresholds=()), [batch])
    assert metrics['single/pose_spread'] == pytest.approx(1, abs=0.02)
    assert 'collapsed' not in '\n'.join(logged)
    for sample in batch:
        sample.pred_instances.keypoints_cam = batch[0].pred_instances.keypoints_cam
    metrics = evaluate(HandMeshMetric(f_thresholds=()), [batch])
    assert metrics['single/pose_spread'] < 1e-3
    assert metrics['fusion/pose_spread'] > 0.9
    assert 'the single hands' in '\n'.join(logged)
    assert 'the fusion hands' not in '\n'.join(logged)


def test_spread_needs_different_poses(make_batch, evaluate):
    sample = make_batch([1], noise=(0.01, 0.01, 0.01))
    assert 'single/pose_spread' not in evaluate(HandMeshMetric(), [sample])


def test_alignment_options(make_batch, evaluate):
    batch = make_batch([2, 2])
    for sample in batch:
        sample.pred_instances.keypoints_cam = 1.5 * sample.pred_instances.keypoints_cam
        sample.pred_instances.vertices = 1.5 * sample.pred_instances.vertices
    aligned = evaluate(HandMeshMetric(), [batch])
    scaled = evaluate(
        HandMeshMetric(f_alignment='scale', auc_alignment='scale'), [batch]
    )
    rooted = evaluate(
        HandMeshMetric(f_alignment='root', auc_alignment='root', f_thresholds=(10,)),
        [batch],
    )
    for metrics in (aligned, scaled):
        assert metrics['single/F@5'] == pytest.approx(1)
        assert metrics['single/AUC'] == pytest.approx(1, abs=6e-3)
    assert rooted['single/F@10'] < 0.7 and rooted['single/AUC'] < 0.7
    with pytest.raises(ValueError, match='f_alignment'):
        HandMeshMetric(f_alignment='none')


def test_dump(make_batch, evaluate, tmp_path):
    batch = make_batch([2, 1], noise=(0.01, 0.005, 0.001))
    del batch[2].gt_instances.keypoints_cam
    del batch[2].pred_instances.keypoints_cam_fused
    evaluate(HandMeshMetric(outfile_prefix=str(tmp_path / 'run')), [batch])
    with np.load(tmp_path / 'run.predictions.npz') as data:
        assert data['item'].tolist() == [0, 0, 1]
        assert data['camera_id'].tolist() == [0, 1, 0]
        assert data['img_id'].tolist() == [0, 1, 100]
        assert data['frame_id'][2] == '0000/00000001'
        for i, sample in enumerate(batch):
            assert np.array_equal(
                data['single_joints'][i], sample.pred_instances.keypoints_cam[0]
            )
        assert np.array_equal(
            data['gt_joints'][1], batch[1].gt_instances.keypoints_cam[0]
        )
        assert np.isnan(data['gt_joints'][2]).all()
        assert np.isnan(data['fusion_joints'][2]).all()
