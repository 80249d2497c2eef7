"""Distances to the nearest point of another set, for many pairs of sets."""
from typing import List, Tuple

import torch
from torch import Tensor

# Times that a set is halved: 16 blocks, of about 49 vertices of a hand.
_NUM_HALVINGS = 4


def nearest_distances(points: Tensor, targets: Tensor,
                      limit: float) -> Tuple[Tensor, Tensor]:
    """How far each point is from the nearest one of the other set.

    Hands are long and thin: most points are nowhere near each other. Both
    sets are cut into compact blocks, the same ones in all samples, and only
    blocks whose bounding spheres come within ``limit`` are compared. That
    leaves about a fifth of the work, and the same result up to ``limit``.

    Distances come from inner products about the targets' mean, which are
    exact to about a micrometre for a hand in metres.

    Args:
        points (Tensor): (N, P, 3).
        targets (Tensor): (N, Q, 3).
        limit (float): Distances of interest. A larger one comes out as
            something above the limit, infinity for example.

    Returns:
        tuple: Distances of the points (N, P) and of the targets (N, Q).
    """
    centre = targets.mean(-2, keepdim=True)
    points, targets = points - centre, targets - centre
    point_blocks = _compact_blocks(points)
    # points that correspond lie in the same blocks
    target_blocks = (
        point_blocks if points.shape == targets.shape else
        _compact_blocks(targets))
    near = _come_within(limit, _spheres(points, point_blocks),
                        _spheres(targets, target_blocks))

    # samples last, so that every operation runs along memory
    left = [_planes(points[:, block]) for block in point_blocks]
    right = [_planes(targets[:, block]) for block in target_blocks]
    to_target = [torch.full_like(part[0], torch.inf) for part in left]
    to_point = [torch.full_like(part[0], torch.inf) for part in right]
    for i, j in near.any(0).nonzero().tolist():
        rows = near[:, i, j].nonzero().squeeze(1)
        squared = _squared_distances(left[i][..., rows], right[j][..., rows])
        _lower(to_target[i], rows, squared.amin(1))
        _lower(to_point[j], rows, squared.amin(0))
    return (_join(to_target, point_blocks), _join(to_point, target_blocks))


def _planes(points: Tensor) -> Tensor:
    """(N, P, 3) -> x, y, z and the squared length, (4, P, N)."""
    planes = points.permute(2, 1, 0).contiguous()
    return torch.cat([planes, planes.square().sum(0, keepdim=True)])


def _squared_distances(left: Tensor, right: Tensor) -> Tensor:
    """(4, P, N) and (4, Q, N) -> (P, Q, N)."""
    left, right = left[:, :, None], right[:, None]
    result = left[3] + right[3]
    for axis in range(3):
        result.addcmul_(left[axis], right[axis], value=-2)
    return result


def _compact_blocks(points: Tensor) -> List[Tensor]:
    """Indices of blocks of neighbours, by halving the first sample along its
    longest side again and again."""
    blocks = [torch.arange(points.shape[1], device=points.device)]
    if not len(points):
        return blocks
    for _ in range(_NUM_HALVINGS):
        blocks = [
            half for block in blocks for half in _halves(points[0], block)
            if len(half)
        ]
    return blocks


def _halves(points: Tensor, block: Tensor) -> Tuple[Tensor, ...]:
    members = points[block]
    longest = (members.amax(0) - members.amin(0)).argmax()
    return block[members[:, longest].argsort()].tensor_split(2)


def _spheres(points: Tensor, blocks: List[Tensor]) -> Tuple[Tensor, Tensor]:
    """Centres (N, K, 3) and radii (N, K) of spheres around blocks."""
    parts = [points[:, block] for block in blocks]
    centres = torch.stack([part.mean(1) for part in parts], 1)
    radii = torch.stack([
        (part - centre.unsqueeze(1)).norm(dim=-1).amax(1)
        for part, centre in zip(parts, centres.unbind(1))
    ], 1)
    return centres, radii


def _come_within(limit: float, spheres, other_spheres) -> Tensor:
    """Which pairs of blocks may hold points within the limit, (N, K, L)."""
    (centres, radii), (other_centres, other_radii) = spheres, other_spheres
    gap = (centres[:, :, None] - other_centres[:, None]).norm(dim=-1)
    reach = radii[:, :, None] + other_radii[:, None] + limit
    # rounding must not decide
    return gap <= reach * (1 + 1e-4)


def _lower(lowest: Tensor, rows: Tensor, values: Tensor) -> None:
    """Lower what is known of some samples, (P, N) and (P, n)."""
    lowest[:, rows] = torch.minimum(lowest[:, rows], values)


def _join(squared: List[Tensor], blocks: List[Tensor]) -> Tensor:
    """Distances in the points' own order, (N, P)."""
    joined = torch.cat(squared)
    result = torch.empty_like(joined)
    result[torch.cat(blocks)] = joined
    return result.clamp(min=0).sqrt().T
