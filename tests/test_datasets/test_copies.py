"""What saves copies must not change what comes out."""

import numpy as np
import pytest
import torch
from mmengine.dataset import pseudo_collate
from mmengine.structures import InstanceData
from mmpose.datasets.transforms import PackPoseInputs
from mmpose.registry import DATASETS, MODELS
from mmpose.structures import PoseDataSample

from hamuco_mm.datasets import PackHandInputs, RandomChannelGain, multiview_collate


def image(seed=0, shape=(8, 6, 3)):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def test_gains_of_bytes_are_the_products_cut_off():
    transform = RandomChannelGain(gain=(0.5, 2.0))
    img = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(16, 16, 3)
    np.random.seed(0)
    scaled = transform(dict(img=img))['img']
    np.random.seed(0)
    gains = np.random.uniform(0.5, 2.0, 3).astype(np.float32)
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


def results(**more):
    rng = np.random.default_rng(1)
    return dict(
        img=image(),
        img_path='0000/cam1/00000003.jpg',
        id=5,
        camera_param=dict(K=np.eye(3)),
        flip_indices=list(range(21)),
        bbox=rng.random((1, 4)),
        bbox_scale=rng.random((1, 2)),
        keypoints=rng.random((1, 21, 2)),
        keypoints_visible=rng.random((1, 21)),
        transformed_keypoints=rng.random((1, 21, 2)),
        keypoint_labels=rng.random((1, 21, 2)).astype(np.float32),
        keypoint_weights=rng.random((1, 21)).astype(np.float32),
        **more,
    )


@pytest.mark.parametrize(
    'more',
    (
        {},
        dict(heatmaps=np.ones((21, 4, 4), np.float32)),
        dict(
            keypoint_labels=[np.ones((1, 21, 2), np.float32)] * 2,
            keypoint_weights=[np.ones((1, 21), np.float32)] * 2,
        ),
        dict(
            keypoints_cam_labels=np.ones((1, 21, 3), np.float32),
            label_mapping_table=dict(
                keypoint_labels='keypoint_labels',
                keypoints_cam_labels='keypoints_cam_labels',
            ),
        ),
    ),
)
def test_packed_labels_are_the_parents(more):
    options = dict(
        meta_keys=('id', 'img_path', 'camera_param', 'flip_indices'),
        pack_transformed=True,
    )
    ours, theirs = (
        packer(**options)(dict(results(), **more))['data_samples']
        for packer in (PackHandInputs, PackPoseInputs)
    )
    assert set(ours.keys()) == set(theirs.keys())
    assert ours.metainfo_keys() == theirs.metainfo_keys()
    for key in ours.metainfo_keys():
        assert str(getattr(ours, key)) == str(getattr(theirs, key))
    for group in ours.keys():  # noqa: SIM118
        assert (
            dict(ours.get(group).items()).keys()
            == dict(theirs.get(group).items()).keys()
        )
        for name, value in ours.get(group).items():
            other = theirs.get(group).get(name)
            assert type(value) is type(other)
            torch.testing.assert_close(torch.as_tensor(value), torch.as_tensor(other))


@pytest.mark.parametrize('by_pixel', (True, False))
def test_stacked_images_keep_their_memory_layout(by_pixel):
    views = [torch.from_numpy(image(seed)).permute(2, 0, 1) for seed in range(3)]
    if not by_pixel:
        views = [view.contiguous() for view in views]
    batch = multiview_collate(
        [dict(inputs=views, data_samples=[PoseDataSample() for _ in views])]
    )
    torch.testing.assert_close(batch['inputs'], torch.stack(views))
    layout = torch.channels_last if by_pixel else torch.contiguous_format
    assert batch['inputs'].is_contiguous(memory_format=layout)


def test_images_of_different_sizes_stay_a_list():
    views = [torch.zeros(3, 4, size) for size in (4, 5)]
    batch = multiview_collate(
        [dict(inputs=views, data_samples=[PoseDataSample() for _ in views])]
    )
    assert [view.shape[-1] for view in batch['inputs']] == [4, 5]


def test_labels_travel_as_arrays():
    sample = PoseDataSample()
    sample.gt_instance_labels = InstanceData(
        keypoint_labels=torch.arange(42.0).view(1, 21, 2)
    )
    batch = multiview_collate([dict(inputs=torch.zeros(3, 2, 2), data_samples=sample)])
    labels = batch['data_samples'][0].gt_instance_labels.keypoint_labels
    assert isinstance(labels, np.ndarray)
    np.testing.assert_array_equal(labels.ravel(), np.arange(42))


def test_items_share_nothing_that_a_pipeline_may_change(make_tree):
    dataset = DATASETS.build(dict(type='HanCoDataset', data_root=str(make_tree().root)))
    first = dataset.get_data_info(0)
    first['keypoints'] += 100
    first['camera_param']['K'] *= 2
    again = dataset.get_data_info(0)
    assert again['keypoints'].max() < first['keypoints'].max() - 50
    np.testing.assert_allclose(
        again['camera_param']['K'] * 2, first['camera_param']['K']
    )
    assert dataset.get_data_info(-1)['sample_idx'] == len(dataset) - 1


def test_heads_of_mmpose_train_with_packed_samples():
    item = results()
    batch = pseudo_collate([PackHandInputs()(dict(item)) for _ in range(2)])
    head = MODELS.build(
        dict(
            type='RegressionHead',
            in_channels=4,
            num_joints=21,
            loss=dict(type='SmoothL1Loss', use_target_weight=True),
        )
    )
    losses = head.loss((torch.zeros(2, 4, 1, 1),), batch['data_samples'])
    assert losses['loss_kpt'].isfinite()
