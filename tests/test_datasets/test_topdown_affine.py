"""The crop in closed form against MMPose's own."""

import cv2
import numpy as np
import pytest
from mmpose.datasets.transforms import TopdownAffine

from hamuco_mm.datasets import FastTopdownAffine

IMAGE = cv2.GaussianBlur(
    np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8), (0, 0), 3
)


def item(seed, **more):
    rng = np.random.default_rng(seed)
    return dict(
        img=IMAGE,
        keypoints=rng.uniform(10, 80, (1, 21, 2)).astype(np.float32),
        keypoints_visible=np.ones((1, 21), np.float32),
        bbox_center=rng.uniform(30, 60, (1, 2)).astype(np.float32),
        bbox_scale=rng.uniform(40, 90, (1, 2)).astype(np.float32),
        **more,
    )


@pytest.mark.parametrize('input_size', ((64, 64), (64, 96), (96, 48)))
@pytest.mark.parametrize('rotation', (None, 0.0, 33.0, -170.0))
def test_the_same_crop(input_size, rotation):
    more = (
        {} if rotation is None else dict(bbox_rotation=np.array([rotation], np.float32))
    )
    ours = FastTopdownAffine(input_size)(item(0, **more))
    theirs = TopdownAffine(input_size)(item(0, **more))
    assert set(ours) == set(theirs)
    for key in set(ours) - {'img'}:
        np.testing.assert_allclose(
            ours[key], theirs[key], rtol=1e-4, atol=1e-3, err_msg=key
        )
        assert np.asarray(ours[key]).dtype == np.asarray(theirs[key]).dtype, key
    difference = cv2.absdiff(ours['img'], theirs['img'])
    assert difference.max() <= 3 and difference.mean() < 0.1
    assert ours['img'].std() > 5


@pytest.mark.parametrize(
    'changes',
    (
        dict(keypoints=None),
        dict(img=[IMAGE, IMAGE]),
        dict(transformed_keypoints=np.ones((1, 21, 2), np.float32)),
        dict(bbox_scale=np.zeros((1, 2), np.float32)),
    ),
)
def test_what_the_parent_does(changes):
    ours = FastTopdownAffine((64, 64))(dict(item(1), **changes))
    theirs = TopdownAffine((64, 64))(dict(item(1), **changes))
    np.testing.assert_array_equal(
        ours['transformed_keypoints'], theirs['transformed_keypoints']
    )
    np.testing.assert_array_equal(ours['img'], theirs['img'])


def test_udp_is_the_parents():
    ours = FastTopdownAffine((64, 64), use_udp=True)(item(2))
    theirs = TopdownAffine((64, 64), use_udp=True)(item(2))
    np.testing.assert_array_equal(ours['img'], theirs['img'])
