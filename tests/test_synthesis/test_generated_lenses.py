"""Recordings of cameras whose lenses bend the picture."""

import dataclasses

import cv2
import numpy as np
import pytest

from hamuco_mm.synthesis import DatasetConfig, SceneGenerator
from hamuco_mm.synthesis.generated_dataset import GeneratedHandDataset
from hamuco_mm.synthesis.rig import RigConfig

BARREL = (-0.4, -0.3)


@pytest.fixture(scope='module')
def bent(exact_generator):
    """The generator of the same scenes through near, wide lenses that bend, and look
    past the hand."""
    config = exact_generator.config
    rig = dataclasses.replace(
        config.rig, half_side=(0.15, 0.16), aim_jitter=0.08, distortion=BARREL
    )
    return SceneGenerator(0, 'train', dataclasses.replace(config, rig=rig))


def test_points_are_where_opencv_sees_them(bent):
    scene = bent.scene(0, 2)
    rig = scene.rig
    pixels = bent.keypoints(scene)
    assert (rig.dist[:, 0] >= BARREL[0]).all() and (rig.dist[:, 0] <= BARREL[1]).all()
    for view in range(scene.num_views):
        camera = cv2.Rodrigues(rig.R_world2cam[view])[0], rig.t_world2cam[view]
        joints = scene.motion.joints.reshape(-1, 3)
        for dist, is_right in ((rig.dist[view], True), (np.zeros(5), False)):
            seen, _ = cv2.projectPoints(joints, *camera, rig.K[view], dist)
            error = np.abs(seen.reshape(2, 21, 2) - pixels[:, view]).max()
            assert error < 1e-9 if is_right else error > 1


def test_pictures_are_bent_as_the_points_are(bent):
    """The joints are on the hand, and the hand is in the picture."""
    scene = bent.scene(0, 1)
    shape = (scene.num_views, 48, 48, 3)
    dark, bright = (
        bent.render(scene, 0, backgrounds=np.full(shape, value, np.float32))
        for value in (0, 255)
    )
    background = np.abs(dark.astype(int) - bright).mean(-1) > 100
    pixels = scene.rig.project(scene.motion.vertices)
    assert pixels.min() > 0 and pixels.max() < 48
    inner = [j for j in range(21) if j == 0 or j % 4]  # tips are on the edge
    for view, joints in enumerate(bent.keypoints(scene)[0]):
        x, y = np.floor(joints[inner]).astype(int).T
        assert not background[view][y, x].any()


def test_no_point_of_the_picture_is_seen_twice():
    """Not even far from its middle, where elbows may be."""
    for strongest in (-1.0, 1.0):
        rig = RigConfig(num_views=1, distortion=(strongest, strongest))
        scene = SceneGenerator(0, 'train').config
        generator = SceneGenerator(0, 'train', dataclasses.replace(scene, rig=rig))
        camera = generator.scene(0, 1).rig
        radius = np.linspace(0, 3, 200)
        ray = np.stack([radius, np.zeros_like(radius), np.ones_like(radius)], 1)
        world = (ray - camera.t_world2cam) @ camera.R_world2cam[0]
        assert (np.diff(camera.project(world)[0, :, 0]) > 0).all()


def test_other_draws_stay_as_they_were(exact_generator):
    """A lens changes what the rig's cameras see, not where they stand."""
    rig = dataclasses.replace(exact_generator.config.rig, distortion=BARREL)
    config = dataclasses.replace(exact_generator.config, rig=rig)
    ideal = exact_generator.scene(0, 1)
    bent = SceneGenerator(0, 'train', config).scene(0, 1)
    np.testing.assert_array_equal(ideal.rig.t_world2cam, bent.rig.t_world2cam)
    np.testing.assert_array_equal(ideal.motion.joints, bent.motion.joints)
    assert not ideal.rig.dist.any()
    assert 0.9 < bent.rig.K[0, 0, 0] / ideal.rig.K[0, 0, 0] < 1.2


def test_items_know_their_lenses():
    """Their 3D truth is where the 2D labels are, by OpenCV."""
    scene = dict(labels=None, image_size=48, rig=dict(distortion=BARREL))
    data = GeneratedHandDataset(scene=scene, num_time_steps=1, pipeline=[])
    info = data.get_data_info(3)
    camera = info['camera_param']
    joints, pixels = info['keypoints_cam'][0], info['keypoints'][0]
    seen, _ = cv2.projectPoints(
        joints, np.zeros(3), np.zeros(3), camera['K'], camera['dist']
    )
    np.testing.assert_allclose(seen[:, 0], pixels, atol=1e-3)
    ideal = GeneratedHandDataset(num_time_steps=1, pipeline=[]).get_data_info(3)
    assert 'dist' not in ideal['camera_param']


@pytest.mark.parametrize('distortion', [(0.2, 0.1), (-1.5, 0.0)])
def test_impossible_lenses_are_named(distortion):
    with pytest.raises(ValueError, match='distortion should be two numbers from -1'):
        RigConfig(distortion=distortion)


def test_a_layout_without_lenses_refuses_them(small_config):
    rig = dataclasses.replace(small_config.scene.rig, distortion=BARREL)
    scene = dataclasses.replace(small_config.scene, rig=rig)
    with pytest.raises(ValueError, match='no place for the coefficients of lenses'):
        DatasetConfig(scene=scene)
