import numpy as np
import pytest
from mmpose.registry import METRICS

from hamuco_mm.evaluation import ReprojectionMetric


def place(sample, pixels, suffix=''):
    """Predict keypoints ``pixels`` to the right of the labels."""
    labels = sample.gt_instances.keypoints
    sample.pred_instances.set_field(labels + [pixels, 0], 'keypoints' + suffix)


def test_known_distances(make_batch, evaluate):
    batch = make_batch([2, 2, 2])
    for sample, pixels in zip(batch, (1, 2, 3, 4, 5, 60)):
        place(sample, pixels)
    metric = METRICS.build(dict(type='ReprojectionMetric'))
    metrics = evaluate(metric, [batch[:4], batch[4:]])
    assert metrics['single/reprojection_px'] == pytest.approx(12.5)
    assert metrics['single/reprojection_px_median'] == pytest.approx(3)
    assert metrics['single/reprojection_px_cam0'] == pytest.approx(3)
    assert metrics['single/reprojection_px_cam1'] == pytest.approx(22)
    for mode in ('interact', 'fusion'):
        assert metrics[f'{mode}/reprojection_px'] == 0


def test_confidences_are_weights(make_batch, evaluate):
    batch = make_batch([1, 1])
    place(batch[0], 1)
    place(batch[1], 5)
    batch[0].gt_instances.keypoints_visible[:] = 0.75
    batch[1].gt_instances.keypoints_visible[:] = 0.25
    metrics = evaluate(ReprojectionMetric(), [batch])
    assert metrics['single/reprojection_px'] == pytest.approx(2)
    assert metrics['single/reprojection_px_median'] == pytest.approx(1)


def test_missing_labels_do_not_count(make_batch, evaluate):
    batch = make_batch([1])
    place(batch[0], 2)
    batch[0].gt_instances.keypoints[0, 7] = np.nan
    batch[0].gt_instances.keypoints_visible[0, 7] = 0
    metrics = evaluate(ReprojectionMetric(), [batch])
    assert metrics['single/reprojection_px'] == pytest.approx(2)

    batch[0].gt_instances.keypoints_visible[:] = 0
    with pytest.raises(ValueError, match='keypoints_visible'):
        evaluate(ReprojectionMetric(), [batch])


def test_one_result_per_item_and_missing_camera_id(make_batch, evaluate):
    batch = make_batch([2, 1])
    for sample in batch:
        sample.pop('camera_id')
    metric = ReprojectionMetric()
    metric.process(None, [sample.to_dict() for sample in batch])
    assert len(metric.results) == 2
    assert not any('cam' in key for key in metric.evaluate(2))


def test_nan_prediction(make_batch):
    batch = make_batch([1])
    batch[0].pred_instances.keypoints[0, 0, 0] = np.inf
    with pytest.raises(ValueError, match='pred_instances.keypoints of view'):
        ReprojectionMetric().process(None, [batch[0].to_dict()])


def test_share_of_the_box_is_that_of_its_diagonal(make_batch, evaluate):
    batch = make_batch([1, 1])
    for sample, size in zip(batch, (3, 30)):
        labels = sample.gt_instances.keypoints
        labels[:] = 0
        labels[0, 5] = [3 * size, 4 * size]
        place(sample, size)
    metrics = evaluate(ReprojectionMetric(), [batch])
    assert metrics['single/reprojection_box'] == pytest.approx(0.2)

    # joints without a label are no corners of the box; one point has no box
    batch[0].gt_instances.keypoints_visible[0, 5] = 0
    metrics = evaluate(ReprojectionMetric(), [batch])
    assert metrics['single/reprojection_box'] == pytest.approx(0.2)
