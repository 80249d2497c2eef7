"""The hand model's parameters that come with predictions."""

import copy

import numpy as np
import pytest
import torch
from mmpose.registry import MODELS
from view_batches import make_inputs, make_samples

from hamuco_mm.hand_model import PARAMETER_SIZES, HandParameters, MANOLayer
from hamuco_mm.structures import Stage


def parameters(sample, suffix=''):
    fields = sample.pred_instances
    return HandParameters(
        *(torch.from_numpy(fields.get(name + suffix)) for name in PARAMETER_SIZES)
    )


def unlike_the_mean(model):
    torch.manual_seed(0)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if name.startswith(('head', 'view')):
                weights.add_(torch.randn_like(weights), alpha=0.05)
    return model.eval()


@pytest.mark.parametrize('amp', [False, True])
@pytest.mark.parametrize('calibrated', [True, False])
def test_they_give_the_meshes_of_each_view(config, calibrated, amp):
    """In the frames of the cameras, also where crops are turned."""
    model = unlike_the_mean(MODELS.build(config))
    samples = make_samples([3, 1], calibrated)
    with torch.no_grad(), torch.autocast('cpu', torch.bfloat16, enabled=amp):
        results = model.predict(make_inputs([3, 1]), samples)
    hand = MANOLayer()
    for sample in results:
        for stage in (Stage.SINGLE, Stage.INTERACT):
            mesh = parameters(sample, stage.suffix).mesh(hand)
            for name, points in (
                ('vertices', mesh.vertices),
                ('keypoints_cam', mesh.joints),
            ):
                np.testing.assert_allclose(
                    points, sample.pred_instances.get(stage.field(name)), atol=1e-6
                )
        assert 'betas_fused' not in sample.pred_instances


@pytest.mark.parametrize('side', ['right', 'left'])
def test_of_the_single_view_estimator(config, side):
    head = dict(copy.deepcopy(config['head']), in_channels=64)
    head['hand_model'] = dict(side=side)
    model = unlike_the_mean(
        MODELS.build(
            dict(
                type='TopdownPoseEstimator',
                backbone=config['backbone'],
                head=head,
            )
        )
    )
    samples = make_samples([2])
    with torch.no_grad():
        feats = model.extract_feat(make_inputs([2]))
        found = model.head.predict(feats, samples)
    for instances in found:
        hands = HandParameters(
            *(torch.from_numpy(instances.get(name)) for name in PARAMETER_SIZES)
        )
        np.testing.assert_allclose(
            hands.mesh(MANOLayer(side=side)).vertices, instances.vertices, atol=1e-6
        )
