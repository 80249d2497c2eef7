"""Least squares that a wrong measurement hardly moves."""

from collections.abc import Callable
from typing import TypeVar

from torch import Tensor

Solution = TypeVar('Solution')


def reweighted(
    solve: Callable[[Tensor], Solution],
    distance: Callable[[Solution], Tensor],
    weights: Tensor,
    near: float,
    num_reweightings: int,
) -> Solution:
    """Iteratively reweighted least squares.

    Each measurement counts by the inverse of its distance from the last
    solution, so that the sum of distances becomes least rather than that of
    their squares (Weiszfeld's algorithm; Aftab & Hartley, "Convergence of
    iteratively re-weighted least squares to robust M-estimators", WACV 2015).

    Args:
        solve (Callable): The least-squares solution for given weights.
        distance (Callable): Distance of each measurement from a solution, in
            the shape of the weights.
        weights (Tensor): Non-negative, of the first solution, any shape.
        near (float): Distance below which all measurements count about the
            same.
        num_reweightings (int): How often; 0 gives the least-squares solution.

    Returns:
        What ``solve`` returned last.
    """
    solution = solve(weights)
    for _ in range(num_reweightings):
        solution = solve(weights / (distance(solution) + near))
    return solution
