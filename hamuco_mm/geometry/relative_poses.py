"""Relative camera poses from hands that were predicted view by view.

Each view's network sees the hand on its own; where several views see the same
hand, the rotations between their predictions are those between the cameras.
One time step gives them roughly, many together precisely. The hand's known size
gives its distance, and with it the translations in metres. All functions are
batched over the time steps. Beyond the paper, which aligns uncalibrated views
one time step at a time.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from .hand_translation import fit_centres, fit_translations
from .pose_bundle import Bundle, refine_bundle, reprojection
from .precision import in_own_precision
from .resection import resect_cameras
from .reweighting import reweighted
from .rotation_averaging import average_rotations, rotation_angle, synchronize_rotations
from .similarity import procrustes_rotation

# Two cameras must share this many time steps: a median of fewer means little.
MIN_TIME_STEPS = 3
_REWEIGHTINGS = 9
# Metres below which hands (all joints together) count as equal.
_NEAR_METRES = 1e-4
_RESTARTS = 2


@dataclass(frozen=True, eq=False)
class RigEstimate:
    """Cameras of a rig, in the frame of the first, and how certain they are.

    Attributes:
        R_world2cam (Tensor): (V, 3, 3); the identity for the first camera.
        t_world2cam (Tensor): (V, 3) metres; 0 for the first camera.
        joints_world (Tensor): The hand (T, J, 3) in metres; NaN in time steps
            that fewer than two cameras see.
        rotation_spread (Tensor): (V,) radians: median angle between a
            camera's rotations to the others in single time steps and the
            estimate. It shows errors that differ between time steps or
            cameras, not those that all share.
        reprojection_error (Tensor): (V,) median distance of the joints from
            the camera's keypoints, pixels.
        num_time_steps (Tensor): (V,) time steps that each camera shares with
            another one.
    """

    R_world2cam: Tensor
    t_world2cam: Tensor
    joints_world: Tensor
    rotation_spread: Tensor
    reprojection_error: Tensor
    num_time_steps: Tensor


@in_own_precision
def estimate_relative_poses(
    joints: Tensor,
    keypoints: Tensor,
    K: Tensor,
    present: Tensor | None = None,
    weights: Tensor | None = None,
    refine: bool = True,
) -> RigEstimate:
    """Poses of cameras that stand still and see a moving hand.

    1. Procrustes rotations between all pairs of views of a time step;
    2. their robust mean over the time steps;
    3. one rotation per camera from the pairs;
    4. the hand of each time step, as the views agree on it;
    5. its place in each camera from its size and the 2D keypoints, and the
       translations that join them, both linear;
    6. a bundle adjustment on the 2D keypoints; a camera that fits better at
       another pose, found from the joints of the others, restarts there.

    Two cameras work, three or more can outvote a wrong one.

    Args:
        joints (Tensor): Predicted joints in each camera's frame, any origin,
            (T, V, J, 3) metres.
        keypoints (Tensor): The same joints in the images without lens
            distortion, (T, V, J, 2) pixels: predicted with them or, better
            where it is unbiased, by another detector.
        K (Tensor): Intrinsics, (V, 3, 3) or (T, V, 3, 3), pixels.
        present (Tensor, optional): Which camera has a prediction, bool
            (T, V). What stands elsewhere is ignored. Defaults to all.
        weights (Tensor, optional): Confidence of each keypoint, (T, V, J),
            0 for missing. Defaults to ones.
        refine (bool): Whether to do the last step.

    Returns:
        RigEstimate: In double precision.

    Raises:
        ValueError: For fewer than two cameras, or when a camera shares fewer
            than :data:`MIN_TIME_STEPS` time steps with the others.
    """
    if present is None:
        present = torch.ones(joints.shape[:2], dtype=torch.bool, device=joints.device)
    if weights is None:
        weights = torch.ones_like(keypoints[..., 0])
    seen, present, joints, keypoints, weights, K = _prepare(
        joints, keypoints, weights, K, present
    )

    pairs = pairwise_rotations(joints)
    itself = torch.eye(present.shape[1], dtype=torch.bool)
    shared = present[:, :, None] & present[:, None] & ~itself.to(present)
    relative = average_rotations(
        pairs.permute(1, 2, 0, 3, 4), shared.permute(1, 2, 0).to(joints)
    )
    try:
        R = synchronize_rotations(relative, _pair_weights(pairs, relative, shared))
    except ValueError as error:
        raise ValueError(f'{error}; at least {MIN_TIME_STEPS} are needed') from error

    hands = agreed_hands(joints, R, present)
    centres, information = fit_centres(
        hands[:, None] @ R.transpose(-1, -2), _rays(keypoints, K), weights
    )
    t, places = fit_translations(R, centres, information)
    bundle = Bundle(R, t, hands + places[:, None])

    if refine:
        scaled = weights * _pixel_weights(bundle, K, present)[..., None]
        bundle = refine_bundle(bundle, hands, keypoints, scaled, K)
        for _ in range(_RESTARTS):
            placed = resect_cameras(bundle, keypoints, scaled, K)
            if placed is bundle:
                break
            bundle = refine_bundle(placed, hands, keypoints, scaled, K)
    pixels, _ = reprojection(bundle, K)
    distance = (pixels - keypoints).norm(dim=-1)
    distance = distance.masked_fill(weights <= 0, torch.nan)
    joints_world = joints.new_full((len(seen), *joints.shape[2:]), torch.nan)
    joints_world[seen] = bundle.points
    return RigEstimate(
        R_world2cam=bundle.R_world2cam,
        t_world2cam=bundle.t_world2cam,
        joints_world=joints_world,
        rotation_spread=_rotation_spread(pairs, bundle.R_world2cam, shared),
        reprojection_error=distance.transpose(0, 1).flatten(1).nanmedian(1).values,
        num_time_steps=present.sum(0),
    )


@in_own_precision
def pairwise_rotations(joints: Tensor) -> Tensor:
    """Procrustes rotations from view j to view i of each time step.

    Args:
        joints (Tensor): (..., V, J, 3), each view in its own frame.

    Returns:
        Tensor: (..., V_i, V_j, 3, 3).
    """
    centred = joints - joints.mean(-2, keepdim=True)
    source, target = centred[..., None, :, :, :], centred[..., None, :, :]
    return procrustes_rotation(source.transpose(-1, -2) @ target)


@in_own_precision
def agreed_hands(joints: Tensor, R_world2cam: Tensor, present: Tensor) -> Tensor:
    """The hand of each time step in the world's directions, at the origin:
    the geometric median of the views' hands.

    Args:
        joints (Tensor): (T, V, J, 3).
        R_world2cam (Tensor): (V, 3, 3).
        present (Tensor): bool (T, V), at least one in each time step.

    Returns:
        Tensor: (T, J, 3), centred.
    """
    turned = (joints - joints.mean(-2, keepdim=True)) @ R_world2cam

    def mean(weights: Tensor) -> Tensor:
        return (weights * turned).sum(1, keepdim=True) / weights.sum(1, keepdim=True)

    def distance(hand: Tensor) -> Tensor:
        return torch.linalg.vector_norm(turned - hand, dim=(-2, -1), keepdim=True)

    weights = present.to(joints)[..., None, None]
    return reweighted(mean, distance, weights, _NEAR_METRES, _REWEIGHTINGS)[:, 0]


def _prepare(joints, keypoints, weights, K, present):
    """Double precision, and the time steps that two or more cameras see."""
    if joints.shape[1] < 2:
        raise ValueError(
            f'relative poses need at least two cameras, got {joints.shape[1]}'
        )
    located = keypoints.isfinite().all(-1) & (weights > 0)
    # a hand without any keypoint says nothing about its place
    present = present & joints.isfinite().all(-1).all(-1) & located.any(-1)
    seen = present.sum(1) >= 2
    if seen.sum() < MIN_TIME_STEPS:
        raise ValueError(
            f'only {int(seen.sum())} of {len(joints)} time steps are seen by '
            f'two cameras or more; at least {MIN_TIME_STEPS} are needed'
        )
    present, located = present[seen], located[seen]
    located = located & present[..., None]
    known = present[..., None, None]
    K = K.double().expand(*joints.shape[:2], 3, 3)[seen]
    return (
        seen,
        present,
        torch.where(known, joints[seen].double(), 0),
        torch.where(located[..., None], keypoints[seen].double(), 0),
        torch.where(located, weights[seen].double(), 0),
        torch.where(known, K, torch.eye(3).to(K)),
    )


def _pair_weights(pairs: Tensor, relative: Tensor, shared: Tensor) -> Tensor:
    """More for pairs with many time steps that agree, (V, V)."""
    angle = rotation_angle(pairs, relative)
    spread = angle.masked_fill(~shared, torch.nan).nanmedian(0).values
    number = shared.sum(0)
    return torch.where(number >= MIN_TIME_STEPS, number / (spread + 0.01), 0)


def _rotation_spread(pairs: Tensor, R: Tensor, shared: Tensor) -> Tensor:
    angle = rotation_angle(pairs, R[:, None] @ R.transpose(-1, -2))
    angle = angle.masked_fill(~shared, torch.nan)
    return angle.transpose(0, 1).flatten(1).nanmedian(1).values


def _rays(keypoints: Tensor, K: Tensor) -> Tensor:
    """Pixels (T, V, J, 2) without intrinsics."""
    homogeneous = torch.cat([keypoints, torch.ones_like(keypoints[..., :1])], -1)
    rays = homogeneous @ torch.linalg.inv(K).transpose(-1, -2)
    return rays[..., :2] / rays[..., 2:]


def _pixel_weights(bundle: Bundle, K: Tensor, present: Tensor) -> Tensor:
    """Weights (T, V) by which a pixel counts for the metres it stands for:
    cameras may be near or far, with many pixels or few."""
    depth = reprojection(bundle, K)[1].mean(-1).clamp(min=1e-3)
    density = K[..., 0, 0] * K[..., 1, 1] / depth.square()
    return present * density[present].median() / density
