"""Veins are on the back of the hands of those whose veins show, and nowhere else."""

import dataclasses

import numpy as np
import pytest

from hamuco_mm.synthesis import SceneGenerator
from hamuco_mm.synthesis.gloves import gloved
from hamuco_mm.synthesis.skin import VOXEL


def with_veins(generator, share, renderer=None):
    config = dataclasses.replace(generator.config, veins=share)
    return SceneGenerator(0, 'train', config, renderer)


def test_veins_are_under_the_skin_of_the_back(generator):
    skin_map, anatomy = generator._skin_map, generator.anatomy
    vertices = generator.layer.v_template.numpy()
    voxel = ((vertices - skin_map.origin) / VOXEL).astype(int)
    vein = skin_map.vein[tuple(voxel.T)]
    part = generator.layer.weights.numpy().argmax(1)
    on_vein = vein > 0.3
    assert 10 < on_vein.sum() < 150
    # of the palm's side none, and none on the last bones of fingers
    assert skin_map.palmar[on_vein].max() < 0.5
    assert set(part[on_vein]) <= {0, 1, 4, 7, 10, 13}
    place = (vertices[on_vein] - anatomy.rest_hand[0]) @ anatomy.forward
    assert place.min() < 0.035 and 0.06 < place.max() < 0.1


def test_veins_show_on_their_share_of_the_people(generator):
    some = with_veins(generator, 0.4)
    shown = [some.subject(number).skin.veins for number in range(300)]
    assert 0.3 < np.mean(np.array(shown) > 0) < 0.5
    assert np.max(shown) <= 1 and min(v for v in shown if v) > 0.3
    assert not any(generator.subject(n).skin.veins for n in range(20))
    with pytest.raises(ValueError, match='veins is a share'):
        dataclasses.replace(generator.config, veins=1.5)


def test_veins_change_little_but_the_back(generator):
    veined = with_veins(generator, 1.0)
    changed = []
    for index in range(8):
        plain, scene = generator.scene(index, 1), veined.scene(index, 1)
        np.testing.assert_array_equal(plain.motion.joints, scene.motion.joints)
        before, after = generator.render(plain, 0), veined.render(scene, 0)
        changed += [(a != b).any(-1).mean() for a, b in zip(before, after)]
    assert 0 < np.mean(changed) < 0.1
    # a hand that shows its palm alone is the same picture
    assert min(changed) == 0


def test_gloves_cover_veins(generator):
    skin = with_veins(generator, 1.0).subject(0).skin
    assert skin.veins and not gloved(skin, np.zeros(3)).veins


def test_opengl_draws_veins_too(generator, opengl):
    effects = []
    for own in (None, opengl):
        pictures = [with_veins(generator, share, own) for share in (0.0, 1.0)]
        scenes = [g.scene(3, 1) for g in pictures]
        plain, veined = (g.render(s, 0).astype(float) for g, s in zip(pictures, scenes))
        effects.append((plain - veined).mean((1, 2)))
    assert effects[0].max() > 0.05
    np.testing.assert_allclose(*effects, atol=0.2 * effects[0].max())
