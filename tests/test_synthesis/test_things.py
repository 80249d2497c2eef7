import dataclasses

import numpy as np
import pytest
from scipy.stats import kstest

from hamuco_mm.synthesis import SceneConfig, SceneGenerator
from hamuco_mm.synthesis.jewellery import ring_vertices
from hamuco_mm.synthesis.looks import LOOKS
from hamuco_mm.synthesis.motion import MotionConfig
from hamuco_mm.synthesis.sensor import SensorConfig, smear
from hamuco_mm.synthesis.things import ThingsConfig


def with_things(generator: SceneGenerator, **shares: float) -> SceneGenerator:
    config = dataclasses.replace(generator.config, things=ThingsConfig(**shares))
    return SceneGenerator(0, 'train', config)


def volume(vertices: np.ndarray, faces: np.ndarray) -> float:
    """Of a closed mesh; positive where faces look outwards (divergence theorem)."""
    a, b, c = np.moveaxis(vertices[faces], 1, 0)
    return float(np.einsum('ij,ij->i', a, np.cross(b, c)).sum() / 6)


@pytest.mark.parametrize('name', ['held', 'before', 'second_hand'])
def test_things_are_closed_and_look_outwards(generator, name):
    generator = with_things(generator, **{name: 1.0})
    for index in range(8):
        (thing,) = generator.scene(index, 2).things
        assert thing.vertices.shape == (2, len(thing.colors), 3)
        faces = thing.faces
        edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
        pairs = set(map(tuple, edges.tolist()))
        assert len(pairs) == len(edges)
        assert all((b, a) in pairs for a, b in pairs)
        around = thing.vertices[0] - thing.vertices[0].mean(0)
        assert 1e-6 < volume(around, faces) < 5e-3
        assert thing.colors.min() >= 0 and thing.colors.max() <= 255


def test_held_object_moves_with_the_palm(generator):
    generator = with_things(generator, held=1.0)
    scene = generator.scene(1, 6)
    (thing,) = scene.things
    rotation = scene.motion.rotations[:, 0]
    local = np.einsum(
        'tji,tnj->tni', rotation, thing.vertices - scene.motion.joints[:, :1]
    )
    spread = local - local[:1]
    # the wrist's joint is regressed from the skin, which bends with the fingers
    assert np.abs(spread).max() < 3e-3
    assert np.ptp(thing.vertices, axis=0).max() > 3e-3


def test_object_before_the_hand_hides_joints(generator):
    covered = with_things(generator, before=1.0)
    scenes = [covered.scene(index, 1) for index in range(12)]
    more = np.stack([covered.occlusion(scene) for scene in scenes])
    plain = np.stack([generator.occlusion(generator.scene(i, 1)) for i in range(12)])
    assert (more >= plain - 0.05).all()
    assert (more - plain).mean() > 0.005


def test_things_change_the_picture_alone(generator):
    """The same hand, seen by the same cameras, with the same background."""
    cluttered = with_things(generator, held=1.0, before=1.0, second_hand=1.0)
    plain, other = generator.scene(2, 2), cluttered.scene(2, 2)
    np.testing.assert_array_equal(plain.motion.vertices, other.motion.vertices)
    np.testing.assert_array_equal(plain.rig.K, other.rig.K)
    assert (generator.render(plain, 1) != cluttered.render(other, 1)).any()


def test_shares_are_shares(generator):
    generator = with_things(generator, held=0.3)
    count = np.mean([len(generator.scene(index, 1).things) for index in range(150)])
    assert 0.2 < count < 0.4


@pytest.mark.parametrize(
    'settings, message',
    [
        (lambda: ThingsConfig(held=1.2), 'held is a share'),
        (lambda: ThingsConfig(second_hand=-0.1), 'second_hand is a share'),
        (lambda: SceneConfig(jewellery=2), 'jewellery is a share'),
        (lambda: SceneConfig(limbs=-1), 'limbs is a share'),
        (lambda: SensorConfig(motion_blur=3), 'motion_blur is a share'),
        (lambda: SensorConfig(jpeg_quality=(90, 20)), 'jpeg_quality'),
    ],
)
def test_impossible_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        settings()


def test_rings_are_on_the_first_bones(generator):
    covered = ring_vertices(generator.layer, generator.anatomy)
    vertices = generator.layer.v_template.numpy()
    assert (covered.sum(0) <= 1).all()
    for finger in range(1, 5):
        start, stop = generator.anatomy.rest_hand[4 * finger + 1 : 4 * finger + 3]
        ring = vertices[covered[finger]]
        assert len(ring) >= 5
        # all around the bone, not far from it
        along = (stop - start) / np.linalg.norm(stop - start)
        radial = ring - start - np.outer((ring - start) @ along, along)
        distance = np.linalg.norm(radial, axis=1)
        assert distance.max() < 0.022
        assert np.linalg.norm(radial.mean(0)) < 0.8 * distance.mean()


def test_jewellery_is_worn_by_its_share_of_the_people(generator):
    config = dataclasses.replace(generator.config, jewellery=0.5)
    generator = SceneGenerator(0, 'train', config)
    worn = [generator.subject(number).jewellery for number in range(200)]
    assert 0.4 < np.mean([piece.ring is not None for piece in worn]) < 0.6
    assert 0.4 < np.mean([piece.band is not None for piece in worn]) < 0.6


def test_smear_of_a_point_is_a_line():
    image = np.zeros((41, 41, 3), np.float32)
    image[20, 20] = 90
    for angle in (0.0, np.pi / 2, np.pi / 4):
        blurred = smear(image, 12, angle)
        np.testing.assert_allclose(blurred.sum((0, 1)), 90, rtol=1e-4)
        y, x = np.nonzero(blurred[..., 0] > 0.5)
        along = (x - 20) * np.cos(angle) + (y - 20) * np.sin(angle)
        across = (y - 20) * np.cos(angle) - (x - 20) * np.sin(angle)
        assert np.ptp(along) == pytest.approx(12, abs=1.5)
        assert np.abs(across).max() < 0.8


def test_motion_blur_softens_its_share_of_the_pictures(generator):
    scene = generator.scene(0, 1)
    sharp, smeared = (
        dataclasses.replace(
            generator.sensors(scene)[0], blur=0.0, noise=0.0, motion_blur=share
        )
        for share in (0.0, 1.0)
    )
    picture = np.random.default_rng(0).uniform(0, 255, (64, 64, 3)).astype(np.float32)
    crisp = sharp.expose(np.random.default_rng(1), picture)
    soft = smeared.expose(np.random.default_rng(1), picture)
    assert soft.astype(float).std() < 0.6 * crisp.astype(float).std()


def test_any_direction_is_any_direction(generator):
    config = dataclasses.replace(
        generator.config, motion=MotionConfig(any_direction=True)
    )
    generator = SceneGenerator(0, 'train', config)
    scenes = [generator.scene(index, 1) for index in range(200)]
    forward = np.stack(
        [s.motion.rotations[0, 0] @ generator.anatomy.forward for s in scenes]
    )
    # each coordinate of a direction that is uniform on the sphere is uniform
    # (Archimedes)
    for coordinate in forward.T:
        assert kstest(coordinate, 'uniform', (-1, 2)).pvalue > 0.01


def test_wild_look_shows_the_hand_where_its_labels_are():
    config = dataclasses.replace(LOOKS['wild'], image_size=64, labels=None)
    generator = SceneGenerator(0, 'pretrain', config)
    for index in range(30):
        sample = generator.sample(index)
        assert sample['keypoints'].min() > -4 and sample['keypoints'].max() < 68
        joints = sample['joints'] @ sample['R_world2cam'].T + sample['t_world2cam']
        assert joints[:, 2].min() > 0.1
        np.testing.assert_array_equal(sample['keypoints'], sample['pseudo_keypoints'])
