"""The shipped open hand is a hand, and one that MANO's code can use."""

import os
from collections import Counter

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation
from smplx.lbs import batch_rigid_transform

from hamuco_mm.hand_model import (
    FINGERTIP_VERTICES,
    HAND_BONES,
    HAND_JOINT_NAMES,
    NUM_VERTICES,
    MANOLayer,
    load_hand_model,
)
from hamuco_mm.hand_model.loading import OPEN_HAND


@pytest.fixture(scope='module')
def data():
    return load_hand_model()


@pytest.fixture(scope='module')
def flat():
    layer = MANOLayer()
    return layer(torch.eye(3).repeat(16, 1, 1), torch.zeros(10))


def bone_lengths(joints):
    return {
        HAND_JOINT_NAMES[child]: float((joints[child] - joints[parent]).norm())
        for parent, child in HAND_BONES
    }


def test_mesh_is_a_disk_with_an_even_edge(data):
    edges = Counter(
        tuple(sorted((face[i], face[(i + 1) % 3])))
        for face in data.faces.tolist()
        for i in range(3)
    )
    assert set(edges.values()) == {1, 2}
    assert NUM_VERTICES - len(edges) + len(data.faces) == 1
    rim = [edge for edge, count in edges.items() if count == 1]
    assert len(rim) == 16
    assert set(Counter(np.ravel(rim).tolist()).values()) == {2}
    ends = data.v_template[np.array(rim)]
    lengths = np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1)
    assert lengths.max() < 1.15 * lengths.min()
    points = ends.reshape(-1, 3) - ends.reshape(-1, 3).mean(axis=0)
    normal = np.linalg.svd(points)[2][2]
    assert np.abs(points @ normal).max() < 1e-3


def test_faces_look_outwards(data):
    corners = data.v_template[data.faces]
    volume = (
        np.einsum(
            'ij,ij->i', corners[:, 0], np.cross(corners[:, 1], corners[:, 2])
        ).sum()
        / 6
    )
    # A hand holds a third of a litre.
    assert 2.5e-4 < volume < 4.5e-4


def test_weights_and_regressor_are_convex_combinations(data):
    for weights in (data.weights, data.J_regressor):
        assert weights.min() >= 0
        np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-5)


def test_adult_proportions(flat):
    lengths = bone_lengths(flat.joints)
    assert lengths['index_mcp'] == pytest.approx(0.095, abs=0.003)
    assert lengths['middle_mcp'] == pytest.approx(0.090, abs=0.005)
    tip = HAND_JOINT_NAMES.index('middle_tip')
    length = float((flat.joints[tip] - flat.joints[0]).norm())
    assert length == pytest.approx(0.187, abs=0.001)
    for finger in ('index', 'middle', 'ring', 'pinky'):
        proximal, middle = (lengths[f'{finger}_{name}'] for name in ('pip', 'dip'))
        assert 0.025 < proximal < 0.05
        assert 0.55 < middle / proximal < 0.8


def test_sits_as_mano(data, flat):
    assert data.side == 'right'
    fingers = flat.joints[[8, 12, 16, 20]]
    assert (fingers[:, 0] < flat.joints[0, 0] - 0.1).all()
    # Thumb to +z, and the fingers bend from there to -y.
    assert flat.joints[4, 2] > flat.joints[8, 2] > flat.joints[20, 2]
    layer = MANOLayer()
    rotations = torch.eye(3).repeat(16, 1, 1)
    rotations[1:] = torch.from_numpy(
        Rotation.from_rotvec(layer.mean_pose.numpy()).as_matrix()
    )
    bent = layer(rotations, torch.zeros(10)).joints[[8, 12, 16, 20]]
    assert (bent[:, 1] < fingers[:, 1] - 0.02).all()


def test_fingertips_are_named_by_every_table(data, flat):
    np.testing.assert_array_equal(data.fingertips, FINGERTIP_VERTICES['hamuco'])
    for ids in FINGERTIP_VERTICES.values():
        distance = flat.vertices[list(ids)] - flat.joints[4::4]
        assert distance.norm(dim=-1).max() < 0.005
    for tip, last in zip(range(4, 21, 4), range(3, 21, 4)):
        assert 0.02 < (flat.joints[tip] - flat.joints[last]).norm() < 0.035


def test_shape_directions(data):
    per_unit = np.linalg.norm(data.shapedirs, axis=1).mean(axis=0)
    assert per_unit[0] == pytest.approx(0.0035, abs=0.0005)
    assert (per_unit > 2e-4).all()
    assert (per_unit[2:] < 1.1e-3).all()
    flattened = data.shapedirs.reshape(-1, 10).T
    cosines = np.corrcoef(flattened) - np.eye(10)
    assert np.abs(cosines).max() < 0.05


def test_first_shape_direction_is_size():
    layer = MANOLayer()
    rest = torch.eye(3).repeat(16, 1, 1)
    small, large = (
        bone_lengths(layer(rest, beta * torch.eye(10)[0]).joints)
        for beta in (-1.0, 1.0)
    )
    ratios = np.array([large[name] / small[name] for name in small])
    np.testing.assert_allclose(ratios, ratios.mean(), atol=0.02)
    assert 1.1 < ratios.mean() < 1.16


def test_regressed_joints_stay_in_bent_fingers(data):
    rng = np.random.default_rng(0)
    layer = MANOLayer()
    poses = data.hands_mean + rng.normal(0, 0.5, (20, 45)).clip(-1, 1) @ (
        data.hands_components
    )
    rotations = torch.eye(3).repeat(20, 16, 1, 1)
    rotations[:, 1:] = torch.from_numpy(
        Rotation.from_rotvec(poses.reshape(-1, 3)).as_matrix()
    ).reshape(20, 15, 3, 3)
    regressed = layer.J_regressor @ layer(rotations, torch.zeros(10)).vertices
    rest = (layer.J_regressor @ layer.v_template).expand(20, -1, -1)
    chain, _ = batch_rigid_transform(rotations, rest, torch.from_numpy(data.parents))
    assert (regressed - chain).norm(dim=-1).mean() < 1e-3


def test_pose_directions_are_orthonormal(data):
    product = data.hands_components @ data.hands_components.T
    np.testing.assert_allclose(product, np.eye(45), atol=1e-5)


def test_is_small():
    assert os.path.getsize(OPEN_HAND) < 300_000
