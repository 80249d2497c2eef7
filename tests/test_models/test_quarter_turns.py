"""Predictions as means over crops that are turned by quarters."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData
from mmpose.registry import MODELS
from view_batches import SIZE, make_inputs, make_samples

from hamuco_mm.export.onnx_graphs import SingleViewGraph
from hamuco_mm.models.layers import HandDecoder
from hamuco_mm.models.quarter_turns import mean_of_turned, turn_crops
from hamuco_mm.structures import ViewFrames

SIZES = (3, 1, 2)


@pytest.fixture
def model(config):
    return MODELS.build(dict(config, test_cfg=dict(rotation_test=True))).eval()


def predict(model, inputs):
    frames = ViewFrames.from_data_samples(make_samples(SIZES))
    with torch.no_grad():
        return model.estimate_turned(inputs, frames.groups)


def pixels(hands):
    """Of the joints in the crop."""
    return (hands.keypoints_2d + 1) * SIZE / 2


@pytest.mark.parametrize('quarters', [1, 2, 3])
@pytest.mark.parametrize('stage', ['single', 'interact'])
def test_predictions_turn_with_the_crops(model, quarters, stage):
    # an untrained network does not see the turns, so that the mean of its rotations
    # is nearly undefined: rounding grows
    model, inputs = model.double(), make_inputs(SIZES).double()
    here = getattr(predict(model, inputs), stage)
    there = getattr(predict(model, turn_crops(inputs, quarters)), stage)
    angle = -quarters * np.pi / 2  # y points down
    turn = torch.tensor(
        [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]],
        dtype=torch.float64,
    )
    middle = (SIZE - 1) / 2
    expected = (pixels(here) - middle) @ turn.T + middle
    torch.testing.assert_close(pixels(there), expected, atol=1e-6, rtol=0)
    joints = here.mesh.joints.clone()
    joints[..., :2] = joints[..., :2] @ turn.T
    torch.testing.assert_close(there.mesh.joints, joints, atol=1e-9, rtol=0)
    torch.testing.assert_close(there.betas, here.betas)


def test_predictions_of_a_plain_network_do_not(model):
    inputs, groups = make_inputs((2,)), ViewFrames.from_data_samples(make_samples((2,)))
    with torch.no_grad():
        here, there = (
            model.estimate(turn_crops(inputs, quarters), groups.groups).single
            for quarters in (0, 2)
        )
    assert abs(there.mesh.joints + here.mesh.joints)[..., :2].max() > 1e-2


def test_without_an_interaction(config):
    config = {k: v for k, v in config.items() if not k.startswith('view_')}
    model = MODELS.build(dict(config, test_cfg=dict(rotation_test=True))).eval()
    assert predict(model, make_inputs(SIZES)).interact is None


def test_under_autocast(model):
    """Geometry stays in float32: hands are as exact as without."""
    with torch.autocast('cpu', torch.bfloat16):
        hands = predict(model, make_inputs(SIZES)).interact
    eye = torch.eye(3).expand_as(hands.pose)
    torch.testing.assert_close(hands.pose @ hands.pose.mT, eye, atol=1e-5, rtol=0)
    again = model.head.hand_decoder.from_parameters(
        hands.pose, hands.betas, hands.camera
    )
    torch.testing.assert_close(again.mesh.joints, hands.mesh.joints)


def test_where_a_pixel_goes():
    """The convention of the test above, with a picture."""
    crops = torch.zeros(1, 1, 8, 8)
    crops[0, 0, 2, 5] = 1  # x 5, y 2
    turned = turn_crops(crops, 1)
    y, x = (int(i) for i in turned[0, 0].nonzero()[0])
    angle = -np.pi / 2
    offset = np.array([5, 2]) - 3.5
    expected = 3.5 + np.array(
        [
            np.cos(angle) * offset[0] - np.sin(angle) * offset[1],
            np.sin(angle) * offset[0] + np.cos(angle) * offset[1],
        ]
    )
    np.testing.assert_allclose([x, y], expected, atol=1e-9)


def test_the_mean_of_one_hand_is_that_hand():
    decoder = HandDecoder()
    hands = decoder(torch.randn(2, 96) / 5, torch.randn(2, 10), torch.randn(2, 3) / 5)
    hands = replace(hands, keypoint_scales=torch.rand(2, 21))
    mean = mean_of_turned([hands], SIZE, decoder)
    for name in ('pose', 'betas', 'camera', 'keypoints_2d', 'origin'):
        torch.testing.assert_close(
            getattr(mean, name), getattr(hands, name), atol=1e-5, rtol=0
        )
    torch.testing.assert_close(mean.mesh.vertices, hands.mesh.vertices)
    torch.testing.assert_close(mean.keypoint_scales, hands.keypoint_scales)
    other = replace(hands, keypoint_scales=3 * hands.keypoint_scales)
    twice = mean_of_turned([hands, other], SIZE, decoder)
    torch.testing.assert_close(twice.keypoint_scales, 2 * hands.keypoint_scales)


def test_predicted_samples(model, config):
    """The option reaches what users get, and is off by default."""
    inputs, plain = make_inputs(SIZES), MODELS.build(config).eval()
    plain.load_state_dict(model.state_dict())
    with torch.no_grad():
        turned = model.predict(inputs, samples_with_boxes())
        other = plain.predict(inputs, samples_with_boxes())
        mean = predict(model, inputs).single.mesh.joints
    assert all(
        abs(a.pred_instances.keypoints - b.pred_instances.keypoints).max() > 1e-3
        for a, b in zip(turned, other)
    )
    # root-relative lengths do not depend on the frame
    np.testing.assert_allclose(
        [
            np.linalg.norm(sample.pred_instances.keypoints_cam[0], axis=-1)
            for sample in turned
        ],
        mean.norm(dim=-1),
        atol=1e-6,
    )


def samples_with_boxes():
    samples = make_samples(SIZES)
    for sample in samples:
        sample.gt_instances = InstanceData(
            bboxes=np.array([[0, 0, 80, 80]], np.float32),
            bbox_scores=np.ones(1, np.float32),
        )
    return samples


def test_crops_that_are_not_square(model):
    with pytest.raises(ValueError, match='64x32 pixels cannot be turned'):
        model.estimate_turned(torch.zeros(1, 3, 32, 64), None)


@pytest.mark.parametrize('kind', ['MANOHead', 'TriangulationHead'])
def test_other_estimators_say_that_they_cannot(kind):
    head = MODELS.build(dict(type=kind, in_channels=8))
    with pytest.raises(ValueError, match='rotation_test works with HaMuCo only'):
        head.predict((), [], dict(rotation_test=True))
    with pytest.raises(ValueError, match=f'{kind} models one side of the body'):
        head.predict((), [], dict(flip_test=True))


def test_live_and_exported_networks_say_that_they_look_once(model, logged):
    SingleViewGraph(model)
    assert any('rotation_test does nothing here' in line for line in logged)


def test_a_misspelt_option(config):
    with pytest.raises(ValueError, match='rotation_tests; did you mean rotation_test'):
        MODELS.build(dict(config, test_cfg=dict(rotation_tests=True)))
    with pytest.raises(ValueError, match=r'alignment\.robust; num_rew.*, scale$'):
        MODELS.build(dict(config, alignment=dict(robust=True)))
    # options of MMPose's configs do no harm
    MODELS.build(dict(config, test_cfg=dict(flip_test=False, flip_mode='heatmap')))
