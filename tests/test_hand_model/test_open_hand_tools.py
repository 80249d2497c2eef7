"""The parts of tools/misc/build_open_hand.py that need no MakeHuman."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from hamuco_mm.hand_model import MANO_PARENTS, MANOLayer, load_hand_model

TOOLS = Path(__file__).parents[2] / 'tools' / 'misc'


@pytest.fixture(scope='module', autouse=True)
def tools_on_path():
    sys.path.insert(0, str(TOOLS))
    yield
    sys.path.remove(str(TOOLS))


def random_rotations():
    return Rotation.from_rotvec(
        np.random.default_rng(0).normal(0, 0.5, (16, 3))
    ).as_matrix()


def test_deform_is_linear_blend_skinning():
    from open_hand.deformation import PARENTS, chain, deform

    assert PARENTS == MANO_PARENTS
    data, rotations = load_hand_model(), random_rotations()
    joints = data.J_regressor @ data.v_template
    vertices, _ = deform(data.v_template, joints, data.weights, chain(rotations))
    expected = (
        MANOLayer()
        .double()(torch.from_numpy(rotations), torch.zeros(10, dtype=torch.float64))
        .vertices.numpy()
    )
    # The layer turns the wrist about its joint, which is near the origin.
    np.testing.assert_allclose(vertices, expected, atol=1e-6)


def grid(n):
    """A gently curved sheet of n x n vertices."""
    x, y = np.meshgrid(np.arange(n), np.arange(n), indexing='ij')
    vertices = np.stack((x, y, 0.02 * x * y), axis=-1).reshape(-1, 3) / n
    corner = (x * n + y)[:-1, :-1].ravel()
    lower = np.stack((corner, corner + n, corner + n + 1), axis=1)
    upper = np.stack((corner, corner + n + 1, corner + 1), axis=1)
    return vertices, np.concatenate((lower, upper))


def test_decimation_reaches_its_counts():
    from open_hand.decimation import boundary_loop, decimate

    vertices, faces = decimate(*grid(12), num_vertices=60, num_boundary=24)
    assert len(vertices) == 60
    assert len(boundary_loop(faces)) == 24
    # Euler: a disk has 2V - 2 - b faces.
    assert len(faces) == 2 * 60 - 2 - 24
    assert set(faces.ravel()) == set(range(60))
    # It stays on the surface.
    np.testing.assert_allclose(
        vertices[:, 2], 0.24 * vertices[:, 0] * vertices[:, 1], atol=0.01
    )


def test_splitting_keeps_the_surface():
    from open_hand.decimation import split_long_edges

    vertices, faces = grid(4)

    def area(vertices, faces):
        t = vertices[faces]
        return (
            np.linalg.norm(np.cross(t[:, 1] - t[:, 0], t[:, 2] - t[:, 0]), axis=1).sum()
            / 2
        )

    finer, finer_faces = split_long_edges(vertices, faces, 0.2)
    np.testing.assert_array_equal(finer[:16], vertices)
    t = finer[finer_faces]
    assert np.linalg.norm(t - np.roll(t, 1, axis=1), axis=2).max() <= 0.2
    assert area(finer, finer_faces) == pytest.approx(area(vertices, faces))
    assert (np.cross(t[:, 1] - t[:, 0], t[:, 2] - t[:, 0])[:, 2] > 0).all()


def test_joint_regressor_finds_the_joints():
    from open_hand.shape_space import fit_joint_regressor

    rng = np.random.default_rng(0)
    weights = np.zeros((16, 100))
    for row in weights:
        row[rng.choice(100, 5, replace=False)] = rng.dirichlet(np.ones(5))
    vertices = rng.normal(0, 0.1, (40, 100, 3))
    fitted = fit_joint_regressor(vertices, weights @ vertices)
    np.testing.assert_allclose(fitted.sum(axis=1), 1)
    assert fitted.min() >= 0
    error = fitted @ vertices - weights @ vertices
    assert np.linalg.norm(error, axis=2).mean() < 0.01


def test_poses_bend_towards_the_palm():
    from open_hand.deformation import flexion_axes
    from open_hand.pose_space import principal_axes, sample

    data = load_hand_model()
    joints = data.J_regressor @ data.v_template
    tips = data.v_template[data.fingertips[[1, 2, 4, 3, 0]]]
    axes = flexion_axes(joints, tips)
    np.testing.assert_allclose(np.linalg.norm(axes, axis=1), 1)
    # The right hand's fingers point to -x: they bend to -y about +z.
    assert (axes[1:13, 2] > 0.8).all()
    poses = sample(axes, 500, np.random.default_rng(0))
    angles = np.linalg.norm(poses, axis=-1)
    assert angles.max() < np.radians(115)
    mean, components, deviations = principal_axes(poses)
    np.testing.assert_allclose(mean, poses.reshape(500, 45).mean(axis=0))
    scores = (poses.reshape(500, 45) - mean) @ components.T
    np.testing.assert_allclose(scores.std(axis=0, ddof=1), deviations, atol=1e-8)
