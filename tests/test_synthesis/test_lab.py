"""The look of one laboratory: a fixed rig, coloured light, gloves."""

import dataclasses

import numpy as np
import pytest

from hamuco_mm.synthesis import SceneGenerator
from hamuco_mm.synthesis.gloves import gloved
from hamuco_mm.synthesis.lighting import LightConfig, sample_light
from hamuco_mm.synthesis.looks import LOOKS


def lab(stream: str = 'train', **changes) -> SceneGenerator:
    config = dataclasses.replace(LOOKS['lab'], image_size=48, **changes)
    return SceneGenerator(0, stream, config)


@pytest.fixture(scope='module')
def scenes():
    """Sequences of people in training and test."""
    generators = [lab('train'), lab('test')]
    return [
        (generator, generator.scene(index, 2))
        for generator in generators
        for index in (0, 5)
    ]


def test_everything_but_the_hands_is_the_same_in_all_sequences(scenes):
    generator, first = scenes[0]
    for other, scene in scenes[1:]:
        np.testing.assert_array_equal(scene.rig.R_world2cam, first.rig.R_world2cam)
        np.testing.assert_array_equal(scene.rig.t_world2cam, first.rig.t_world2cam)
        np.testing.assert_array_equal(scene.light.lamp, first.light.lamp)
        np.testing.assert_array_equal(
            other.backgrounds(scene), generator.backgrounds(first)
        )
        for sensor, same in zip(other.sensors(scene), generator.sensors(first)):
            np.testing.assert_array_equal(sensor.gain, same.gain)
        assert abs(scene.motion.joints - first.motion.joints).max() > 0.01


def test_hands_stay_in_the_pictures_of_a_fixed_rig(scenes):
    for generator, scene in scenes:
        pixels = generator.keypoints(scene)
        assert pixels.min() > 0 and pixels.max() < 48
        assert (scene.rig.to_cameras(scene.motion.joints)[..., 2] > 0.3).all()


def test_each_sequence_has_its_own_rig_without_it():
    generator = lab(fixed_rig=False)
    first, second = (generator.scene(index, 1).rig for index in (0, 1))
    assert abs(first.R_world2cam - second.R_world2cam).max() > 1e-3


def test_gloves_are_worn_by_their_share_of_the_people_and_cover_the_hand_alone():
    generator = lab(gloves=0.5)
    people = [generator.subject(number) for number in range(200)]
    worn = [person for person in people if person.glove is not None]
    assert 80 < len(worn) < 120
    bare = next(person for person in people if person.glove is None)
    assert bare.surface is bare.skin
    for person in worn[:5]:
        surface = person.surface
        for color in (surface.tone, surface.palm, surface.nail):
            np.testing.assert_array_equal(color, person.glove)
        # the arm keeps the skin
        assert abs(person.skin.tone - person.glove).max() > 5
    again = gloved(worn[0].skin, worn[1].glove)
    np.testing.assert_array_equal(again.tone, worn[1].glove)


def test_gloves_change_the_picture_of_the_hand_alone():
    with_gloves, without = lab(gloves=1.0), lab(gloves=0.0)
    gloved_scene, bare_scene = with_gloves.scene(0, 1), without.scene(0, 1)
    np.testing.assert_array_equal(
        gloved_scene.motion.vertices, bare_scene.motion.vertices
    )
    images = with_gloves.render(gloved_scene, 0), without.render(bare_scene, 0)
    changed = (images[0] != images[1]).any(-1)
    assert 0.02 < changed.mean() < 0.7


def test_a_warm_lamp_is_red():
    config = LightConfig(lamp_warmth=0.3)
    rng = np.random.default_rng(0)
    lamps = np.array([sample_light(rng, config).lamp for _ in range(500)])
    blue, red = (lamps[:, [0, 2]] / lamps[:, 1:2]).T
    np.testing.assert_allclose(blue + red, 2)
    assert 0.25 < red.std() < 0.35
