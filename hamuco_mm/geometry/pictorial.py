"""Triangulation of a whole hand at once, by a pictorial structure.

Where most views mistake one fingertip for another, a joint by itself has to
follow them. A pictorial structure (Felzenszwalb & Huttenlocher, "Pictorial
Structures for Object Recognition", IJCV 2005; in 3D: Burenius et al., CVPR
2013, and Dong et al., "Fast and Robust Multi-Person 3D Pose Estimation from
Multiple Views", CVPR 2019) lets bones of impossible length outvote them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from .pair_triangulation import choose, over_time_steps, pair_hypotheses
from .precision import in_own_precision
from .triangulation import check_inputs, triangulate_agreeing

Bones = Sequence[tuple[int, int]]


class PictorialTriangulation(NamedTuple):
    """Result of :func:`triangulate_pictorial`.

    Attributes:
        points (Tensor): (..., J, 3) world points, metres. NaN where fewer
            than two views are valid.
        inliers (Tensor): (..., V, J) bool, the views each point rests on.
    """

    points: Tensor
    inliers: Tensor


def bone_length_limits(joints: Tensor, bones: Bones, tolerance: float = 0.25) -> Tensor:
    """Shortest and longest plausible length of each bone.

    Args:
        joints (Tensor): (J, 3) joints of a hand of mean shape, metres.
        bones (Sequence[tuple[int, int]]): (parent, child) of each of N bones.
        tolerance (float): How far lengths may differ from those of ``joints``,
            as a share: hands differ, and joints that are regressed from a
            mesh move with the pose. Defaults to 0.25.

    Returns:
        Tensor: (N, 2) metres, in the order of the bones.
    """
    parents, children = torch.as_tensor(bones).T
    lengths = (joints[parents] - joints[children]).norm(dim=-1)
    return torch.stack([(1 - tolerance) * lengths, (1 + tolerance) * lengths], -1)


@in_own_precision
def triangulate_pictorial(
    points2d: Tensor,
    projection: Tensor,
    weights: Tensor | None,
    bones: Bones,
    limits: Tensor,
    threshold: float = 10.0,
    stiffness: float = 3.0,
) -> PictorialTriangulation:
    r"""Triangulate joints together, with limits on the bones' lengths.

    The candidates for a joint are the points of all pairs of views. Dynamic
    programming over the tree finds, exactly, the combination with the largest

    .. math:: \sum_j \frac{\sum_v w_{vj} e^{-e_{vj}^2 / 2 \sigma^2}}
        {\sum_v w_{vj}} - s \sum_b \left(\frac{d_b}{l_b}\right)^2

    with the reprojection errors e in pixels, a standard deviation of half
    the threshold, and d the length in metres by which a bone exceeds its
    limits, l the middle of the two. As after RANSAC, each joint is then
    triangulated again, by weighted DLT, from the views that agree with its
    candidate.

    Args:
        points2d (Tensor): (..., V, J, 2) pixels; NaN is allowed where the
            weight is 0.
        projection (Tensor): (..., V, 3, 4) ``K [R | t]``, world (in metres)
            to pixels.
        weights (Tensor | None): (..., V, J) non-negative confidences; views
            with weight 0 take no part. None: all count the same.
        bones (Sequence[tuple[int, int]]): (parent, child) of each of N bones,
            a tree from the root outwards.
        limits (Tensor): (N, 2) metres, see :func:`bone_length_limits`.
        threshold (float): A view is an inlier when the candidate reprojects
            less than this many pixels from its label.
        stiffness (float): Weight s of the bones. Defaults to 3.

    Returns:
        PictorialTriangulation: Points and inlier mask. A joint that fewer
        than two views agree on is the DLT of all valid views, without
        inliers; one without two valid views is NaN and its bones count for
        nothing.

    Raises:
        ValueError: If the shapes do not agree, the threshold is not positive
            or the bones are no tree from the root outwards.
    """
    weights = check_inputs(points2d, projection, weights)
    if not threshold > 0:
        raise ValueError(f'threshold must be positive, got {threshold}')
    _check_tree(bones, points2d.shape[-2])
    if limits.shape != (len(bones), 2):
        raise ValueError(
            f'limits must have shape ({len(bones)}, 2) to go '
            f'with the bones, got {tuple(limits.shape)}'
        )
    limits = limits.to(points2d.device).float()

    def pictorial(points2d, projection, weights):
        inliers = _best_agreement(
            points2d, projection, weights, bones, limits, threshold, stiffness
        )
        return triangulate_agreeing(points2d, projection, weights, inliers), inliers

    return PictorialTriangulation(
        *over_time_steps(pictorial, points2d, projection, weights)
    )


def _best_agreement(
    points2d: Tensor,
    projection: Tensor,
    weights: Tensor,
    bones: Bones,
    limits: Tensor,
    threshold: float,
    stiffness: float,
) -> Tensor:
    """Inliers (B, V, J) of the best combination of candidates."""
    valid = weights > 0
    if valid.shape[-2] < 2:
        return torch.zeros_like(valid)
    hypotheses = pair_hypotheses(points2d, projection, valid)
    shares = (weights / weights.sum(-2, keepdim=True)).float()
    score = _label_scores(hypotheses.errors, shares, threshold)
    score = score.masked_fill(~hypotheses.valid, -torch.inf)
    best = best_combination(hypotheses.points, score, bones, limits, stiffness)
    agrees = valid & (choose(hypotheses.errors, best) < threshold)
    return agrees & (agrees.sum(-2, keepdim=True) >= 2)


def _check_tree(bones: Bones, num_joints: int) -> None:
    reached = {bones[0][0]} if len(bones) else set()
    for parent, child in bones:
        if parent not in reached or child in reached:
            raise ValueError(
                f'bone ({parent}, {child}): bones must be a tree, listed '
                'from the root outwards'
            )
        reached.add(child)
    if reached and max(reached) >= num_joints:
        raise ValueError(
            f'bones name joint {max(reached)}, but there are {num_joints} joints'
        )


def _label_scores(errors: Tensor, shares: Tensor, threshold: float) -> Tensor:
    """How well labels support candidates: (B, V, H, J) pixels and the views'
    shares (B, V, J) of each joint's confidence -> (B, H, J) in [0, 1]."""
    support = torch.exp(-2 * (errors / threshold) ** 2)
    # labels without weight may be NaN
    shares = shares.unsqueeze(-2)
    return torch.where(shares > 0, shares * support, 0.0).sum(-3)


def best_combination(
    points: Tensor, score: Tensor, bones: Bones, limits: Tensor, stiffness: float
) -> Tensor:
    """Candidates of the largest total score, by max-sum on the tree.

    Args:
        points (Tensor): (B, H, J, 3) candidates.
        score (Tensor): (B, H, J); minus infinity rules a candidate out.
        bones, limits, stiffness: See :func:`triangulate_pictorial`.

    Returns:
        Tensor: (B, J) number of the chosen candidate of each joint.
    """
    possible = (score > -torch.inf) & points.isfinite().all(-1)
    points = torch.where(possible[..., None], points, 0.0)
    # a joint without candidates cuts the tree: any choice is as good
    missing = ~possible.any(-2)
    score = torch.where(possible, score, -torch.inf)
    score = torch.where(missing.unsqueeze(-2), 0.0, score)
    total = score.clone()
    levels = _levels(bones)
    choices = []
    for rows, parents, children in reversed(levels):
        low, high = limits[rows, :, None, None].unbind(1)
        length = torch.cdist(
            points[:, :, parents].transpose(1, 2),
            points[:, :, children].transpose(1, 2),
            compute_mode='donot_use_mm_for_euclid_dist',
        )
        excess = length - length.clamp(low, high)
        penalty = stiffness * (2 * excess / (low + high)) ** 2
        cut = missing[:, parents] | missing[:, children]
        penalty = penalty.masked_fill(cut[..., None, None], 0.0)
        message, choice = (
            total[:, :, children].transpose(1, 2).unsqueeze(2) - penalty
        ).max(-1)
        total.index_add_(
            2, torch.tensor(parents, device=total.device), message.transpose(1, 2)
        )
        choices.append(choice)

    best = score.argmax(-2)
    if levels:
        root = levels[0][1][0]
        best[:, root] = total[:, :, root].argmax(-1)
    for (_, parents, children), choice in zip(levels, reversed(choices)):
        best[:, children] = choice.gather(2, best[:, parents, None]).squeeze(2)
    return best


def _levels(bones: Bones) -> list[tuple[list[int], list[int], list[int]]]:
    """Bones at the same distance from the root, outwards: their rows in the
    list, parents and children."""
    depth = {bones[0][0]: 0} if len(bones) else {}
    levels: list[tuple[list[int], list[int], list[int]]] = []
    for row, (parent, child) in enumerate(bones):
        depth[child] = depth[parent] + 1
        if depth[child] > len(levels):
            levels.append(([], [], []))
        for values, value in zip(levels[depth[child] - 1], (row, parent, child)):
            values.append(value)
    return levels
