import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from hamuco_mm.hand_model import MANOLayer
from hamuco_mm.synthesis.anatomy import (
    ABDUCTION,
    DISTAL_COUPLING,
    DISTAL_FREEDOM,
    FLEX_BASE,
    FLEX_MIDDLE,
    FLEX_TIP,
    INDEX,
    LOWER_LIMITS,
    MIDDLE,
    PINKY,
    THUMB,
    UPPER_LIMITS,
    HandAnatomy,
    clip_to_limits,
)
from hamuco_mm.synthesis.poses import SOFT_TISSUE, PoseSampler

RIGHT, LEFT = MANOLayer().double(), MANOLayer(side='left').double()


def within_limits(angles, tolerance=1e-6):
    inside = (angles >= LOWER_LIMITS - tolerance) & (angles <= UPPER_LIMITS + tolerance)
    fingers = angles[..., INDEX:, :]
    distal = fingers[..., FLEX_TIP] - DISTAL_COUPLING * fingers[..., FLEX_MIDDLE]
    coupled = np.abs(distal) <= DISTAL_FREEDOM + tolerance
    return inside.all((-1, -2)) & coupled.all(-1)


def skeleton(anatomy, **degrees):
    """21 joints with some angles set: finger_angle = degrees."""
    angles = np.zeros((5, 4))
    for (finger, angle), value in degrees.values():
        angles[finger, angle] = np.radians(value)
    return anatomy.skeleton(anatomy.rotations(angles))


def bend(anatomy, finger, angle, degrees):
    return skeleton(anatomy, only=((finger, angle), degrees))


def test_rotations_are_rotations(poses, generator):
    rotations = generator.anatomy.rotations(poses)
    assert rotations.shape == (300, 16, 3, 3)
    product = rotations @ rotations.swapaxes(-1, -2)
    np.testing.assert_allclose(
        product, np.broadcast_to(np.eye(3), product.shape), atol=1e-12
    )
    np.testing.assert_allclose(np.linalg.det(rotations), 1)
    np.testing.assert_array_equal(
        rotations[:, 0], np.broadcast_to(np.eye(3), (300, 3, 3))
    )


@pytest.mark.parametrize('layer', [RIGHT, LEFT], ids=['right', 'left'])
def test_flexion_is_the_angle_between_bones(layer):
    anatomy = HandAnatomy(layer)
    for finger in range(INDEX, PINKY + 1):
        for degrees in (0, 30, 90):
            joints = bend(anatomy, finger, FLEX_MIDDLE, degrees)
            base = 4 * finger + 1
            first = joints[base + 1] - joints[base]
            second = joints[base + 2] - joints[base + 1]
            cosine = first @ second / (np.linalg.norm(first) * np.linalg.norm(second))
            # the rest pose's bones leave the plane of flexion a little
            assert np.degrees(np.arccos(cosine)) == pytest.approx(degrees, abs=8)


@pytest.mark.parametrize('layer', [RIGHT, LEFT], ids=['right', 'left'])
def test_positive_angles_have_their_directions(layer):
    anatomy = HandAnatomy(layer)
    straight = skeleton(anatomy)
    tip = 4 * INDEX + 4
    moved = bend(anatomy, INDEX, FLEX_BASE, 60) - straight
    assert moved[tip] @ anatomy.palmar > 0.03
    apart = np.linalg.norm(straight[4 * MIDDLE + 4] - straight[tip])
    spread = bend(anatomy, INDEX, ABDUCTION, 15)
    assert np.linalg.norm(spread[4 * MIDDLE + 4] - spread[tip]) > apart + 0.01
    moved = bend(anatomy, THUMB, ABDUCTION, 20) - straight
    assert moved[4] @ anatomy.palmar > 0.01
    over = bend(anatomy, THUMB, FLEX_BASE, 40)
    to_pinky = straight[4 * PINKY + 1] - straight[4 * INDEX + 1]
    assert (over - straight)[4] @ to_pinky > 0


def test_left_hand_mirrors_the_right(poses):
    right, left = HandAnatomy(RIGHT), HandAnatomy(LEFT)
    mirrored = right.skeleton(right.rotations(poses)) * (-1, 1, 1)
    np.testing.assert_allclose(
        left.skeleton(left.rotations(poses)), mirrored, atol=1e-9
    )


def test_skeleton_agrees_with_scipy_rotations_along_a_finger(generator):
    anatomy = generator.anatomy
    joints = bend(anatomy, INDEX, FLEX_BASE, 70)
    straight = skeleton(anatomy)
    base = 4 * INDEX + 1
    turn, _ = Rotation.align_vectors(
        joints[base + 1 : base + 4] - joints[base],
        straight[base + 1 : base + 4] - straight[base],
    )
    assert np.degrees(turn.magnitude()) == pytest.approx(70, abs=1e-4)


def test_samples_respect_the_limits(poses, generator):
    assert within_limits(poses).all()
    depth = generator.sampler.contact.penetration(
        generator.anatomy.skeleton(generator.anatomy.rotations(poses))
    )
    assert depth.max() < SOFT_TISSUE


def test_limits_notice_the_impossible():
    poses = np.zeros((4, 5, 4))
    poses[1, INDEX, FLEX_MIDDLE] = np.radians(-30)
    poses[2, INDEX, FLEX_MIDDLE] = np.radians(90)  # distal joint stays at 0
    poses[3, THUMB, ABDUCTION] = np.radians(80)
    assert within_limits(poses).tolist() == [True, False, False, False]
    assert within_limits(clip_to_limits(poses.copy())).all()


def test_collision_is_seen(generator):
    anatomy = generator.anatomy
    crossed = np.zeros((5, 4))
    crossed[MIDDLE, ABDUCTION] = np.radians(40)  # into the index
    joints = anatomy.skeleton(anatomy.rotations(np.stack([np.zeros((5, 4)), crossed])))
    depth = generator.sampler.contact.penetration(joints)
    assert depth[0] < 2e-3 and depth[1] > 5e-3


def test_poses_vary_like_hands_do(poses):
    flexion = np.degrees(poses[:, INDEX:, FLEX_MIDDLE])
    assert flexion.std(0).min() > 20
    together = np.corrcoef(flexion.T)
    assert together[2, 3] > together[0, 3] > 0  # ring-pinky, index-pinky


def test_movement_is_smooth_and_allowed(generator):
    rng = np.random.default_rng(3)
    for _ in range(5):
        poses = generator.sampler.sequence(rng, 40, (4, 8))
        assert poses.shape == (40, 5, 4)
        assert within_limits(poses).all()
        steps = np.abs(np.diff(poses, axis=0))
        assert np.degrees(steps.max()) < 50
        assert steps.max() > 0
        jerks = np.abs(np.diff(poses, n=2, axis=0)).max()
        assert jerks < 1.2 * steps.max()


def test_hand_moves_smoothly_in_the_world(generator):
    motion = generator.scene(0, 30).motion
    steps = np.linalg.norm(np.diff(motion.joints, axis=0), axis=-1)
    assert 1e-4 < steps.mean() < 0.02 and steps.max() < 0.08


def test_arms_come_from_below_mostly(generator):
    up = [
        (motion.rotations[0, 0] @ generator.anatomy.forward)[1]
        for motion in (generator.scene(i, 1).motion for i in range(60))
    ]
    assert np.mean(np.array(up) > 0) > 0.8
    turn = [
        generator.scene(i, 1).motion.rotations[0, 0] @ generator.anatomy.palmar
        for i in range(60)
    ]
    assert np.abs(np.mean(turn, 0)).max() < 0.4  # palms face everywhere


def test_mesh_follows_the_angles(generator):
    motion = generator.scene(1, 2).motion
    mesh = generator.layer(
        torch.from_numpy(motion.rotations), torch.from_numpy(motion.betas)
    )
    np.testing.assert_allclose(
        mesh.vertices.numpy() + motion.translation[:, None], motion.vertices
    )


def test_straight_fingers_lean(generator, poses):
    """As those that point down do; limits hold, and nothing collides."""
    anatomy, rng = generator.anatomy, np.random.default_rng(0)
    sampler = PoseSampler(anatomy, lean_deg=(22.0, 12.0))
    leaning = np.stack([sampler.sample(rng) for _ in range(300)])
    assert within_limits(leaning).all()
    meshes = anatomy.skeleton(anatomy.rotations(leaning))
    assert sampler.contact.penetration(meshes).max() < SOFT_TISSUE

    def bent_base(angles):
        """Share of the straight index fingers that point out of the palm."""
        index = np.degrees(angles[:, INDEX])
        straight = index[index[:, FLEX_MIDDLE] < 20]
        return (straight[:, FLEX_BASE] > 30).mean()

    assert bent_base(poses) < 0.1
    assert bent_base(leaning) > 0.15
