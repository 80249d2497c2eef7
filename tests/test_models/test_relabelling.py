"""Labels that the fused hand contradicts are replaced in each step."""

from copy import deepcopy

import pytest
import torch
from mmpose.registry import MODELS
from small_networks import build_model
from view_batches import make_inputs, make_samples

from hamuco_mm.models import FusedRelabelling
from hamuco_mm.structures import HandTargets

# labels are random here, and agree with nothing
RELABELLING = dict(
    relabelling=dict(type='FusedRelabelling', distance=0.5, agreement=0.0)
)


def test_far_labels_of_several_views_give_way():
    labels = torch.zeros(3, 21, 2)
    fused = torch.zeros(3, 21, 2)
    fused[:, 3] = torch.tensor([0.3, 0.4])  # 0.5 away
    fused[:, 7] = torch.tensor([0.0, -0.2])
    several = torch.tensor([True, False, True])
    expected = labels.clone()
    expected[[0, 2], 3] = torch.tensor([0.3, 0.4])
    given = labels, torch.ones(3, 21), fused, several
    torch.testing.assert_close(FusedRelabelling(distance=0.49)(*given), expected)
    assert FusedRelabelling(distance=0.51)(*given).eq(labels).all()


@pytest.mark.parametrize('agreement, rows', [(0.0, 3), (0.4, 2), (0.6, 1), (1.0, 0)])
def test_a_hand_that_most_labels_contradict_replaces_none(agreement, rows):
    """By their confidences: here those of all joints, of half and of none count."""
    labels, fused = torch.zeros(3, 21, 2), torch.zeros(3, 21, 2)
    fused[:, :10] = 1.0
    confidences = torch.ones(3, 21)
    confidences[0, 10:] = 10.0  # nearly all labels are near
    confidences[2, 10:] = 0.0  # none
    replaced = FusedRelabelling(agreement=agreement)(
        labels, confidences, fused, torch.ones(3, dtype=torch.bool)
    )
    changed = replaced.flatten(1).any(1)
    assert changed.tolist() == [True] * rows + [False] * (3 - rows)


def fused_labels(model, samples, inputs):
    """The fused hand's joints, in the crop's square."""
    targets = HandTargets.from_data_samples(samples)
    with torch.no_grad():
        result = model.estimate(inputs, targets.frames.groups)
        return model.fuse(result, targets.frames).keypoints_2d


def with_labels(samples, labels):
    samples = deepcopy(samples)
    for sample, label in zip(samples, labels):
        sample.gt_instance_labels.keypoint_labels = label[None]
    return samples


def losses_of(model, samples, inputs):
    losses = model.loss(inputs, samples)
    return torch.stack([losses['loss_kpt_single'], losses['loss_kpt_interact']])


@pytest.fixture
def batch():
    return make_samples([3, 2]), make_inputs([3, 2])


def test_a_step_learns_from_the_labels_that_are_left(config, batch):
    samples, inputs = batch
    model = build_model({**config, **RELABELLING}).eval()
    fused = fused_labels(model, samples, inputs)
    near = fused + 0.1 * torch.randn(fused.shape)
    spoiled = near.clone()
    spoiled[:, 5] = 3.0
    mended = near.clone()
    mended[:, 5] = fused[:, 5]
    given = losses_of(model, with_labels(samples, spoiled), inputs)
    expected = losses_of(model, with_labels(samples, mended), inputs)
    torch.testing.assert_close(given, expected)
    model.relabelling = None
    spoiling = losses_of(model, with_labels(samples, spoiled), inputs)
    assert spoiling[1] > given[1]  # the fused hand is of the interaction's views


def test_it_waits_for_the_losses_between_views(config, batch):
    samples, inputs = batch
    model = build_model({**config, **RELABELLING}).eval()
    later = losses_of(model, samples, inputs)
    model.loss_factors = dict.fromkeys(model.loss_factors, 0.0)
    waiting = losses_of(model, samples, inputs)
    model.relabelling = None
    torch.testing.assert_close(losses_of(model, samples, inputs), waiting)
    assert not torch.allclose(later, waiting)


def test_a_teacher_says_what_labels_become(config, batch):
    samples, inputs = batch
    model = build_model({**config, **RELABELLING}).eval()
    before = losses_of(model, samples, inputs)
    teacher = build_model({**config, **RELABELLING})
    model.set_teacher(teacher)
    # of the same weights
    torch.testing.assert_close(losses_of(model, samples, inputs), before)
    with torch.no_grad():
        teacher.view_head.pose.weight.mul_(3)
    assert not torch.allclose(losses_of(model, samples, inputs), before)


def test_single_views_keep_their_labels(config):
    samples, inputs = make_samples([1, 1]), make_inputs([1, 1])
    model = build_model({**config, **RELABELLING}).eval()
    given = losses_of(model, samples, inputs)
    model.relabelling = None
    torch.testing.assert_close(losses_of(model, samples, inputs), given)


@pytest.mark.parametrize(
    'change, message',
    [
        (dict(relabelling=dict(type='FusedRelabelling', distance=0)), 'above 0'),
        (
            dict(relabelling=dict(type='FusedRelabelling', agreement=1.5)),
            'from 0 to 1',
        ),
        (
            dict(
                RELABELLING,
                loss_distill=None,
                loss_consistency_2d=None,
                loss_consistency_fusion=None,
            ),
            'relabelling works while',
        ),
    ],
)
def test_what_cannot_work_is_refused(config, change, message):
    with pytest.raises(ValueError, match=message):
        MODELS.build({**config, **change})
