"""How far each point of one set is from the nearest one of another."""
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import List, Optional, Tuple

import torch
from torch import Tensor


def nearest_squared(points: Tensor,
                    others: Tensor,
                    enough: float = 0.,
                    chunk_size: Optional[int] = None) -> Tuple[Tensor, Tensor]:
    """Squared distances to the nearest point of the other set, both ways.

    On a CPU with numba (extra ``speed``), by a compiled loop that keeps
    nothing but the minima; elsewhere from products of matrices, a few samples
    at a time.

    Args:
        points (N, P, 3): One set a sample; both near the origin, since inner
            products are exact to about a micrometre only there.
        others (N, Q, 3): The other.
        enough (float): The caller does not care how far below this a squared
            distance is: it may then be that of any point nearer than this.
            Spares about half of the search where the sets are two versions of
            one mesh. Defaults to 0: exact.
        chunk_size (int, optional): Samples compared at a time by products.
            Defaults to what stays in a CPU's cache, or what keeps a GPU busy.

    Returns:
        tuple[Tensor, Tensor]: For the points (N, P), and the others (N, Q).
    """
    if chunk_size is None and not points.is_cuda and has_compiled_loop():
        return _by_loop(points, others, enough)
    if chunk_size is None:
        chunk_size = 256 if points.is_cuda else 2
    return _by_products(points, others, chunk_size)


def has_compiled_loop() -> bool:
    """Whether numba, which compiles it, is installed."""
    return find_spec('numba') is not None


def _by_loop(points: Tensor, others: Tensor,
             enough: float) -> Tuple[Tensor, Tensor]:
    import numpy as np

    from .nearest_loop import nearest_loop
    a, b = (
        x.detach().mT.to(torch.float32).contiguous().numpy()
        for x in (points, others))
    num_threads = torch.get_num_threads()
    chunks = [(pair[0][rows], pair[1][rows])
              for pair in ((a, b), (b, a))
              for rows in _even_slices(len(a), num_threads)]
    # the loop runs without Python's lock
    with ThreadPoolExecutor(num_threads) as pool:
        parts = list(
            pool.map(lambda chunk: nearest_loop(*chunk, np.float32(enough)),
                     chunks))
    middle = len(parts) // 2
    return tuple(
        torch.from_numpy(np.concatenate(half)).to(points)
        for half in (parts[:middle], parts[middle:]))


def _even_slices(length: int, count: int) -> List[slice]:
    bounds = [length * i // count for i in range(count + 1)]
    return [slice(*pair) for pair in zip(bounds, bounds[1:])]


def _by_products(points: Tensor, others: Tensor,
                 chunk_size: int) -> Tuple[Tensor, Tensor]:
    left, right = _distance_factors(points, others)
    nearest = [(squared.amin(dim=-1), squared.amin(dim=-2)) for squared in (
        a @ b.mT
        for a, b in zip(left.split(chunk_size), right.split(chunk_size)))]
    return tuple(torch.cat(parts) for parts in zip(*nearest))


def _distance_factors(a: Tensor, b: Tensor) -> Tuple[Tensor, Tensor]:
    """Points (N, P, 3) and (N, Q, 3) to factors (N, P, 5) and (N, Q, 5) whose
    inner products are the squared distances:
    |a - b|^2 = -2 a.b + |a|^2 + |b|^2."""
    a_squared, b_squared = (
        x.square().sum(dim=-1, keepdim=True) for x in (a, b))
    return (torch.cat((-2 * a, a_squared, torch.ones_like(a_squared)), -1),
            torch.cat((b, torch.ones_like(b_squared), b_squared), -1))
