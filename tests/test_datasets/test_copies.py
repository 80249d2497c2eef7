"""What saves copies must not change what comes out."""
import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData
from mmpose.datasets.transforms import PackPoseInputs
from mmpose.registry import DATASETS
from mmpose.structures import PoseDataSample

from hamuco_mm.datasets import (PackHandInputs, RandomChannelGain,
                                multiview_collate)


def image(seed=0, shape=(8, 6, 3)):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def test_gains_of_bytes_are_the_products_cut_off():
    transform = RandomChannelGain(gain=(0.5, 2.))
    img = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(16, 16, 3)
    np.random.seed(0)
    scaled = transform(dict(img=img))['img']
    np.random.seed(0)
    gains = np.random.uniform(0.5, 2., 3).astype(np.float32)
    expected = (img * gains).clip(0, 255).astype(np.uint8)
    np.testing.assert_array_equal(scaled, expected)
    assert scaled.max() == 255 and (gains > 1).any()


def test_packed_image_is_the_parents_without_a_copy():
    img = image()
    ours = PackHandInputs()(dict(img=img))['inputs']
    theirs = PackPoseInputs()(dict(img=img))['inputs']
    torch.testing.assert_close(ours, theirs, rtol=0, atol=0)
    assert ours.data_ptr() == img.ctypes.data
    mirrored = PackHandInputs()(dict(img=img[:, ::-1]))['inputs']
    torch.testing.assert_close(mirrored, theirs.flip(-1), rtol=0, atol=0)


@pytest.mark.parametrize('by_pixel', (True, False))
def test_stacked_images_keep_their_memory_layout(by_pixel):
    views = [torch.from_numpy(image(seed)).permute(2, 0, 1)
             for seed in range(3)]
    if not by_pixel:
        views = [view.contiguous() for view in views]
    batch = multiview_collate(
        [dict(inputs=views, data_samples=[PoseDataSample() for _ in views])])
    torch.testing.assert_close(batch['inputs'], torch.stack(views))
    layout = torch.channels_last if by_pixel else torch.contiguous_format
    assert batch['inputs'].is_contiguous(memory_format=layout)


def test_images_of_different_sizes_stay_a_list():
    views = [torch.zeros(3, 4, size) for size in (4, 5)]
    batch = multiview_collate(
        [dict(inputs=views, data_samples=[PoseDataSample() for _ in views])])
    assert [view.shape[-1] for view in batch['inputs']] == [4, 5]


def test_labels_travel_as_arrays():
    sample = PoseDataSample()
    sample.gt_instance_labels = InstanceData(
        keypoint_labels=torch.arange(42.).view(1, 21, 2))
    batch = multiview_collate(
        [dict(inputs=torch.zeros(3, 2, 2), data_samples=sample)])
    labels = batch['data_samples'][0].gt_instance_labels.keypoint_labels
    assert isinstance(labels, np.ndarray)
    np.testing.assert_array_equal(labels.ravel(), np.arange(42))


def test_items_share_nothing_that_a_pipeline_may_change(make_tree):
    dataset = DATASETS.build(
        dict(type='HanCoDataset', data_root=str(make_tree().root)))
    first = dataset.get_data_info(0)
    first['keypoints'] += 100
    first['camera_param']['K'] *= 2
    again = dataset.get_data_info(0)
    assert again['keypoints'].max() < first['keypoints'].max() - 50
    np.testing.assert_allclose(again['camera_param']['K'] * 2,
                               first['camera_param']['K'])
    assert dataset.get_data_info(-1)['sample_idx'] == len(dataset) - 1
