import numpy as np
import pytest

from hamuco_mm.structures import (
    ground_truth,
    prediction,
    stack_ground_truth,
    stack_predictions,
)


def make_samples():
    """Of four samples one has no prediction, one no truth, one a broken one."""
    rng = np.random.default_rng(0)
    samples = [
        dict(
            img_path=f'{row}.jpg',
            pred_instances=dict(vertices_fused=rng.normal(size=(1, 5, 3))),
            gt_instances=dict(vertices=rng.normal(size=(1, 5, 3))),
        )
        for row in range(4)
    ]
    samples[1]['pred_instances'] = {}
    del samples[2]['gt_instances']
    samples[3]['gt_instances']['vertices'][0, 4, 1] = np.nan
    return samples


def test_stacked_fields_are_those_of_each_sample():
    samples = make_samples()
    rows, points = stack_predictions(samples, 'vertices', 'fusion')
    assert rows == [0, 2, 3]
    for row, found in zip(rows, points):
        assert np.array_equal(found, prediction(samples[row], 'vertices', 'fusion'))
    rows, points = stack_ground_truth(samples, 'vertices')
    assert rows == [0, 1]
    for row, found in zip(rows, points):
        assert np.array_equal(found, ground_truth(samples[row], 'vertices'))


def test_no_sample_has_the_field():
    rows, points = stack_predictions(make_samples(), 'vertices', 'single')
    assert rows == [] and len(points) == 0
    rows, points = stack_ground_truth(make_samples(), 'keypoints_cam')
    assert rows == [] and len(points) == 0


def test_a_broken_prediction_is_named():
    samples = make_samples()
    samples[2]['pred_instances']['vertices_fused'][0, 0, 0] = np.inf
    with pytest.raises(ValueError, match='vertices_fused of view .*2.jpg'):
        stack_predictions(samples, 'vertices', 'fusion')


def test_the_first_of_several_hands_counts():
    samples = make_samples()
    more = samples[0]['pred_instances']
    more['vertices_fused'] = np.repeat(more['vertices_fused'], 2, axis=0)
    rows, points = stack_predictions(samples, 'vertices', 'fusion')
    assert rows == [0, 2, 3] and points.shape == (3, 5, 3)
