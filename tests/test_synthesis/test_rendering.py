import sys

import numpy as np
import pytest

from hamuco_mm.synthesis import SceneConfig, SceneGenerator, make_renderer
from hamuco_mm.synthesis.forearm import Forearm
from hamuco_mm.synthesis.numpy_rendering import NumpyRenderer


def test_forearm_closes_the_hand(generator):
    faces = generator.layer.faces.numpy()
    closed = Forearm(faces, 778).faces
    edges = np.concatenate(
        [closed[:, [0, 1]], closed[:, [1, 2]], closed[:, [2, 0]]]
    ).tolist()
    edges = set(map(tuple, edges))
    assert all((b, a) in edges for a, b in edges)


def test_hand_is_where_the_joints_project(generator):
    scene = generator.scene(0, 1)
    views = range(scene.num_views)
    shape = (scene.num_views, 48, 48, 3)
    dark = generator.render(scene, 0, views, np.zeros(shape, np.float32))
    bright = generator.render(scene, 0, views, np.full(shape, 255, np.float32))
    background = np.abs(dark.astype(int) - bright).mean(-1) > 100
    joints = np.floor(generator.keypoints(scene)[0]).astype(int)
    inner = [j for j in range(21) if j == 0 or j % 4]  # tips are on the edge
    for view in views:
        x, y = joints[view, inner].T
        assert not background[view][y, x].any()
        assert background[view].mean() > 0.3  # and not everywhere


def test_hand_fills_the_image_as_configured():
    generator = SceneGenerator(0, 'train', SceneConfig(image_size=100))
    rig = generator.config.rig
    for index in range(6):
        scene = generator.scene(index, 4)
        pixels = scene.rig.project(scene.motion.vertices)
        assert pixels.min() > 0 and pixels.max() < 100
        side = np.ptp(pixels, axis=2).max(-1).mean(0) / 100
        assert (side < rig.fill[1] + 1e-6).all()
        assert side.mean() > 0.5


def test_static_camera_sees_a_static_background(generator):
    scene = generator.scene(0, 3)
    images = np.stack([generator.render(scene, t)[:, :6, :6] for t in range(3)]).astype(
        float
    )
    noise = generator.sensors(scene)
    for view in range(scene.num_views):
        change = np.abs(images[1:, view] - images[0, view]).mean()
        assert change < 3 * noise[view].noise + 1


def test_pictures_vary(generator):
    images = np.stack([generator.sample(i, False)['image'] for i in range(12)])
    means = images.mean((1, 2))
    assert means.std(0).min() > 15
    assert images.std((1, 2, 3)).min() > 3


def test_sample_is_consistent(generator):
    sample = generator.sample(5)
    local = sample['joints'] @ sample['R_world2cam'].T + sample['t_world2cam']
    pixels = local @ sample['K'].T
    np.testing.assert_allclose(
        pixels[:, :2] / pixels[:, 2:], sample['keypoints'], atol=1e-9
    )
    assert sample['image'].shape == (48, 48, 3)
    assert sample['image'].dtype == np.uint8
    joints = generator.layer.J21.numpy() @ sample['vertices']
    np.testing.assert_allclose(joints, sample['joints'], atol=1e-9)
    again = list(generator.samples([4, 5]))[1]
    np.testing.assert_array_equal(again['image'], sample['image'])
    assert sample['pseudo_keypoints'].shape == (21, 2)


def test_streams_and_seeds_share_nothing(generator):
    first = generator.sample(0, False)
    for seed, stream in ((0, 'test'), (0, 'pretrain'), (1, 'train')):
        other = SceneGenerator(seed, stream, generator.config).sample(0, False)
        for key in ('image', 'betas', 'rotations', 'K', 'R_world2cam'):
            assert not np.allclose(first[key], other[key]), key
    with pytest.raises(ValueError, match='stream'):
        SceneGenerator(0, 'validation')


def test_without_moderngl_numpy_is_used(monkeypatch):
    monkeypatch.setitem(sys.modules, 'moderngl', None)
    assert isinstance(make_renderer('auto'), NumpyRenderer)
    assert isinstance(make_renderer('numpy'), NumpyRenderer)
    with pytest.raises(RuntimeError, match='moderngl'):
        make_renderer('moderngl')
    with pytest.raises(ValueError, match='renderer'):
        make_renderer('vulkan')


def test_opengl_draws_the_same_picture(generator, opengl):
    other = SceneGenerator(0, 'train', generator.config, opengl)
    scene = generator.scene(0, 1)
    difference = np.abs(
        generator.render(scene, 0).astype(float) - other.render(scene, 0)
    )
    assert difference.mean() < 1.5
