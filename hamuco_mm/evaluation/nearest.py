"""How many points of one set have a point of another within some distance."""

from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor

# Coordinates beyond this count as infinite: their squares could overflow.
_ENDLESS = 1e15


def share_near(points: Tensor, others: Tensor, limits: Tensor) -> tuple[Tensor, Tensor]:
    """Shares of points that are near one of the other set, both ways.

    On a CPU with numba (extra ``speed``), by a compiled loop that looks no
    further than a limit reaches; elsewhere from products of matrices, a few
    samples at a time. Both are exact to about a micrometre for hands. Of sets
    with a number that is not finite, nothing is near.

    Args:
        points (N, P, 3): One set per sample, P > 0.
        others (N, Q, 3): The other, Q > 0.
        limits (T, ): Distances, above 0.

    Returns:
        tuple[Tensor, Tensor]: For the points and for the others, both (N, T).
    """
    # far from the origin, rounding errors would be larger than their distances
    centre = others.mean(dim=-2, keepdim=True)
    points, others = points - centre, others - centre
    count_near = compiled_loop() if points.device.type == 'cpu' else None
    if count_near:
        return _by_loop(count_near, points, others, limits)
    return _by_products(points, others, limits)


@cache
def compiled_loop() -> Callable | None:
    """:func:`.nearest_loop.count_near_loop`, or None where numba is absent,
    broken, or finds no directory that it may keep compiled code in."""
    try:
        from .nearest_loop import count_near_loop
    except Exception:
        return None
    return count_near_loop


def _by_loop(
    count_near: Callable, points: Tensor, others: Tensor, limits: Tensor
) -> tuple[Tensor, Tensor]:
    sets = [x.detach().float().mT.contiguous() for x in (points, others)]
    valid = [x.abs().amax(dim=(1, 2)) < _ENDLESS for x in sets]
    counts = count_near(
        *(x.numpy() for x in sets),
        limits.float().numpy(),
        (valid[0] & valid[1]).numpy(),
    )
    of_points, of_others = (
        torch.from_numpy(count).to(points) / x.shape[-1]
        for count, x in zip(counts, sets)
    )
    return of_points, of_others


def _by_products(
    points: Tensor, others: Tensor, limits: Tensor
) -> tuple[Tensor, Tensor]:
    left, right = _distance_factors(points, others)
    limits = limits.square()
    # what stays in a CPU's cache, or what keeps a GPU busy
    chunk_size = 256 if points.is_cuda else 2
    of_points: list[Tensor] = []
    of_others: list[Tensor] = []
    for a, b in zip(left.split(chunk_size), right.split(chunk_size)):
        squared = a @ b.mT
        for shares, dim in ((of_points, -1), (of_others, -2)):
            near = squared.amin(dim=dim)[..., None] < limits
            shares.append(near.to(a).mean(dim=1))
    return torch.cat(of_points), torch.cat(of_others)


def _distance_factors(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Points (N, P, 3) and (N, Q, 3) to factors (N, P, 5) and (N, Q, 5) whose
    inner products are the squared distances:
    |a - b|^2 = -2 a.b + |a|^2 + |b|^2."""
    a_squared, b_squared = (x.square().sum(dim=-1, keepdim=True) for x in (a, b))
    return (
        torch.cat((-2 * a, a_squared, torch.ones_like(a_squared)), -1),
        torch.cat((b, torch.ones_like(b_squared), b_squared), -1),
    )
