import pickle

import numpy as np
import pytest
import smplx
import torch
from scipy.spatial.transform import Rotation

from hamuco_mm.hand_model import (
    FINGERTIP_VERTICES,
    HAND_JOINT_NAMES,
    MANO_JOINT_NAMES,
    NUM_JOINTS,
    NUM_VERTICES,
    MANOLayer,
)

S = torch.diag(torch.tensor([-1.0, 1.0, 1.0]))


def random_pose(*leading, seed=0, dtype=torch.float32):
    """Rotation matrices, their axis-angles and betas."""
    rng = np.random.default_rng(seed)
    axis_angle = rng.normal(0, 0.5, (*leading, 16, 3))
    matrices = Rotation.from_rotvec(axis_angle.reshape(-1, 3)).as_matrix()
    matrices = torch.tensor(matrices.reshape(*leading, 16, 3, 3), dtype=dtype)
    betas = torch.tensor(rng.normal(0, 1, (*leading, 10)), dtype=dtype)
    return matrices, torch.tensor(axis_angle, dtype=dtype), betas


def rest_pose(*leading):
    return torch.eye(3).expand(*leading, 16, 3, 3), torch.zeros(*leading, 10)


def test_equals_smplx(mano_pkl, mano_arrays):
    reference = smplx.MANO(
        str(mano_pkl), use_pca=False, flat_hand_mean=True, batch_size=5
    )
    rotations, axis_angle, betas = random_pose(5)
    expected = reference(
        betas=betas,
        global_orient=axis_angle[:, 0],
        hand_pose=axis_angle[:, 1:].flatten(1),
    ).vertices
    mesh = MANOLayer(str(mano_pkl))(rotations, betas)
    torch.testing.assert_close(mesh.vertices, expected, atol=1e-5, rtol=0)

    regressor = torch.tensor(mano_arrays['J_regressor'], dtype=torch.float32)
    tips = expected[:, list(FINGERTIP_VERTICES['hamuco'])]
    joints = torch.cat((regressor @ expected, tips), dim=1)
    sources = (
        *MANO_JOINT_NAMES,
        'thumb_tip',
        'index_tip',
        'middle_tip',
        'ring_tip',
        'pinky_tip',
    )
    fingers = ('index', 'middle', 'pinky', 'ring')
    names = dict(
        wrist='wrist', thumb1='thumb_cmc', thumb2='thumb_mcp', thumb3='thumb_ip'
    )
    for finger in fingers:
        names[f'{finger}1'] = f'{finger}_mcp'
        names[f'{finger}2'] = f'{finger}_pip'
        names[f'{finger}3'] = f'{finger}_dip'
    for row, source in enumerate(sources):
        name = names.get(source, source)
        torch.testing.assert_close(
            mesh.joints[:, HAND_JOINT_NAMES.index(name)],
            joints[:, row],
            atol=1e-5,
            rtol=0,
            msg=name,
        )


def test_mean_pose_is_that_of_smplx(mano_pkl):
    reference = smplx.MANO(str(mano_pkl), use_pca=False, flat_hand_mean=False)
    expected = reference().vertices
    layer = MANOLayer(str(mano_pkl))
    fingers = Rotation.from_rotvec(layer.mean_pose.numpy()).as_matrix()
    rotations = torch.eye(3).repeat(1, 16, 1, 1)
    rotations[0, 1:] = torch.from_numpy(fingers).float()
    mesh = layer(rotations, torch.zeros(1, 10))
    torch.testing.assert_close(mesh.vertices, expected, atol=1e-5, rtol=0)


def test_wrist_rotation_is_rigid():
    layer = MANOLayer().double()
    rotations, _, betas = random_pose(dtype=torch.float64)
    rotations[0] = torch.eye(3)
    upright = layer(rotations, betas)
    turn = random_pose(dtype=torch.float64, seed=1)[0][0]
    rotations[0] = turn
    turned = layer(rotations, betas)
    # The centre of rotation is the wrist of the shaped, unposed hand.
    wrist = layer(rest_pose()[0], betas).joints[0]
    torch.testing.assert_close(turned.points, (upright.points - wrist) @ turn.T + wrist)


@pytest.mark.parametrize('finger', ('thumb', 'index', 'middle', 'ring', 'pinky'))
def test_bending_a_finger_moves_its_own_tip(finger):
    layer = MANOLayer()
    rotations, betas = rest_pose(1)
    flat = layer(rotations, betas).joints
    rotations = rotations.clone()
    rotations[0, MANO_JOINT_NAMES.index(f'{finger}2')] = torch.tensor(
        Rotation.from_rotvec([0, 0, 0.8]).as_matrix()
    )
    moved = (layer(rotations, betas).joints - flat).norm(dim=-1)[0]
    tip = HAND_JOINT_NAMES.index(f'{finger}_tip')
    assert moved[tip] > 0.01
    other_tips = [
        i
        for i, name in enumerate(HAND_JOINT_NAMES)
        if name.endswith('_tip') and i != tip
    ]
    assert moved[other_tips].max() < 1e-4


def test_gradients():
    layer = MANOLayer().double()
    rotations, _, betas = random_pose(2, dtype=torch.float64)
    directions = torch.randn(4, 2, NUM_VERTICES + NUM_JOINTS, 3, dtype=torch.float64)

    def measure(rotations, betas):
        points = layer(rotations, betas).points
        return (directions * points).sum(dim=(1, 2, 3))

    assert torch.autograd.gradcheck(
        measure, (rotations.requires_grad_(), betas.requires_grad_())
    )


@pytest.mark.parametrize('own_file', (False, True))
def test_left_is_mirrored_right(own_file, mano_pkl):
    path = str(mano_pkl) if own_file else None
    right, left = MANOLayer(path), MANOLayer(path, side='left')
    rotations, _, betas = random_pose(3)
    mirrored = right(rotations, betas).points @ S
    assert torch.equal(left(S @ rotations @ S, betas).points, mirrored)
    # The normals of the mirrored faces still point outwards.
    assert torch.equal(left.faces, right.faces.flip(1))


def test_left_mean_pose_is_mirrored():
    right, left = MANOLayer(), MANOLayer(side='left')
    matrices = [
        torch.from_numpy(Rotation.from_rotvec(layer.mean_pose).as_matrix())
        for layer in (right, left)
    ]
    S64 = S.double()
    torch.testing.assert_close(matrices[1], S64 @ matrices[0] @ S64)


def test_left_file_is_taken_as_it_is(mano_arrays, tmp_path):
    flip = np.array([-1.0, 1.0, 1.0])
    mano_arrays['v_template'] = mano_arrays['v_template'] * flip
    path = tmp_path / 'MANO_LEFT.pkl'
    path.write_bytes(pickle.dumps(mano_arrays))
    mesh = MANOLayer(str(path), side='left')(*rest_pose(1))
    np.testing.assert_allclose(mesh.vertices[0], mano_arrays['v_template'], atol=1e-7)
    mesh = MANOLayer(str(path), side='right')(*rest_pose(1))
    np.testing.assert_allclose(
        mesh.vertices[0], mano_arrays['v_template'] * flip, atol=1e-7
    )


def test_leading_dimensions():
    layer = MANOLayer()
    rotations, _, betas = random_pose(2, 3)
    mesh = layer(rotations, betas)
    assert mesh.vertices.shape == (2, 3, NUM_VERTICES, 3)
    assert mesh.joints.shape == (2, 3, NUM_JOINTS, 3)
    single = layer(rotations[1, 2], betas[1, 2])
    assert single.vertices.shape == (NUM_VERTICES, 3)
    torch.testing.assert_close(single.points, mesh.points[1, 2])
    shared = layer(rotations, betas[0, 0])
    torch.testing.assert_close(shared.points[0, 0], mesh.points[0, 0])
    strided = layer(rotations.mT.contiguous().mT, betas)
    torch.testing.assert_close(strided.points, mesh.points)


def test_empty_batch():
    mesh = MANOLayer()(*rest_pose(0, 4))
    assert mesh.vertices.shape == (0, 4, NUM_VERTICES, 3)
    assert mesh.joints.shape == (0, 4, NUM_JOINTS, 3)


def test_computes_in_its_own_dtype():
    layer = MANOLayer()
    rotations, _, betas = random_pose(2, dtype=torch.float64)
    single = layer(rotations, betas).points
    assert single.dtype == torch.float32
    double = layer.double()(rotations, betas).points
    assert double.dtype == torch.float64
    torch.testing.assert_close(single.double(), double, atol=1e-6, rtol=0)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        assert torch.equal(layer(rotations, betas).points, double)


def test_checkpoints_carry_no_model_data():
    assert not MANOLayer().state_dict()
    assert not list(MANOLayer().parameters())


@pytest.mark.parametrize('table', FINGERTIP_VERTICES)
def test_fingertip_tables(table, mano_pkl):
    rotations, _, betas = random_pose(1)
    mesh = MANOLayer(str(mano_pkl), fingertips=table)(rotations, betas)
    vertices = mesh.vertices[:, list(FINGERTIP_VERTICES[table])]
    assert torch.equal(mesh.joints[:, 4::4], vertices)


def test_fingertips_default_to_those_of_the_file(mano_arrays, tmp_path):
    path = tmp_path / 'own_tips.npz'
    np.savez(path, **mano_arrays, tip_ids=np.array([9, 8, 7, 6, 5]))
    mesh = MANOLayer(str(path))(*rest_pose(1))
    assert torch.equal(mesh.joints[:, 4::4], mesh.vertices[:, [9, 8, 7, 6, 5]])
    mesh = MANOLayer(str(path), fingertips=[0, 1, 2, 3, 4])(*rest_pose(1))
    assert torch.equal(mesh.joints[:, 4::4], mesh.vertices[:, :5])


@pytest.mark.parametrize(
    'options, message',
    (
        (dict(side='both'), 'side'),
        (dict(fingertips='mano'), 'hamuco'),
        (dict(fingertips=(1, 2, 3)), '5 vertex ids'),
        (dict(fingertips=(1, 2, 3, 4, NUM_VERTICES)), '5 vertex ids'),
    ),
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        MANOLayer(**options)


def test_bad_shapes():
    layer = MANOLayer()
    rotations, betas = rest_pose(2)
    with pytest.raises(ValueError, match='rotations'):
        layer(rotations[:, 1:], betas)
    with pytest.raises(ValueError, match='betas'):
        layer(rotations, betas[:, :9])
