import cv2
import numpy as np
import pytest
from mmpose.datasets.transforms import PackPoseInputs
from mmpose.registry import TRANSFORMS

from hamuco_mm.datasets.transforms import PackHandInputs


def box(center=(112.0, 112.0), side=130.0):
    return dict(
        bbox_center=np.array([center], np.float32),
        bbox_scale=np.array([[side, side]], np.float32),
    )


def draw(times=400, results=box, **kwargs):
    transform = TRANSFORMS.build(dict(type='RandomCropBox', **kwargs))
    np.random.seed(0)
    drawn = [transform(results()) for _ in range(times)]
    return {key: np.concatenate([r[key] for r in drawn]) for key in drawn[0]}


def assert_uniform(values, low, high):
    """All within the range, and its tenths about equally often."""
    assert values.min() >= low - 1e-4 and values.max() <= high + 1e-4
    counts, _ = np.histogram(values, 10, (low, high))
    assert counts.min() > 0.5 * len(values) / 10


def test_crop_box_does_nothing_by_default():
    drawn = draw(1)
    np.testing.assert_array_equal(drawn['bbox_center'], [[112, 112]])
    np.testing.assert_array_equal(drawn['bbox_scale'], [[130, 130]])
    np.testing.assert_array_equal(drawn['bbox_rotation'], [0])


def test_crop_box_is_uniform_in_pixels():
    drawn = draw(shift=20, side=(120, 160), rotation=180)
    assert_uniform(drawn['bbox_center'][:, 0] - 112, -20, 20)
    assert_uniform(drawn['bbox_center'][:, 1] - 112, -20, 20)
    assert_uniform(drawn['bbox_scale'][:, 0], 120, 160)
    np.testing.assert_array_equal(drawn['bbox_scale'][:, 0], drawn['bbox_scale'][:, 1])
    assert_uniform(drawn['bbox_rotation'], -180, 180)
    correlation = np.corrcoef(
        np.c_[
            drawn['bbox_center'], drawn['bbox_scale'][:, :1], drawn['bbox_rotation']
        ].T
    )
    assert np.abs(correlation - np.eye(4)).max() < 0.2


def test_crop_box_scales_what_is_there_and_adds_to_the_rotation():
    drawn = draw(
        results=lambda: dict(box(side=100.0), bbox_rotation=np.array([30.0])),
        scale=(0.9, 1.1),
        rotation=10,
    )
    assert_uniform(drawn['bbox_scale'][:, 0], 90, 110)
    assert_uniform(drawn['bbox_rotation'], 20, 40)


def test_channel_gain():
    transform = TRANSFORMS.build(dict(type='RandomChannelGain'))
    image = np.full((4, 5, 3), 100, np.uint8)
    image[0] = 250
    np.random.seed(0)
    gains = []
    for _ in range(200):
        result = transform(dict(img=image))['img']
        assert result.dtype == np.uint8 and result.shape == image.shape
        assert (result[1:] == result[1, 0]).all()
        # Bright pixels are clipped and do not wrap around.
        assert (result[0] >= np.maximum(result[1], 200)).all()
        gains.append(result[1, 0] / 100)
    gains = np.array(gains)
    assert_uniform(gains.ravel(), 0.79, 1.2)
    assert np.ptp(gains, axis=1).max() > 0.2  # not one gain for all
    assert (image[1:] == 100).all()  # the input is untouched


@pytest.fixture
def images(tmp_path):
    paths = []
    for level in (10, 20, 30):
        paths.append(str(tmp_path / f'{level}.png'))
        cv2.imwrite(paths[-1], np.full((256, 512, 3), level, np.uint8))
    return paths


def load(transform, path):
    return transform(dict(img_path=path))


def test_cached_image_is_decoded_once(images):
    transform = TRANSFORMS.build(dict(type='LoadImageCached'))
    plain = load(TRANSFORMS.build(dict(type='LoadImage')), images[0])
    first = load(transform, images[0])
    with open(images[0], 'wb'):
        pass  # not readable any more
    second = load(transform, images[0])
    for result in (first, second):
        assert set(result) == set(plain)
        assert result['img_shape'] == plain['img_shape'] == (256, 512)
        np.testing.assert_array_equal(result['img'], plain['img'])


def test_writing_into_a_cached_image_does_no_harm(images):
    transform = TRANSFORMS.build(dict(type='LoadImageCached'))
    for _ in range(3):
        image = load(transform, images[0])['img']
        assert (image == 10).all()
        image[:] = 99


def test_cache_is_bounded(images):
    # Each image takes 0.375 MB: two of them fit.
    transform = TRANSFORMS.build(dict(type='LoadImageCached', max_cache_mb=0.8))
    for path in images:
        load(transform, path)
        with open(path, 'wb'):
            pass
    for path in images[:2]:
        load(transform, path)
    with pytest.raises(Exception, match='30.png'):
        load(transform, images[2])


def test_packing_keeps_what_mmpose_packs():
    assert set(PackPoseInputs().meta_keys) < set(PackHandInputs().meta_keys)


def test_what_was_flipped_is_not_packed():
    """RandomFlip leaves 3D labels, camera and side as they were."""
    flip, pack = (
        TRANSFORMS.build(dict(type='RandomFlip', prob=1.0)),
        TRANSFORMS.build(dict(type='PackHandInputs')),
    )
    results = dict(
        img=np.zeros((8, 8, 3), np.uint8),
        img_shape=(8, 8),
        input_size=(8, 8),
        flip_indices=list(range(21)),
        keypoints=np.zeros((1, 21, 2), np.float32),
        keypoints_visible=np.ones((1, 21), np.float32),
        bbox_center=np.full((1, 2), 4, np.float32),
    )
    assert pack(dict(results)) is not None
    with pytest.raises(ValueError, match='take it out.*MirrorLeftHand'):
        pack(flip(results))
