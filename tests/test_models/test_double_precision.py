"""A network in double precision computes in double precision, from images to losses
and predictions."""

import copy

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData
from mmpose.registry import MODELS
from view_batches import SIZE, make_inputs, make_samples

SIZES = (2, 1)


def _laplace(config):
    for head in ('head', 'view_head'):
        config[head].update(
            with_uncertainty=True, loss_keypoint=dict(type='LaplaceKeypointLoss')
        )


def _robust(config):
    config['head']['loss_keypoint'] = dict(type='RobustKeypointLoss')


def _supervised(config):
    config['head'].update(
        loss_keypoint_cam=dict(type='L1Loss'), loss_vertex=dict(type='L1Loss')
    )


def _symmetric(config):
    config['alignment'] = dict(scale='symmetric', num_reweightings=2)


def _single_view(config):
    head = dict(config['head'])
    backbone = config['backbone']
    config.clear()
    config.update(type='TopdownPoseEstimator', backbone=backbone, head=head)


CHANGES = [_laplace, _robust, _symmetric, _single_view, lambda config: None]


@pytest.mark.parametrize('calibrated', [True, False])
@pytest.mark.parametrize('change', CHANGES)
def test_losses_gradients_and_predictions(config, change, calibrated):
    change(config)
    model = MODELS.build(config)
    exact = copy.deepcopy(model).double()
    inputs, samples = make_inputs(SIZES), make_samples(SIZES, calibrated)
    for sample in samples:  # what MMPose's estimators copy
        sample.gt_instances = InstanceData(
            bboxes=np.array([[0.0, 0, SIZE, SIZE]]), bbox_scores=np.ones(1)
        )
    found, expected = (
        _predict(network, given, samples)
        for network, given in ((exact, inputs.double()), (model, inputs))
    )
    for name in ('keypoints', 'keypoints_cam', 'vertices'):
        assert found.get(name).dtype == np.float64
        np.testing.assert_allclose(
            found.get(name), expected.get(name), rtol=1e-4, atol=1e-3
        )
    losses = exact.train().loss(inputs.double(), copy.deepcopy(samples))
    for name, value in losses.items():
        if 'loss' in name:
            assert value.dtype == torch.float64, name
    exact.parse_losses(losses)[0].backward()
    for parameter in exact.parameters():
        assert parameter.grad is None or parameter.grad.isfinite().all()


def _predict(model, inputs, samples):
    model.eval()
    with torch.no_grad():
        return model.predict(inputs, copy.deepcopy(samples))[0].pred_instances
