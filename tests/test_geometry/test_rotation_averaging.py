import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from hamuco_mm.geometry import matrix_to_axis_angle
from hamuco_mm.geometry.rotation_averaging import (
    average_rotations,
    nearest_rotation,
    rotation_angle,
    synchronize_rotations,
)


def near(centre: Rotation, number: int, degrees: float, seed: int):
    rng = np.random.default_rng(seed)
    noise = np.radians(degrees) * rng.normal(size=(number, 3))
    return centre * Rotation.from_rotvec(noise)


def tensor(rotations: Rotation) -> torch.Tensor:
    return torch.from_numpy(rotations.as_matrix())


def test_angle_is_that_of_the_rotation_between():
    a, b = (Rotation.random(50, random_state=seed) for seed in (0, 1))
    angle = rotation_angle(tensor(a), tensor(b))
    np.testing.assert_allclose(angle, (a.inv() * b).magnitude(), atol=1e-9)
    tiny = Rotation.from_rotvec([1e-7, 0, 0])
    assert rotation_angle(tensor(tiny), torch.eye(3).double()).item() == pytest.approx(
        1e-7, rel=1e-4
    )


def test_least_squares_mean_is_scipys():
    """With weights, over a batch."""
    centres = Rotation.random(3, random_state=0)
    sets = [near(centres[i], 20, 15, i) for i in range(3)]
    weights = np.random.default_rng(0).uniform(size=20)
    means = average_rotations(
        torch.stack([tensor(x) for x in sets]),
        torch.from_numpy(weights).expand(3, -1),
        num_iterations=0,
    )
    for mean, rotations in zip(means, sets):
        np.testing.assert_allclose(mean, rotations.mean(weights).as_matrix(), atol=1e-9)


def test_robust_mean_minimises_the_sum_of_distances():
    rotations = tensor(near(Rotation.random(random_state=1), 30, 20, 1))
    mean = average_rotations(rotations, num_iterations=200)

    def cost(candidate):
        return (rotations - candidate).square().sum((-1, -2)).sqrt().sum()

    for vector in np.vstack([np.eye(3), -np.eye(3)]) * 1e-2:
        moved = mean @ tensor(Rotation.from_rotvec(vector))
        assert cost(moved) > cost(mean)


def test_a_third_of_outliers_moves_the_robust_mean_little():
    centre = Rotation.random(random_state=2)
    good = near(centre, 40, 3, 2).as_matrix()
    bad = Rotation.random(20, random_state=3).as_matrix()
    rotations = torch.from_numpy(np.concatenate([good, bad]))
    error = [
        rotation_angle(average_rotations(rotations, num_iterations=n), tensor(centre))
        .rad2deg()
        .item()
        for n in (0, 30)
    ]
    assert error[1] < 2 < error[0]


def test_unweighted_entries_do_not_count():
    rotations = tensor(near(Rotation.identity(), 6, 5, 4))
    weights = torch.tensor([1.0, 1, 1, 1, 0, 0]).double()
    torch.testing.assert_close(
        average_rotations(rotations, weights), average_rotations(rotations[:4])
    )


def test_nearest_rotation_is_scipys():
    matrices = np.random.default_rng(0).normal(size=(20, 3, 3))
    matrices = matrices[np.linalg.det(matrices) > 0]
    found = nearest_rotation(torch.from_numpy(matrices))
    np.testing.assert_allclose(
        found, Rotation.from_matrix(matrices).as_matrix(), atol=1e-9
    )


def relative_to_all(cameras: torch.Tensor) -> torch.Tensor:
    return cameras[:, None] @ cameras.transpose(-1, -2)


@pytest.mark.parametrize('num_views', [2, 3, 8])
def test_consistent_pairs_give_the_cameras(num_views):
    cameras = tensor(Rotation.random(num_views, random_state=num_views))
    found = synchronize_rotations(
        relative_to_all(cameras), torch.ones(num_views, num_views).double()
    )
    torch.testing.assert_close(found, cameras @ cameras[0].T)


def test_missing_pairs_are_bridged():
    """A chain of five cameras."""
    cameras = tensor(Rotation.random(5, random_state=0))
    weights = torch.zeros(5, 5).double()
    for i in range(4):
        weights[i, i + 1] = weights[i + 1, i] = 1
    found = synchronize_rotations(relative_to_all(cameras), weights)
    torch.testing.assert_close(found, cameras @ cameras[0].T)


def test_consistent_pairs_outvote_wrong_ones():
    cameras = tensor(Rotation.random(6, random_state=1))
    relative = relative_to_all(cameras)
    for i, j in ((0, 1), (2, 5), (3, 4)):
        relative[i, j] = tensor(Rotation.random(random_state=i))
        relative[j, i] = relative[i, j].T
    weights = torch.ones(6, 6).double()
    expected = cameras @ cameras[0].T
    error = [
        rotation_angle(synchronize_rotations(relative, weights, n), expected)
        .max()
        .rad2deg()
        for n in (0, 50)
    ]
    assert error[1] < 0.5 < 5 < error[0]


def test_noise_is_averaged_out():
    cameras = tensor(Rotation.random(8, random_state=5))
    relative = relative_to_all(cameras)
    for i in range(8):
        for j in range(i):
            noise = tensor(near(Rotation.identity(), 1, 5, 10 * i + j))[0]
            relative[i, j] = noise @ relative[i, j]
            relative[j, i] = relative[i, j].T
    found = synchronize_rotations(relative, torch.ones(8, 8).double())
    angle = rotation_angle(relative_to_all(found), relative_to_all(cameras))
    assert angle.mean().rad2deg() < 4
    torch.testing.assert_close(torch.linalg.det(found), torch.ones(8).double())
    assert not matrix_to_axis_angle(found[0]).any()


def test_a_camera_apart_is_refused():
    weights = torch.ones(4, 4).double()
    weights[2] = weights[:, 2] = 0
    with pytest.raises(ValueError, match=r'cameras \[2\]'):
        synchronize_rotations(torch.eye(3).double().expand(4, 4, 3, 3), weights)
