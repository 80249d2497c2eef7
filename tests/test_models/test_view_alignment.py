import pytest
import torch
from scipy.spatial.transform import Rotation

from hamuco_mm.geometry import SCALE_BOUNDS, umeyama
from hamuco_mm.models.view_alignment import ViewAlignment

BATCH, VIEWS, POINTS = 3, 4, 50


def rotations(*shape, seed=0):
    number = int(torch.tensor(shape).prod())
    matrices = Rotation.random(number, random_state=seed).as_matrix()
    return torch.from_numpy(matrices).view(*shape, 3, 3)


def random_points(seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(
        BATCH, VIEWS, POINTS, 3, generator=generator, dtype=torch.float64
    )


def agreeing_views():
    """One shape a time step, seen from every view at some scale."""
    shape = random_points()[:, :1]
    R_world2view = rotations(BATCH, VIEWS)
    scale = torch.rand(BATCH, VIEWS, 1, 1).double() + 0.5
    offset = torch.randn(BATCH, VIEWS, 1, 3).double()
    points = scale * (shape @ R_world2view.transpose(-1, -2)) + offset
    return points, R_world2view


FULL = torch.ones(BATCH, VIEWS, dtype=torch.bool)


@pytest.mark.parametrize(
    'options',
    [
        dict(),
        dict(scale='symmetric'),
        dict(num_reweightings=5),
    ],
)
@pytest.mark.parametrize('calibrated', [True, False])
def test_fusion_of_views_that_agree_returns_them(calibrated, options):
    points, R_world2view = agreeing_views()
    alignment = ViewAlignment(
        points, FULL, R_world2view if calibrated else None, **options
    )
    torch.testing.assert_close(alignment.fused(), points)
    torch.testing.assert_close(
        alignment.aligned(), points[:, :, None].expand(-1, -1, VIEWS, -1, -1)
    )


def test_known_rotations_agree_with_one_fit_a_pair():
    points, R_world2view = random_points(), rotations(BATCH, VIEWS)
    aligned = ViewAlignment(points, FULL, R_world2view).aligned()
    for target in range(VIEWS):
        for source in range(VIEWS):
            R = R_world2view[:, target] @ R_world2view[:, source].transpose(-1, -2)
            turned = points[:, source] @ R.transpose(-1, -2)
            centred = turned - turned.mean(1, keepdim=True)
            mean = points[:, target].mean(1, keepdim=True)
            scale = (
                (centred * (points[:, target] - mean)).sum((1, 2))
                / centred.square().sum((1, 2))
            ).clamp(*SCALE_BOUNDS)
            torch.testing.assert_close(
                aligned[:, target, source], scale[:, None, None] * centred + mean
            )


def test_the_scale_is_the_least_squares_optimum():
    points, R_world2view = agreeing_views()
    points = points + 0.1 * random_points(1)
    alignment = ViewAlignment(points, FULL, R_world2view)
    aligned, mean = alignment.aligned(), points.mean(2)[:, :, None, None]

    def residual(factor):
        moved = factor * (aligned - mean) + mean
        return (moved - points[:, :, None]).square().sum((-1, -2))

    for factor in (1 - 1e-3, 1 + 1e-3):
        assert (residual(factor) > residual(1)).all()


def test_unknown_rotations_agree_with_procrustes_a_pair():
    points, _ = agreeing_views()
    points = points + 0.1 * random_points(1)
    aligned = ViewAlignment(points, FULL).aligned()
    for target in range(VIEWS):
        for source in range(VIEWS):
            fitted = umeyama(points[:, source], points[:, target])
            torch.testing.assert_close(
                aligned[:, target, source], fitted.apply(points[:, source])
            )


def test_fused_is_the_mean_of_the_aligned_views():
    points, R_world2view = random_points(), rotations(BATCH, VIEWS)
    alignment = ViewAlignment(points, FULL, R_world2view)
    torch.testing.assert_close(alignment.fused(), alignment.aligned().mean(2))


@pytest.mark.parametrize(
    'options', [dict(), dict(scale='symmetric', num_reweightings=3)]
)
@pytest.mark.parametrize('calibrated', [True, False])
def test_masked_view_is_an_absent_view(calibrated, options):
    points, R_world2view = random_points(), rotations(BATCH, VIEWS)
    mask = FULL.clone()
    mask[:, 2] = False
    kept = [0, 1, 3]
    known = (R_world2view, R_world2view[:, kept]) if calibrated else (None,) * 2
    masked = ViewAlignment(points, mask, known[0], **options).fused()[:, kept]
    absent = ViewAlignment(points[:, kept], FULL[:, kept], known[1], **options).fused()
    torch.testing.assert_close(masked, absent)


def test_permuting_the_views_permutes_the_fusion():
    points, R_world2view = random_points(), rotations(BATCH, VIEWS)
    order = [2, 0, 3, 1]
    fused = ViewAlignment(points, FULL, R_world2view).fused()
    permuted = ViewAlignment(points[:, order], FULL, R_world2view[:, order]).fused()
    torch.testing.assert_close(permuted, fused[:, order])


def test_weights_are_those_of_a_mean():
    points, R_world2view = random_points(), rotations(BATCH, VIEWS)
    weights = torch.rand(BATCH, VIEWS, generator=torch.Generator().manual_seed(0))
    weights = weights.double()
    alignment = ViewAlignment(points, FULL, R_world2view, weights=weights)
    share = (weights / weights.sum(1, keepdim=True))[:, None, :, None, None]
    torch.testing.assert_close(alignment.fused(), (share * alignment.aligned()).sum(2))
    for factor in (1e-3, 1e6):  # only their ratios matter
        scaled = ViewAlignment(points, FULL, R_world2view, weights=factor * weights)
        torch.testing.assert_close(scaled.fused(), alignment.fused())


@pytest.mark.parametrize('num_reweightings', [0, 3])
def test_a_view_without_weight_is_an_absent_view(num_reweightings):
    points, R_world2view = random_points(), rotations(BATCH, VIEWS)
    weights = FULL.double()
    weights[:, 2] = 0
    options = dict(num_reweightings=num_reweightings)
    weighed = ViewAlignment(points, FULL, R_world2view, weights=weights, **options)
    mask = FULL.clone()
    mask[:, 2] = False
    masked = ViewAlignment(points, mask, R_world2view, **options)
    kept = [0, 1, 3]
    torch.testing.assert_close(weighed.fused()[:, kept], masked.fused()[:, kept])


def test_only_calibrated_time_steps_use_their_extrinsics():
    points, R_world2view = random_points(), rotations(BATCH, VIEWS)
    calibrated = torch.tensor([True, False, True])
    mixed = ViewAlignment(points, FULL, R_world2view, calibrated).fused()
    known = ViewAlignment(points, FULL, R_world2view).fused()
    unknown = ViewAlignment(points, FULL).fused()
    torch.testing.assert_close(mixed[calibrated], known[calibrated])
    torch.testing.assert_close(mixed[~calibrated], unknown[~calibrated])


def test_one_view_fuses_to_itself():
    points = random_points()[:, :1]
    alignment = ViewAlignment(points, FULL[:, :1])
    torch.testing.assert_close(alignment.fused(), points)


def test_target_of_an_alignment_receives_no_gradient():
    points = random_points().requires_grad_()
    aligned = ViewAlignment(points, FULL, rotations(BATCH, VIEWS)).aligned()
    aligned[:, 0, 1].square().sum().backward()
    assert points.grad[:, 1].abs().sum() > 0
    assert not points.grad[:, [0, 2, 3]].any()


def test_identical_points_stay_finite():
    points = torch.zeros(1, 2, 9, 3, requires_grad=True)
    alignment = ViewAlignment(points, FULL[:1, :2])
    alignment.aligned().sum().backward()
    assert points.grad.isfinite().all()


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
@pytest.mark.parametrize('calibrated', [True, False])
@pytest.mark.parametrize('shape', ['hand', 'point', 'line', 'one view'])
def test_autocast_changes_nothing(dtype, calibrated, shape):
    """Neither results nor gradients, which are finite for degenerate sets, too."""
    points = random_points().float()
    mask = FULL.clone()
    if shape == 'point':
        points = points * 0 + 0.3
    elif shape == 'line':
        points = points[..., :1] * torch.tensor([1.0, 2.0, 3.0])
    elif shape == 'one view':
        mask[:, 1:] = False
    turns = rotations(BATCH, VIEWS).float() if calibrated else None
    outcomes = []
    for enabled in (False, True):
        given = points.clone().requires_grad_()
        with torch.autocast('cpu', dtype, enabled=enabled):
            alignment = ViewAlignment(given, mask, turns)
            fused, aligned = alignment.fused(), alignment.aligned()
        ((fused**2).sum() + aligned.sin().sum()).backward()
        assert given.grad.isfinite().all()
        outcomes.append((fused.detach(), aligned.detach(), given.grad))
    for plain, cast in zip(*outcomes):
        assert cast.dtype == torch.float32
        torch.testing.assert_close(cast, plain)


def test_symmetric_scale_keeps_the_size_where_views_disagree():
    """Least squares shrinks a view that is turned away; the ratio of sizes
    does not, and gives the true scale whatever the rotation."""
    points, _ = agreeing_views()
    wrong = rotations(BATCH, VIEWS, seed=5)

    def sizes(scale):
        aligned = ViewAlignment(points, FULL, wrong, scale=scale).aligned()
        centred = aligned - aligned.mean(-2, keepdim=True)
        return centred.square().sum((-1, -2)).sqrt()

    target = points - points.mean(-2, keepdim=True)
    target = target.square().sum((-1, -2)).sqrt()[:, :, None]
    torch.testing.assert_close(sizes('symmetric'), target.expand(-1, -1, VIEWS))
    assert (sizes('least_squares') < 0.99 * target).any()


def test_reweighting_outvotes_a_wrong_view():
    points, R_world2view = agreeing_views()
    wrong = points.clone()
    wrong[:, 3] = wrong[:, 3].flip(-1)  # a mirrored hand
    error = [
        (
            ViewAlignment(
                wrong, FULL, R_world2view, scale='symmetric', num_reweightings=number
            ).fused()
            - points
        )[:, :3]
        .norm(dim=-1)
        .mean()
        for number in (0, 20)
    ]
    assert error[1] < 0.05 * error[0]


def test_unknown_scale_is_refused():
    with pytest.raises(ValueError, match='symmetric'):
        ViewAlignment(random_points(), FULL, scale='median')


def test_rotations_of_another_precision():
    points, R_world2view = agreeing_views()
    fused = ViewAlignment(points.float(), FULL, R_world2view).fused()
    assert fused.dtype == torch.float32
    torch.testing.assert_close(fused, points.float())


def test_arrays_are_refused():
    points, R_world2view = agreeing_views()
    with pytest.raises(TypeError, match='points of type ndarray.*torch.as_tensor'):
        ViewAlignment(points.numpy(), FULL, R_world2view)
    with pytest.raises(TypeError, match='R_world2view of type ndarray'):
        ViewAlignment(points, FULL, R_world2view.numpy())
