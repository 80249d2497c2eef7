import torch

from hamuco_mm.hand_model import NUM_JOINTS, NUM_VERTICES, ROOT_JOINT, HandMesh


def random_mesh():
    generator = torch.Generator().manual_seed(0)
    return HandMesh(
        torch.randn(2, 3, NUM_VERTICES, 3, generator=generator),
        torch.randn(2, 3, NUM_JOINTS, 3, generator=generator),
    )


def test_points_are_vertices_then_joints():
    mesh = random_mesh()
    assert mesh.points.shape == (2, 3, NUM_VERTICES + NUM_JOINTS, 3)
    assert torch.equal(mesh.points[..., :NUM_VERTICES, :], mesh.vertices)
    assert torch.equal(mesh.points[..., NUM_VERTICES:, :], mesh.joints)


def test_root_relative():
    mesh = random_mesh()
    for root, centred in (
        (ROOT_JOINT, mesh.root_relative()),
        (0, mesh.root_relative(root=0)),
    ):
        assert centred.joints[..., root, :].abs().max() == 0
        offset = mesh.points - centred.points
        expected = mesh.joints[..., root : root + 1, :].expand_as(offset)
        torch.testing.assert_close(offset, expected)


def test_map_applies_to_both():
    mesh = random_mesh()
    doubled = mesh.map(lambda points: 2 * points)
    assert torch.equal(doubled.points, 2 * mesh.points)
