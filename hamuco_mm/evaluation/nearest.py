"""How many points of one set have a point of another within some distance."""
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Callable, List, Optional, Tuple

import numpy as np
import torch
from torch import Tensor


def share_near(points: Tensor,
               others: Tensor,
               limits: Tensor,
               chunk_size: Optional[int] = None) -> Tuple[Tensor, Tensor]:
    """Shares of points that are near one of the other set, both ways.

    On a CPU with numba (extra ``speed``), by a compiled loop that keeps
    nothing but minima; elsewhere from products of matrices, a few samples at
    a time. Both are exact to about a micrometre for hands near the origin. Of
    sets with a number that is not finite, nothing is near.

    Args:
        points (N, P, 3): One set a sample, near the origin: distances come
            from inner products.
        others (N, Q, 3): The other.
        limits (T, ): Distances.
        chunk_size (int, optional): Samples compared at a time by products.
            Defaults to what stays in a CPU's cache, or what keeps a GPU busy.

    Returns:
        tuple[Tensor, Tensor]: For the points and for the others, both (N, T).
    """
    if chunk_size is None and points.device.type == 'cpu' and compiled_loop():
        return _by_loop(points, others, limits)
    if chunk_size is None:
        chunk_size = 256 if points.is_cuda else 2
    return _by_products(points, others, limits, chunk_size)


@lru_cache(maxsize=None)
def compiled_loop() -> Optional[Callable]:
    """:func:`.nearest_loop.count_near_loop`, or None where numba is absent,
    broken, or finds no directory that it may keep compiled code in."""
    try:
        from .nearest_loop import count_near_loop
    except Exception:
        return None
    return count_near_loop


def _by_loop(points: Tensor, others: Tensor,
             limits: Tensor) -> Tuple[Tensor, Tensor]:
    count_near = compiled_loop()
    a, b, limits = (
        x.detach().to(torch.float32).contiguous().numpy()
        for x in (points.mT, others.mT, limits.square()))
    num_threads = torch.get_num_threads()
    chunks = [(pair[0][rows], pair[1][rows], limits)
              for pair in ((a, b), (b, a))
              for rows in _even_slices(len(a), num_threads)]
    if num_threads == 1:
        counts = [count_near(*chunk) for chunk in chunks]
    else:  # the loop runs without Python's lock
        with ThreadPoolExecutor(num_threads) as pool:
            counts = list(pool.map(lambda chunk: count_near(*chunk), chunks))
    # the loop is compiled for finite numbers
    finite = (np.isfinite(a).all((1, 2)) & np.isfinite(b).all((1, 2)))[:, None]
    middle = len(counts) // 2
    return tuple(
        torch.from_numpy(np.concatenate(part) * finite).to(points) / size
        for part, size in ((counts[:middle], a.shape[-1]),
                           (counts[middle:], b.shape[-1])))


def _even_slices(length: int, count: int) -> List[slice]:
    bounds = [length * i // count for i in range(count + 1)]
    return [slice(*pair) for pair in zip(bounds, bounds[1:])]


def _by_products(points: Tensor, others: Tensor, limits: Tensor,
                 chunk_size: int) -> Tuple[Tensor, Tensor]:
    left, right = _distance_factors(points, others)
    limits = limits.square()
    shares = []
    for a, b in zip(left.split(chunk_size), right.split(chunk_size)):
        squared = a @ b.mT
        shares.append(
            [(squared.amin(dim=dim)[..., None] < limits).to(a).mean(dim=1)
             for dim in (-1, -2)])
    return tuple(torch.cat(parts) for parts in zip(*shares))


def _distance_factors(a: Tensor, b: Tensor) -> Tuple[Tensor, Tensor]:
    """Points (N, P, 3) and (N, Q, 3) to factors (N, P, 5) and (N, Q, 5) whose
    inner products are the squared distances:
    |a - b|^2 = -2 a.b + |a|^2 + |b|^2."""
    a_squared, b_squared = (
        x.square().sum(dim=-1, keepdim=True) for x in (a, b))
    return (torch.cat((-2 * a, a_squared, torch.ones_like(a_squared)), -1),
            torch.cat((b, torch.ones_like(b_squared), b_squared), -1))
