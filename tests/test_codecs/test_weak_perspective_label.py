import cv2
import numpy as np
import pytest
from mmpose.registry import KEYPOINT_CODECS
from mmpose.structures.bbox import get_warp_matrix
from original_pixels import in_image

import hamuco_mm  # noqa: F401, registers the codec


def build(size=(128, 128)):
    return KEYPOINT_CODECS.build(dict(type='WeakPerspectiveLabel', input_size=size))


def test_round_trip():
    keypoints = np.random.default_rng(0).uniform(-20, 150, (1, 21, 2))
    codec = build()
    encoded = codec.encode(keypoints)
    decoded, scores = codec.decode(encoded['keypoint_labels'])
    np.testing.assert_allclose(decoded, keypoints, atol=1e-4)
    assert scores.shape == (1, 21)
    batch, _ = codec.batch_decode(encoded['keypoint_labels'][None])
    np.testing.assert_allclose(batch[0], decoded)


def test_known_values():
    labels = build().encode(np.array([[[0.0, 0], [64, 64], [128, 96]]]))
    np.testing.assert_allclose(
        labels['keypoint_labels'], [[[-1, -1], [0, 0], [1, 0.5]]]
    )


def test_confidence_is_the_weight_and_nan_has_none():
    keypoints = np.ones((1, 3, 2))
    keypoints[0, 1, 0] = np.nan
    encoded = build().encode(keypoints, np.array([[0.3, 0.9, np.nan]]))
    np.testing.assert_allclose(encoded['keypoint_weights'], [[0.3, 0, 0]])
    assert np.isfinite(encoded['keypoint_labels']).all()


def test_3d_labels_turn_with_the_image():
    """Orthographic 3D labels under a rotated crop must project like the
    rotated 2D labels, as MMPose's warp rotates them."""
    size, angle = (128, 128), 37.0
    joints = np.random.default_rng(1).normal(0, 20, (1, 21, 3))
    pixels = joints[..., :2] + 100
    warp = get_warp_matrix(
        np.array([100.0, 100]), np.array([128.0, 128]), angle, output_size=size
    )
    encoded = build(size).encode(
        cv2.transform(pixels, warp),
        keypoints_cam=joints,
        vertices=joints,
        bbox_rotation=np.array([angle]),
    )
    in_pixels = encoded['keypoint_labels'] * 64
    root = in_pixels[:, 9:10]
    np.testing.assert_allclose(
        encoded['keypoints_cam_labels'][..., :2], in_pixels - root, atol=1e-3
    )
    np.testing.assert_allclose(
        encoded['vertices_labels'], encoded['keypoints_cam_labels']
    )
    assert not encoded['keypoints_cam_labels'][:, 9].any()


def test_pixels_return_to_the_image_through_the_rotated_warp():
    center, scale = np.array([70.0, 90.0]), np.array([200.0, 200.0])
    meta = dict(
        input_center=center,
        input_scale=scale,
        input_size=(128, 128),
        bbox_rotation=np.array([-65.0]),
    )
    keypoints = np.random.default_rng(2).uniform(0, 200, (1, 21, 2))
    warp = get_warp_matrix(center, scale, -65.0, output_size=(128, 128))
    crop = cv2.transform(keypoints, warp)
    np.testing.assert_allclose(in_image(crop, meta), keypoints, atol=1e-3)


@pytest.mark.parametrize('size', [(96, 128), (192, 256), (96,)])
def test_crops_that_are_no_squares_are_refused(size):
    with pytest.raises(ValueError, match='crops of hands are square'):
        KEYPOINT_CODECS.build(dict(type='WeakPerspectiveLabel', input_size=size))
