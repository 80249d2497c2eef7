"""Joints by other definitions than the hand model's own."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from hamuco_mm.hand_model import MANOLayer
from hamuco_mm.hand_model.joint_regressor_fitting import fit_joint_regressor
from hamuco_mm.hand_model.joint_regressors import save_joint_regressor
from hamuco_mm.utils.json_files import MalformedFileError
from hamuco_mm.utils.npz_files import write_npz


def meshes(num, seed=0):
    """Vertices (N, 778, 3) of hands in different poses and shapes, double."""
    rng = np.random.default_rng(seed)
    turns = Rotation.from_rotvec(rng.normal(0, 0.4, (num * 16, 3))).as_matrix()
    rotations = torch.tensor(turns.reshape(num, 16, 3, 3))
    betas = torch.tensor(rng.normal(0, 1, (num, 10)))
    return MANOLayer().double()(rotations, betas).vertices.numpy()


@pytest.fixture(scope='module')
def own():
    return MANOLayer().double().J21.numpy()


@pytest.fixture(scope='module')
def other(own):
    """Each joint half way to a vertex that is 1 to 3 cm from it in all hands."""
    shifted = own.copy()
    hands = meshes(20, seed=5)
    for joint, row in enumerate(own):
        away = np.linalg.norm(hands - (row @ hands)[:, None], axis=-1).max(0)
        vertex = np.flatnonzero((away > 0.01) & (away < 0.03))[0]
        shifted[joint] = row / 2
        shifted[joint, vertex] += 0.5
    return shifted


def test_joints_of_mediapipe_lie_in_the_hand_and_move_with_it(own):
    layer = MANOLayer(joints='mediapipe').double()
    assert (layer.J21.sum(1) - 1).abs().max() < 1e-5
    apart = np.linalg.norm((layer.J21.numpy() - own) @ meshes(50), axis=-1)
    # definitions of joints differ by some millimetres in any pose
    assert 0.003 < np.median(apart) < 0.01
    assert apart.max() < 0.03


def test_joints_are_mirrored_with_the_hand():
    right, left = (MANOLayer(side=s, joints='mediapipe') for s in ('right', 'left'))
    mirrored = right.v_template * torch.tensor([-1.0, 1, 1])
    torch.testing.assert_close(left.J21 @ left.v_template, left.J21 @ mirrored)
    torch.testing.assert_close(left.J21, right.J21)


def test_layer_regresses_the_joints_of_a_file(tmp_path, other):
    path = tmp_path / 'joints.npz'
    save_joint_regressor(path, other)
    layer = MANOLayer(joints=str(path)).double()
    mesh = layer(torch.eye(3).double().expand(16, 3, 3), torch.zeros(10).double())
    expected = torch.tensor(other) @ mesh.vertices
    torch.testing.assert_close(mesh.joints, expected, atol=1e-6, rtol=0)


def test_a_fit_finds_the_joints_of_hands_that_it_has_not_seen(own, other):
    rng = np.random.default_rng(1)
    seen, unseen = meshes(150, seed=2), meshes(50, seed=3)
    points = other @ seen + rng.normal(0, 5e-4, (150, 21, 3))
    points[rng.random((150, 21)) < 0.3] = np.nan
    # a detector that takes one joint for another
    wrong = rng.random((150, 21)) < 0.1
    points[wrong] += rng.normal(0, 0.02, (wrong.sum(), 3))

    fitted = fit_joint_regressor(seen, points, own)
    np.testing.assert_allclose(fitted.sum(1), own.sum(1), atol=1e-9)

    def distance(regressor):
        return np.linalg.norm((regressor - other) @ unseen, axis=-1).mean()

    assert distance(own) > 0.005
    assert distance(fitted) < 0.1 * distance(own)


def test_a_fit_follows_the_many(own):
    """A fifth of the points are misplaced, all the same way."""
    hands = meshes(100)
    points = own @ hands
    points[::5] += [0.015, 0, 0]
    fitted = fit_joint_regressor(hands, points, own)
    # their mean is 3 mm off
    off = np.linalg.norm((fitted - own) @ meshes(50, seed=1), axis=-1)
    assert off.mean() < 0.0015


def test_a_fit_keeps_joints_that_are_right(own):
    hands = meshes(100)
    fitted = fit_joint_regressor(hands, own @ hands, own)
    np.testing.assert_allclose(fitted, own, atol=1e-9)


def test_a_joint_that_is_nowhere_near_is_an_error(own):
    hands = meshes(10)
    points = own @ hands
    points[:, 7] += 0.05
    with pytest.raises(ValueError, match=r'index_dip.* within 30 mm'):
        fit_joint_regressor(hands, points, own)


def test_a_joint_that_was_never_seen_is_an_error(own):
    hands = meshes(10)
    points = own @ hands
    points[:, 0] = np.nan
    with pytest.raises(ValueError, match='wrist'):
        fit_joint_regressor(hands, points, own)


def test_joints_of_another_mesh_are_an_error(tmp_path, other):
    path = tmp_path / 'joints.npz'
    shuffled = np.random.default_rng(0).permutation(other.shape[1])
    save_joint_regressor(path, other[:, shuffled])
    with pytest.raises(ValueError, match=r'another mesh.*fit_joint_regressor'):
        MANOLayer(joints=str(path))


@pytest.mark.parametrize(
    ('spoil', 'message'),
    [
        (lambda weights: weights[:16], r'\(16, 778\)'),
        (lambda weights: weights.astype(int), 'int'),
        (lambda weights: 2 * weights, 'sum 1'),
        (lambda weights: weights + 9 * np.sign(np.arange(778) - 388.5) / 389, 'in all'),
        (lambda weights: np.where(weights > 0.1, np.nan, weights), 'sum 1'),
    ],
)
def test_weights_that_are_none_of_joints_are_an_error(tmp_path, other, spoil, message):
    path = tmp_path / 'joints.npz'
    write_npz(path, dict(J21=spoil(other)))
    with pytest.raises(MalformedFileError, match=message) as caught:
        MANOLayer(joints=str(path))
    assert str(path) in str(caught.value)


def test_a_name_that_is_neither_known_nor_a_file_is_an_error():
    with pytest.raises(FileNotFoundError, match=r'mediapip.*mediapipe'):
        MANOLayer(joints='mediapip')


def test_two_definitions_of_fingertips_are_an_error():
    with pytest.raises(ValueError, match='leave one out'):
        MANOLayer(joints='mediapipe', fingertips='smplx')
