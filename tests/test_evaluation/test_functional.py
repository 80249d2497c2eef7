import time

import numpy as np
import pytest
import torch
from hand_samples import posed_hands
from scipy.spatial import cKDTree, procrustes
from scipy.spatial.transform import Rotation

from hamuco_mm.evaluation.functional import (
    acceleration_error,
    align_points,
    f_score,
    joint_errors,
    pck_auc,
    point_distances,
    pose_spread,
)
from hamuco_mm.evaluation.hand_metrics import joint_metrics, mesh_metrics
from hamuco_mm.hand_model import ROOT_JOINT, WRIST_JOINT


def random_joints(n, seed=0, size=0.05):
    return np.random.default_rng(seed).normal(size=(n, 21, 3)) * size


def similar(points, seed=1):
    """Points under a random similarity each, with their scales."""
    rng = np.random.default_rng(seed)
    rotation = Rotation.random(len(points), random_state=seed).as_matrix()
    scale = rng.uniform(0.5, 2, (len(points), 1, 1))
    shift = rng.normal(size=(len(points), 1, 3))
    return scale * points @ rotation.transpose(0, 2, 1) + shift


@pytest.mark.parametrize('alignment', ['root', 'scale', 'procrustes'])
def test_equal_hands_have_no_error(alignment):
    joints = random_joints(3)
    assert joint_errors(joints, joints, alignment).max() < 1e-12


@pytest.mark.parametrize('alignment', ['root', 'scale', 'procrustes'])
def test_errors_of_joints_that_are_far_off_are_finite(alignment):
    joints = random_joints(3).astype(np.float32)
    errors = joint_errors(np.float32(1e30) * joints[::-1].copy(), joints, alignment)
    assert errors.isfinite().all()


def test_root_alignment_forgives_translation_only():
    joints = random_joints(4)
    moved = joints + np.array([0.3, -0.2, 0.5])
    assert joint_errors(moved, joints, 'root').max() < 1e-12

    # One joint that is 3 mm off is 3 mm off, the others are right.
    moved[:, 5] += [0.003, 0, 0]
    errors = joint_errors(moved, joints, 'root')
    assert torch.allclose(errors[:, 5], errors.new_tensor(0.003))
    assert errors[:, :5].max() < 1e-12 and errors[:, 6:].max() < 1e-12

    # An error of the root itself is an error of all others.
    moved = joints.copy()
    moved[:, ROOT_JOINT] += [0, 0.004, 0]
    errors = joint_errors(moved, joints, 'root')
    assert errors[:, ROOT_JOINT].max() < 1e-12
    others = [j for j in range(21) if j != ROOT_JOINT]
    assert torch.allclose(errors[:, others], errors.new_tensor(0.004))


def test_scale_alignment_uses_wrist_to_root_length():
    joints = random_joints(4)
    assert joint_errors(1.7 * joints + 0.2, joints, 'scale').max() < 1e-12
    # The scale comes from that length alone, not from a fit to all joints.
    pred = joints.copy()
    root = joints[:, ROOT_JOINT]
    pred[:, WRIST_JOINT] = root + 2 * (joints[:, WRIST_JOINT] - root)
    expected = np.linalg.norm(joints - root[:, None], axis=-1) / 2
    expected[:, WRIST_JOINT] = 0
    assert np.allclose(joint_errors(pred, joints, 'scale'), expected)
    # Vertices are scaled by the ratio of the joints.
    aligned, target = align_points(
        2 * joints[:, :7], 2 * joints, joints[:, :7], joints, 'scale'
    )
    assert (aligned - target).abs().max() < 1e-12


def test_procrustes_forgives_similarities_but_no_reflections():
    joints = random_joints(5)
    assert joint_errors(similar(joints), joints, 'procrustes').max() < 1e-9
    assert joint_errors(similar(joints), joints, 'scale').mean() > 0.01
    mirrored = joints * [-1, 1, 1]
    assert joint_errors(mirrored, joints, 'procrustes').mean() > 0.005


def test_procrustes_against_scipy():
    pred, target = random_joints(20, 0), random_joints(20, 1)
    target[:10] = pred[:10] + random_joints(10, 2, size=0.01)
    aligned, _ = align_points(pred, pred, target, target, 'procrustes')
    compared = 0
    for p, t, a in zip(pred, target, aligned.numpy()):
        standard, fitted, disparity = procrustes(t, p)
        # scipy also mirrors, where that fits better.
        centred = (p - p.mean(0)).T @ (t - t.mean(0))
        if np.linalg.det(centred) < 0:
            continue
        compared += 1
        size = np.linalg.norm(t - t.mean(0))
        assert np.allclose(a, fitted * size + t.mean(0))
        assert np.isclose(((a - t) ** 2).sum(), disparity * size**2)
    assert compared >= 12


def test_unknown_alignment():
    joints = random_joints(1)
    with pytest.raises(ValueError, match="got 'affine'"):
        joint_errors(joints, joints, 'affine')


def test_f_score_against_kd_tree():
    rng = np.random.default_rng(0)
    pred = rng.uniform(-0.1, 0.1, (7, 300, 3))
    target = rng.uniform(-0.1, 0.1, (7, 200, 3))
    thresholds = (0.005, 0.015)
    scores = f_score(pred, target, thresholds)
    for p, t, score in zip(pred, target, scores.numpy()):
        to_target, to_pred = cKDTree(t).query(p)[0], cKDTree(p).query(t)[0]
        for threshold, value in zip(thresholds, score):
            precision = (to_target < threshold).mean()
            recall = (to_pred < threshold).mean()
            expected = 2 * precision * recall / (precision + recall)
            assert np.isclose(value, expected, atol=1e-9)
            assert 0 < value < 1


def test_f_score_far_from_the_origin_in_single_precision():
    rng = np.random.default_rng(0)
    target = rng.uniform(-0.1, 0.1, (1, 300, 3)).astype(np.float32)
    offset = np.array([0, 0, 3], dtype=np.float32)
    shifted = target + offset + np.array([0.004, 0, 0], dtype=np.float32)
    assert f_score(shifted, target + offset, (0.005,)) == 1


def test_f_score_extremes():
    points = np.zeros((2, 10, 3))
    assert (f_score(points, points) == 1).all()
    assert (f_score(points, points + 1) == 0).all()
    assert f_score(points[:0], points[:0]).shape == (0, 2)


def test_auc_known_values():
    assert pck_auc(np.zeros((3, 21))) == pytest.approx(1)
    assert pck_auc(np.full((3, 21), 0.051)) == 0
    # Errors spread evenly over the range: PCK is the diagonal.
    assert pck_auc(np.linspace(0, 0.05, 100001)) == pytest.approx(0.5, abs=1e-4)
    # All errors between thresholds k and k + 1 of 100: PCK is 0 up to k, then
    # 1, and the trapezoid between adds half a step.
    k = 39
    step = 0.05 / 99
    assert pck_auc(np.full(21, (k + 0.5) * step)) == pytest.approx(
        (99 - k - 1 + 0.5) / 99
    )
    with pytest.raises(ValueError, match='at least one error'):
        pck_auc(np.zeros(0))


@pytest.mark.parametrize('missing', [np.nan, np.inf])
def test_what_is_not_finite_is_not_correct(missing):
    assert pck_auc([0, missing]) == pytest.approx(pck_auc([0, 1]))
    assert pck_auc([missing, missing]) == 0
    joints = random_joints(4)
    far = joints.copy()
    far[0, 3] = missing  # procrustes moves the whole hand
    metrics = joint_metrics(far, joints)
    assert not np.isfinite([metrics['MPJPE'], metrics['PA-MPJPE']]).any()
    assert metrics['AUC'] == pytest.approx(3 / 4, abs=0.01)


def test_shapes_that_differ_are_refused():
    joints, mesh = random_joints(4), np.zeros((4, 778, 3))
    for alignment in ('root', 'scale', 'procrustes'):
        with pytest.raises(ValueError, match=r'\(4, 21, 3\) and \(1, 21, 3\)'):
            joint_errors(joints, joints[:1], alignment)
        with pytest.raises(ValueError, match=r'21, 3\), got \(4, 16, 3\)'):
            joint_errors(joints[:, :16], joints[:, :16], alignment)
        with pytest.raises(ValueError, match='target_points .* as many hands'):
            align_points(mesh, joints, mesh[:1], joints, alignment)
    with pytest.raises(ValueError, match='joints and target_joints'):
        joint_metrics(joints, joints[:1])
    with pytest.raises(ValueError, match='points and target_points'):
        mesh_metrics(mesh[:, :700], joints, mesh[:, :1], joints)
    with pytest.raises(ValueError, match='same shape'):
        point_distances(torch.zeros(4, 21, 3), torch.zeros(1, 21, 3))
    with pytest.raises(ValueError, match='4 sets of points, but 1'):
        f_score(joints, joints[:1])


def test_pose_spread():
    joints = posed_hands(200, 0.3)[1]
    spread = pose_spread(joints)
    assert spread > 0.05
    # Orientation, place and size are not pose.
    assert pose_spread(similar(joints)) == pytest.approx(spread, rel=1e-4)
    # One hand seen from everywhere has no spread.
    same = similar(np.repeat(joints[:1], 200, 0))
    assert pose_spread(same) < 1e-5
    # Small deviations: half the deviation, half the spread.
    assert pose_spread(posed_hands(200, 0.05)[1]) == pytest.approx(
        2 * pose_spread(posed_hands(200, 0.025)[1]), rel=0.05
    )
    # The order of the samples hardly matters.
    assert pose_spread(joints[::-1].copy()) == pytest.approx(spread, rel=1e-3)


def test_acceleration_error_counts_changes_of_velocity_alone():
    truth = np.cumsum(random_joints(6), 0)
    frames = np.arange(6.0)[:, None, None]
    drifting = truth + random_joints(1) + frames * random_joints(1, 1)
    assert acceleration_error(drifting, truth).max() < 1e-12
    # a jump of one joint by 5 in frame 3 is seen in three second differences
    # as 5, -10 and 5, averaged over 21 joints
    jumping = truth.copy()
    jumping[3, 7] += [3, 0, 4]
    expected = np.array([0, 5, 10, 5]) / 21
    np.testing.assert_allclose(acceleration_error(jumping, truth), expected, atol=1e-12)
    # the acceleration of a parabola
    assert acceleration_error(truth + frames**2 * [0, 0, 1], truth) == pytest.approx(
        [2] * 4
    )


def test_acceleration_error_needs_three_frames():
    joints = random_joints(2)
    assert acceleration_error(joints, joints).shape == (0,)
    with pytest.raises(ValueError, match='shape'):
        acceleration_error(joints, joints[:1])


def test_speed_of_a_hundred_thousand_samples():
    rng = np.random.default_rng(0)
    pred = rng.normal(size=(100_000, 21, 3)) * 0.05
    target = pred + rng.normal(size=pred.shape) * 0.01
    start = time.perf_counter()
    for alignment in ('root', 'scale', 'procrustes'):
        errors = joint_errors(pred, target, alignment)
        assert 0.005 < errors.mean() < 0.05
    pck_auc(errors)
    assert time.perf_counter() - start < 20
