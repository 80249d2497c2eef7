"""``torch.compile`` takes each function of the training step and of the metrics
whole, with the same results and gradients."""

import pytest
import torch

from hamuco_mm import geometry
from hamuco_mm.geometry.triangulation import triangulate_dlt, triangulate_ransac

GENERATOR = torch.Generator().manual_seed(0)


def draw(*shape):
    return torch.randn(*shape, generator=GENERATOR)


def rotations(*shape):
    return geometry.axis_angle_to_matrix(draw(*shape, 3))


def fitted(source, target, weights):
    return geometry.umeyama(source, target, weights.square()).apply(source)


CALLS = {
    'axis_angle_to_matrix': (geometry.axis_angle_to_matrix, draw(2, 16, 3)),
    'bounded_scale': (geometry.bounded_scale, draw(4), draw(4).square()),
    'look_at': (geometry.look_at, draw(4, 3), draw(4, 3), draw(4, 3)),
    'matrix_to_axis_angle': (geometry.matrix_to_axis_angle, rotations(2, 16)),
    'matrix_to_rot6d': (geometry.matrix_to_rot6d, rotations(2, 16)),
    'procrustes_rotation': (geometry.procrustes_rotation, draw(2, 4, 3, 3)),
    'project': (geometry.project, draw(2, 21, 3), draw(2, 3, 3)),
    'project_weak_perspective': (
        geometry.project_weak_perspective,
        draw(2, 21, 3),
        draw(2, 3),
    ),
    'projection_matrix': (
        geometry.projection_matrix,
        draw(2, 3, 3),
        rotations(2),
        draw(2, 3),
    ),
    'rot6d_to_matrix': (geometry.rot6d_to_matrix, draw(2, 16, 6)),
    'rotation_about_z': (geometry.rotation_about_z, draw(4)),
    'umeyama': (fitted, draw(2, 21, 3), draw(2, 21, 3), draw(2, 21)),
    'viewing_ray_rotation': (
        geometry.viewing_ray_rotation,
        draw(2, 2),
        torch.eye(3).expand(2, 3, 3),
    ),
    'world_to_camera': (
        geometry.world_to_camera,
        draw(2, 21, 3),
        rotations(2),
        draw(2, 3),
    ),
}


@pytest.mark.parametrize('name', CALLS)
def test_a_function_compiles_whole(name):
    function, *arguments = CALLS[name]
    torch.compiler.reset()
    whole = torch.compile(function, fullgraph=True, backend='aot_eager')
    results = []
    for version in (function, whole):
        given = [argument.detach().clone().requires_grad_() for argument in arguments]
        result = version(*given)
        (result * torch.linspace(0, 1, result.numel()).view_as(result)).sum().backward()
        results.append((result, [argument.grad for argument in given]))
    torch.testing.assert_close(results[1], results[0], rtol=1e-4, atol=1e-5)


def test_all_public_functions_are_tried():
    functions = {name for name in geometry.__all__ if name.islower()}
    assert functions - {'reweighted'} == set(CALLS)


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
@pytest.mark.parametrize('name', CALLS)
def test_autocast_changes_nothing(name, dtype):
    """Neither results nor gradients: geometry is not for 8 or 11 bits."""
    function, *arguments = CALLS[name]
    results = []
    for enabled in (False, True):
        given = [argument.detach().clone().requires_grad_() for argument in arguments]
        with torch.autocast('cpu', dtype, enabled=enabled):
            result = function(*given)
        result.sum().backward()
        results.append((result, [argument.grad for argument in given]))
    torch.testing.assert_close(results[1], results[0], rtol=0, atol=0)


@pytest.mark.parametrize('name', CALLS)
def test_double_precision_stays(name):
    function, *arguments = CALLS[name]
    exact = function(*(argument.double() for argument in arguments))
    assert exact.dtype == torch.float64
    torch.testing.assert_close(
        exact.float(), function(*arguments), rtol=1e-3, atol=1e-4
    )


@pytest.mark.parametrize('triangulate', [triangulate_dlt, triangulate_ransac])
def test_autocast_does_not_move_triangulated_points(triangulate):
    points = 0.1 * draw(3, 21, 3) + torch.tensor([0.0, 0.0, 1.0])
    R = torch.eye(3).expand(4, 3, 3)
    t = torch.tensor([[0.0, 0, 0], [0.2, 0, 0], [0, 0.2, 0], [0.2, 0.2, 0.1]])
    K = torch.tensor([[300.0, 0, 128], [0, 300, 128], [0, 0, 1]]).expand(4, 3, 3)
    local = geometry.world_to_camera(points[:, None], R, t)
    pixels = geometry.project(local, K)
    matrix = geometry.projection_matrix(K, R, t).expand(3, 4, 3, 4)
    with torch.autocast('cpu', torch.bfloat16):
        found = triangulate(pixels, matrix, torch.ones(3, 4, 21))
    found = getattr(found, 'points', found)
    torch.testing.assert_close(found.to(points), points, rtol=0, atol=1e-4)
