"""How wrists bend, and the arms behind them."""

import dataclasses

import numpy as np
import pytest

from hamuco_mm.synthesis import SceneConfig, SceneGenerator
from hamuco_mm.synthesis.anatomy import FLEX_BASE, FLEX_MIDDLE
from hamuco_mm.synthesis.forearm import Forearm
from hamuco_mm.synthesis.looks import look_as
from hamuco_mm.synthesis.motion import MotionConfig, sample_wrist


def across(anatomy):
    """Unit vectors across the fingers: in the palm, and out of it."""
    sideways = np.cross(anatomy.palmar, anatomy.forward)
    sideways /= np.linalg.norm(sideways)
    return sideways, np.cross(anatomy.forward, sideways)


def rings(generator, bend):
    """The arm's rings, (rings, points, 3), behind a flat hand."""
    flat = generator.layer.v_template.numpy()
    arm = Forearm(generator.layer.faces.numpy(), len(flat))
    extended = arm.extend(flat, -generator.anatomy.forward, bend)
    return extended[len(flat) : -1].reshape(4, -1, 3)


def test_the_arm_turns_as_a_whole(generator):
    """Its rings are turned and moved, not sheared: an arm of a bent wrist is as
    thick as another."""
    anatomy = generator.anatomy
    _, palmar = across(anatomy)
    angle = np.radians(60)
    straight, bent = rings(generator, np.zeros(3)), rings(generator, angle * palmar)
    for ring, other in zip(straight, bent):
        between = [np.linalg.norm(r[:, None] - r[None], axis=-1) for r in (ring, other)]
        np.testing.assert_allclose(*between, atol=1e-9)
    # 0.3 m away, most of it to the side to which fingers close
    fist = np.zeros((5, 4))
    fist[1:, FLEX_BASE] = fist[1:, FLEX_MIDDLE] = np.radians(80)
    tips = [
        anatomy.skeleton(anatomy.rotations(angles))[[8, 12, 16, 20]].mean(0)
        for angles in (fist, 0 * fist)
    ]
    closing = tips[0] - tips[1]
    closing -= closing @ anatomy.forward * anatomy.forward
    far = bent[-1].mean(0) - straight[0].mean(0)
    assert far @ closing / np.linalg.norm(closing) > 0.2
    directions = [r[-1].mean(0) - r[0].mean(0) for r in (straight, bent)]
    cosine = np.dot(*directions) / np.prod([np.linalg.norm(d) for d in directions])
    assert np.degrees(np.arccos(cosine)) == pytest.approx(60 * 0.3 / 0.32, abs=2)


def test_arms_of_many_frames_are_those_of_each(generator):
    scene = generator.scene(0, 3)
    meshes = generator._meshes(scene)
    for frame in range(3):
        np.testing.assert_allclose(
            generator._meshes(scene, [frame])[0], meshes[frame], atol=1e-12
        )


def test_wrists_bend_as_configured(generator):
    config = MotionConfig(wrist_deg=(40, 10), max_wrist_deg=(50, 12))
    rng = np.random.default_rng(0)
    anatomy = generator.anatomy
    bends = np.array([sample_wrist(rng, anatomy, config) for _ in range(2000)])
    assert abs(bends @ anatomy.forward).max() < 1e-12
    sideways, palmar = across(anatomy)
    deviation, flexion = np.degrees(bends @ sideways), np.degrees(bends @ palmar)
    assert abs(flexion).max() == pytest.approx(50)
    assert abs(deviation).max() == pytest.approx(12)
    # 21 % of a normal distribution lie beyond 1.25 deviations, 23 % beyond 1.2
    assert (abs(flexion) > 49.9).mean() == pytest.approx(0.21, abs=0.03)
    assert (abs(deviation) > 11.9).mean() == pytest.approx(0.23, abs=0.03)
    assert abs(np.corrcoef(flexion, deviation)[0, 1]) < 0.1


def test_wrists_change_arms_alone():
    small = SceneConfig(image_size=48)
    motion = dataclasses.replace(small.motion, wrist_deg=(30, 12))
    bent = SceneGenerator(0, 'train', dataclasses.replace(small, motion=motion))
    straight = SceneGenerator(
        0,
        'train',
        dataclasses.replace(
            small, motion=dataclasses.replace(motion, wrist_deg=(0.0, 0.0))
        ),
    )
    scenes = [generator.scene(1, 1) for generator in (bent, straight)]
    meshes = [g._meshes(s)[0] for g, s in zip((bent, straight), scenes)]
    np.testing.assert_array_equal(meshes[0][:778], meshes[1][:778])
    assert np.linalg.norm(meshes[0][-1] - meshes[1][-1]) > 0.02


def test_photographs_bend_wrists_more_than_bad_ones():
    """The looks as they are; and a picture of each can be made."""
    spread = {}
    for look in ('wild', 'photo'):
        generator = SceneGenerator(
            0, 'pretrain', look_as(look, dict(image_size=48, labels=None))
        )
        scenes = [generator.scene(index, 1) for index in range(60)]
        _, palmar = across(generator.anatomy)
        wrists = np.std([scene.wrist @ palmar for scene in scenes])
        fingers = np.std([scene.motion.angles[0, 1:, FLEX_BASE] for scene in scenes])
        spread[look] = np.degrees([wrists, fingers])
        image = generator.render(scenes[0], 0, [0])[0]
        assert image.shape == (48, 48, 3) and image.std() > 5
    assert spread['photo'][0] > 1.6 * spread['wild'][0]
    assert spread['photo'][1] > 1.03 * spread['wild'][1]
