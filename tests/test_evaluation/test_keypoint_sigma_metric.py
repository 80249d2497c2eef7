import numpy as np
import pytest
from mmpose.registry import METRICS

from hamuco_mm.evaluation import KeypointSigmaMetric

K = np.array([[500.0, 0, 112], [0, 500, 112], [0, 0, 1]])


def place(sample, errors, sigmas, suffix=''):
    """Predict keypoints that are off by ``errors`` (21, 2) in pixels."""
    truth = K @ sample.gt_instances.keypoints_cam[0].T
    pixels = (truth[:2] / truth[2]).T
    sample.pred_instances.set_field((pixels + errors)[None], 'keypoints' + suffix)
    sample.pred_instances.set_field(sigmas[None], 'keypoint_sigmas' + suffix)
    sample.set_metainfo(dict(camera_param=dict(K=K)))


def test_known_share_factor_and_rank(make_batch, evaluate):
    batch = make_batch([2, 1])
    for number, sample in enumerate(batch):
        ramp = np.arange(1, 22.0) + 0.1 * number  # no two alike
        place(sample, np.stack([ramp, -0.5 * ramp], 1), 0.8 * ramp)
    metric = METRICS.build(dict(type='KeypointSigmaMetric'))
    metrics = evaluate(metric, [batch[:2], batch[2:]])
    assert metrics['single/sigma_share'] == pytest.approx(0.5)
    assert metrics['single/sigma_factor'] == pytest.approx(1 / 0.8)
    assert metrics['single/sigma_rank'] == pytest.approx(1)
    assert metrics['single/sigma_px'] == pytest.approx(0.8 * 11.1)
    assert not any(name.startswith(('interact', 'fusion')) for name in metrics)


def test_the_factor_makes_the_share_right(make_batch, evaluate):
    """Whatever the errors, and for each stage on its own."""
    batch = make_batch([4] * 10)
    offs = {'': 0.3, '_interact': 2.0, '_fused': 5.0}

    def shares(factors):
        generator = np.random.default_rng(1)
        for sample in batch:
            for suffix, off in offs.items():
                sigmas = generator.uniform(1, 4, 21)
                errors = off * sigmas[:, None] * generator.laplace(size=(21, 2))
                place(sample, errors, factors[suffix] * sigmas, suffix)
        return evaluate(KeypointSigmaMetric(), [batch])

    before = shares(dict.fromkeys(offs, 1.0))
    stages = dict(zip(offs, ('single', 'interact', 'fusion')))
    after = shares({s: before[f'{stages[s]}/sigma_factor'] for s in offs})
    for stage in stages.values():
        assert after[f'{stage}/sigma_share'] == pytest.approx(0.6827, abs=0.002)
        assert after[f'{stage}/sigma_rank'] == pytest.approx(
            before[f'{stage}/sigma_rank']
        )
    assert before['single/sigma_share'] > 0.8 > 0.4 > before['fusion/sigma_share']


def test_without_truth_labels_count_where_they_are(make_batch, evaluate):
    (sample,) = batch = make_batch([1])
    place(sample, np.full((21, 2), 100.0), np.ones(21))
    labels = sample.gt_instances.keypoints
    sample.gt_instances.keypoints_visible[0, 5] = 0
    off = np.where(np.arange(21)[:, None] == 5, 9.0, 0.5)
    sample.pred_instances.set_field(labels + off, 'keypoints')
    del sample.gt_instances.keypoints_cam
    metrics = evaluate(KeypointSigmaMetric(), [batch])
    assert metrics['single/sigma_share'] == 1
    assert metrics['single/sigma_factor'] == pytest.approx(0.5)
    sample.gt_instances.keypoints_visible[:] = 0
    with pytest.raises(ValueError, match='truth'):
        evaluate(KeypointSigmaMetric(), [batch])


def test_predictions_without_sigmas_are_refused(make_batch, evaluate):
    with pytest.raises(ValueError, match='with_uncertainty=True'):
        evaluate(KeypointSigmaMetric(), [make_batch([1])])
