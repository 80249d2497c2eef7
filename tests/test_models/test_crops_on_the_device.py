"""Crops of the data preprocessor against those of the pipeline."""

import cv2
import numpy as np
import pytest
import torch
from mmengine.dataset import Compose
from mmpose.registry import TRANSFORMS

from hamuco_mm.datasets import multiview_collate
from hamuco_mm.models import HandDataPreprocessor
from hamuco_mm.models.data_preprocessors.warping import warp_crops

NO_NORMALISATION = dict(mean=[0.0] * 3, std=[1.0] * 3)


def item(seed, size=(90, 120)):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (*size, 3), np.uint8)
    return dict(
        img=cv2.GaussianBlur(image, (0, 0), 2),
        img_path=f'{seed}.jpg',
        keypoints=rng.uniform(10, 80, (1, 21, 2)).astype(np.float32),
        keypoints_visible=np.ones((1, 21), np.float32),
        bbox_center=rng.uniform(20, 70, (1, 2)).astype(np.float32),
        bbox_scale=rng.uniform(40, 90, (1, 2)).astype(np.float32),
        bbox_rotation=rng.uniform(-180, 180, 1).astype(np.float32),
    )


def batch(affine, items, input_size=(64, 64)):
    """What the data preprocessor makes of items."""
    # which takes crops that are no squares, too
    codec = dict(type='RegressionLabel', input_size=input_size)
    pipeline = Compose(
        [
            TRANSFORMS.build(transform)
            for transform in (
                dict(type=affine, input_size=input_size),
                dict(type='GenerateTarget', encoder=codec),
                dict(type='PackHandInputs'),
            )
        ]
    )
    data = multiview_collate([pipeline(item) for item in items])
    return HandDataPreprocessor(**NO_NORMALISATION)(data, training=True)


@pytest.mark.parametrize('input_size', ((64, 64), (96, 48)))
def test_the_same_crops(input_size):
    on_device = batch('DeviceTopdownAffine', [item(i) for i in range(4)], input_size)
    before = batch('FastTopdownAffine', [item(i) for i in range(4)], input_size)
    difference = (on_device['inputs'] - before['inputs']).abs()
    assert before['inputs'].std() > 10
    # OpenCV rounds colours to integers and positions to 1/32 pixel
    assert difference.mean() < 0.5 and difference.quantile(0.999) < 3
    torch.testing.assert_close(
        on_device['data_samples'].targets.keypoints,
        before['data_samples'].targets.keypoints,
    )


def test_layout_and_precision_are_kept():
    images = torch.rand(2, 5, 7, 3).permute(0, 3, 1, 2)
    matrices = np.array([[[0.8, 0.3, 0.2], [-0.3, 0.8, 1.7]]] * 2)
    crops = warp_crops(images, matrices, (6, 4))
    assert crops.shape == (2, 3, 4, 6)
    assert crops.is_contiguous(memory_format=torch.channels_last)
    with torch.autocast('cpu', torch.bfloat16):
        assert torch.equal(warp_crops(images, matrices, (6, 4)), crops)


def test_no_warp_is_no_change():
    images = torch.randint(256, (2, 3, 6, 9), dtype=torch.uint8)
    identity = np.eye(3)[None, :2].repeat(2, 0)
    torch.testing.assert_close(
        warp_crops(images, identity, (9, 6)), images.float(), rtol=0, atol=1e-2
    )


def test_images_of_several_sizes_are_refused():
    items = [item(0), item(1, size=(80, 100))]
    with pytest.raises(ValueError, match='FastTopdownAffine in all pipelines'):
        batch('DeviceTopdownAffine', items)


def test_what_needs_the_parent_is_refused():
    transform = TRANSFORMS.build(dict(type='DeviceTopdownAffine', input_size=(8, 8)))
    with pytest.raises(ValueError, match='use FastTopdownAffine'):
        transform(dict(item(0), keypoints=None))
