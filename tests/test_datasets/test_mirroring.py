"""A mirrored left hand: everything fits everything else, and nothing else."""

import cv2
import numpy as np
import pytest
from mmpose.registry import TRANSFORMS

from hamuco_mm.datasets.mirroring import (
    mirror_bbox,
    mirror_camera,
    mirror_item,
    mirror_keypoints,
    mirror_points,
    needs_mirroring,
)

WIDTH = 320


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def camera(rng):
    """Skewed pixels, and all of OpenCV's coefficients of distortion."""
    return dict(
        K=np.array([[410.0, 3, 150], [0, 400, 118], [0, 0, 1]]),
        R=cv2.Rodrigues(np.array([0.3, -0.8, 0.2]))[0],
        t=np.array([0.05, -0.02, 0.6]),
        dist=rng.uniform(-0.1, 0.1, 14),
    )


def see(points_world, camera):
    """OpenCV's projection. It leaves out the skew, so that goes in apart."""
    plain = camera['K'].copy()
    plain[0, 1] = 0
    pixels, _ = cv2.projectPoints(
        points_world, cv2.Rodrigues(camera['R'])[0], camera['t'], plain, camera['dist']
    )
    pixels = pixels[:, 0]
    y = (pixels[:, 1] - plain[1, 2]) / plain[1, 1]
    pixels[:, 0] += camera['K'][0, 1] * y
    return pixels


def test_the_mirrored_camera_sees_the_mirrored_world_mirrored(rng, camera):
    points = rng.normal(scale=0.05, size=(21, 3))
    mirrored = mirror_camera(camera, WIDTH)
    assert np.linalg.det(mirrored['R']) == pytest.approx(1)
    np.testing.assert_allclose(
        see(mirror_points(points), mirrored),
        mirror_keypoints(see(points, camera), WIDTH),
        atol=1e-6,
    )


def test_views_stay_calibrated_with_each_other(rng, camera):
    """The same world for all cameras: camera points agree after mirroring."""
    points = rng.normal(scale=0.05, size=(21, 3))
    for angle in (0, 1, 2):
        view = dict(camera, R=cv2.Rodrigues(np.array([0.0, angle, 0.4]))[0])
        local = points @ view['R'].T + view['t']
        mirrored = mirror_camera(view, WIDTH)
        np.testing.assert_allclose(
            mirror_points(points) @ mirrored['R'].T + mirrored['t'],
            mirror_points(local),
            atol=1e-12,
        )


def test_pixels_follow_the_image(rng):
    image = rng.integers(0, 255, (7, 12, 3))
    x, y = 3, 5
    ((u, v),) = mirror_keypoints(np.array([[x, y]]), 12)
    assert (image[:, ::-1][v, u] == image[y, x]).all()


def test_a_box_keeps_its_corners_in_order():
    box = mirror_bbox(np.array([[10.0, 20.0, 50.0, 90.0]]), 100)
    np.testing.assert_array_equal(box, [[49, 20, 89, 90]])


def test_mirroring_twice_changes_nothing(rng, camera):
    item = dict(
        keypoints=rng.uniform(0, 99, (1, 21, 2)),
        keypoints_visible=rng.uniform(0, 1, (1, 21)),
        bbox=np.array([[10.0, 20.0, 50.0, 90.0]]),
        keypoints_cam=rng.normal(size=(1, 21, 3)),
        vertices=rng.normal(size=(1, 778, 3)),
        camera_param=camera,
        frame_id='0',
    )
    before = {k: np.array(v) for k, v in item.items() if k != 'camera_param'}
    once = mirror_item(item, WIDTH)
    twice = mirror_item(once, WIDTH)
    assert once['mirrored'] and not twice['mirrored']
    for key, value in before.items():
        np.testing.assert_array_equal(item[key], value)  # input not touched
        if value.dtype.kind == 'f':
            np.testing.assert_allclose(twice[key], value)
    for key, value in camera.items():
        np.testing.assert_allclose(twice['camera_param'][key], value)
    assert not np.allclose(once['keypoints_cam'], item['keypoints_cam'])


def test_transform_mirrors_left_hands_alone(rng, camera):
    image = rng.integers(0, 255, (40, WIDTH, 3), np.uint8)
    points = rng.normal(scale=0.05, size=(21, 3))
    item = dict(
        img=image,
        keypoints=see(points, camera)[None],
        keypoints_cam=(points @ camera['R'].T + camera['t'])[None],
        camera_param=camera,
    )
    transform = TRANSFORMS.build(dict(type='MirrorLeftHand'))
    for side in ({}, dict(hand_side='right')):
        same = transform(dict(item, **side))
        assert same['img'] is image and not same['mirrored']
    left = transform(dict(item, hand_side='left'))
    np.testing.assert_array_equal(left['img'], image[:, ::-1])
    camera = left['camera_param']
    world = (left['keypoints_cam'][0] - camera['t']) @ camera['R']
    np.testing.assert_allclose(see(world, camera), left['keypoints'][0], atol=1e-6)
    np.testing.assert_array_equal(transform(left)['img'], image[:, ::-1])


def test_an_unknown_side_is_an_error():
    with pytest.raises(ValueError, match="'left' or 'right'.*'L'"):
        needs_mirroring('L')
