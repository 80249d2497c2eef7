"""Robust means of rotations, and rotations of cameras from those of pairs.

Hartley, Trumpf, Dai & Li, "Rotation Averaging", IJCV 2013, describes the
problems and their robust L1 forms; both are solved here by iteratively
reweighted least squares on the chordal distance.
"""

import torch
from torch import Tensor

from .precision import in_own_precision
from .reweighting import reweighted
from .rotations import matrix_to_axis_angle
from .similarity import procrustes_rotation

# Chordal distance, about radians times 1.4, below which rotations count as
# equal when weights follow from distances.
_NEAR_CHORD = 1e-3


@in_own_precision
def rotation_angle(first: Tensor, second: Tensor) -> Tensor:
    """Geodesic distance of rotations (..., 3, 3) in radians, (...,).

    Exact for small angles too, where the arc cosine of the trace is not, and
    with finite gradients from 0 to pi.
    """
    return matrix_to_axis_angle(first.transpose(-1, -2) @ second).norm(dim=-1)


def nearest_rotation(matrix: Tensor) -> Tensor:
    """The rotation nearest to each matrix (..., 3, 3), Frobenius norm."""
    return procrustes_rotation(matrix.transpose(-1, -2))


@in_own_precision
def average_rotations(
    rotations: Tensor, weights: Tensor | None = None, num_iterations: int = 30
) -> Tensor:
    """Robust mean: the least sum of distances rather than of their squares.

    Args:
        rotations (Tensor): (..., N, 3, 3). Entries without weight may hold
            anything finite.
        weights (Tensor, optional): Non-negative (..., N). Defaults to ones.
        num_iterations (int): Reweightings; 0 gives the least-squares mean.

    Returns:
        Tensor: (..., 3, 3); where all weights are 0, some rotation.
    """
    if weights is None:
        weights = rotations.new_ones(rotations.shape[:-2])
    return reweighted(
        lambda current: nearest_rotation(
            (current[..., None, None] * rotations).sum(-3)
        ),
        lambda mean: _chord(rotations, mean[..., None, :, :]),
        weights,
        _NEAR_CHORD,
        num_iterations,
    )


@in_own_precision
def synchronize_rotations(
    relative: Tensor, weights: Tensor, num_iterations: int = 20
) -> Tensor:
    """Rotations of V cameras from those between pairs.

    The leading eigenvectors of the matrix of all blocks solve the problem in
    the least-squares sense (Arie-Nachimson et al., "Global motion estimation
    from point matches", 3DIMPVT 2012); reweighting by the residuals lets
    consistent pairs outvote a wrong one.

    Args:
        relative (Tensor): Rotations from camera j to camera i, (V, V, 3, 3)
            with ``relative[j, i]`` the transpose of ``relative[i, j]``.
        weights (Tensor): Non-negative and symmetric (V, V); 0 for pairs
            without a rotation. The diagonal does not count.
        num_iterations (int): Reweightings; 0 for least squares alone.

    Returns:
        Tensor: Rotations into each camera from the frame of the first one,
        (V, 3, 3); the first is the identity.

    Raises:
        ValueError: If a camera is not connected with the first one.
    """
    num_views = len(relative)
    itself = torch.eye(num_views, dtype=torch.bool, device=relative.device)
    weights = weights.masked_fill(itself, 0)
    _check_connected(weights > 0)

    def between_cameras(current: Tensor) -> Tensor:
        rotations = _leading_rotations(relative, current)
        return rotations[:, None] @ rotations.transpose(-1, -2)

    return reweighted(
        between_cameras,
        lambda between: _chord(relative, between),
        weights,
        _NEAR_CHORD,
        num_iterations,
    )[:, 0]


def _chord(first: Tensor, second: Tensor) -> Tensor:
    """Chordal distance of rotations (..., 3, 3), (...,)."""
    return torch.linalg.vector_norm(first - second, dim=(-2, -1))


def _leading_rotations(relative: Tensor, weights: Tensor) -> Tensor:
    num_views = len(relative)
    root = weights.sum(1).rsqrt()
    scaled = weights * root[:, None] * root
    matrix = (
        (scaled[..., None, None] * relative)
        .transpose(1, 2)
        .reshape(3 * num_views, 3 * num_views)
    )
    # ascending: the last three belong to the largest eigenvalues
    blocks = torch.linalg.eigh(matrix).eigenvectors[:, -3:].view(-1, 3, 3)
    # the basis of an eigenspace may be left-handed
    if torch.linalg.det(blocks).sum() < 0:
        blocks = -blocks
    return nearest_rotation(blocks)


def _check_connected(linked: Tensor) -> None:
    num_views = len(linked)
    reached = torch.eye(num_views, dtype=torch.bool, device=linked.device)[0]
    for _ in range(num_views):
        reached = reached | linked[reached].any(0)
    if not reached.all():
        lonely = (~reached).nonzero().flatten().tolist()
        raise ValueError(
            f'cameras {lonely} (counted from 0) share too few '
            'time steps with the others'
        )
