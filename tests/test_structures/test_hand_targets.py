"""Labels of samples become one tensor per field, in the samples' order."""

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData
from mmpose.structures import PoseDataSample
from view_batches import make_samples

from hamuco_mm.structures import HandTargets, StackedSamples, targets_of


def sample(**labels):
    return PoseDataSample(
        metainfo=dict(img_path='some.jpg'),
        gt_instance_labels=InstanceData(**labels),
    )


@pytest.mark.parametrize('as_array', (True, False))
def test_arrays_and_tensors_are_stacked_alike(as_array):
    samples = make_samples([2, 1])
    rows = [s.gt_instance_labels.keypoint_labels.clone() for s in samples]
    if as_array:
        for each in samples:
            labels = each.gt_instance_labels
            for name, value in labels.items():
                labels.set_field(value.numpy(), name)
    targets = HandTargets.from_data_samples(samples)
    assert torch.equal(targets.keypoints, torch.cat(rows))
    assert targets.keypoint_weights.shape == (3, 21)
    assert targets.keypoints_cam is None and targets.vertices is None
    assert targets.frames.groups.sizes == (2, 1)


def test_3d_labels_of_some_samples_stay_in_their_rows():
    joints = np.ones((1, 21, 3), np.float32)
    samples = [sample(), sample(keypoints_cam_labels=joints), sample()]
    found = HandTargets.from_data_samples(samples).keypoints_cam
    assert found.present.tolist() == [False, True, False]
    assert torch.equal(found.values[1], torch.ones(21, 3))
    assert not found.values[[0, 2]].any()
    everywhere = HandTargets.from_data_samples(samples[1:2] * 2)
    assert everywhere.keypoints_cam.present is None


def test_samples_without_labels_have_targets_without_labels():
    targets = HandTargets.from_data_samples([PoseDataSample()])
    assert targets.keypoints is None and len(targets.frames.groups) == 1


@pytest.mark.parametrize('count', (0, 2))
def test_a_sample_holds_one_hand(count):
    labels = np.zeros((count, 21, 2), np.float32)
    with pytest.raises(ValueError, match=f'some.jpg.*{count} hands'):
        HandTargets.from_data_samples([sample(keypoint_labels=labels)])


def test_2d_labels_are_complete():
    labels = np.zeros((1, 21, 2), np.float32)
    with pytest.raises(ValueError, match='some.jpg has no keypoint_labels'):
        HandTargets.from_data_samples([sample(keypoint_labels=labels), sample()])


def test_what_is_stacked_is_not_stacked_again():
    samples = make_samples([2])
    targets = HandTargets.from_data_samples(samples)
    stacked = StackedSamples(samples, targets)
    assert targets_of(stacked, 'cpu') is targets
    assert torch.equal(targets_of(samples, 'cpu').keypoints, targets.keypoints)
    assert len(stacked) == 2 and stacked[1] is samples[1]
    assert list(stacked) == samples
