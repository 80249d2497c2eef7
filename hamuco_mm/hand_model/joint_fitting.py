"""Hands of the hand model that are nearest to joints alone."""

from typing import NamedTuple

import torch
from torch import Tensor

from ..geometry import Similarity, axis_angle_to_matrix, umeyama
from .hand_mesh import HandMesh
from .mano_layer import MANOLayer
from .topology import NUM_BETAS

_STEP_SIZE = 0.03
# Millimetres that a coefficient of the shape of 1 may cost.
_SHAPE_WEIGHT = 0.3


class JointFit(NamedTuple):
    """A person's hands in the frame of the joints, and in their unit.

    Attributes:
        rotations (Tensor): Of the 16 joints, relative to their parents, the root's in
            that frame, (T, 16, 3, 3).
        betas (Tensor): The person's shape, (10,).
        joints (Tensor): (T, 21, 3).
        vertices (Tensor): (T, 778, 3).
        error (Tensor): Mean distance of the joints, (T,).
    """

    rotations: Tensor
    betas: Tensor
    joints: Tensor
    vertices: Tensor
    error: Tensor


def fit_joints(hand: MANOLayer, joints: Tensor, num_steps: int = 200) -> JointFit:
    """Fit poses, one shape and similarities to the joints of one person's hand.

    Gradient descent (Adam) over poses and shape, with the best similarity in each
    step. Nothing keeps fingers from bending further than they can.

    Args:
        hand (MANOLayer): In float64, with the joints that are meant, see
            ``MANOLayer(joints=...)``.
        joints (Tensor): Metres in any frame and of any scale, float64 (T, 21, 3).
        num_steps (int): Of the descent.

    Returns:
        JointFit: T hands.
    """
    pose = hand.mean_pose.expand(len(joints), -1, -1).clone().requires_grad_()
    betas = joints.new_zeros(NUM_BETAS).requires_grad_()
    optimizer = torch.optim.Adam([pose, betas], lr=_STEP_SIZE)
    upright = torch.eye(3).to(joints).expand(len(joints), 1, 3, 3)

    def placed() -> tuple[Tensor, HandMesh, Similarity]:
        rotations = torch.cat([upright, axis_angle_to_matrix(pose)], 1)
        mesh = hand(rotations, betas.expand(len(joints), -1))
        return rotations, mesh, umeyama(mesh.joints.detach(), joints)

    for _ in range(num_steps):
        _, mesh, placement = placed()
        error = (placement.apply(mesh.joints) - joints).norm(dim=-1).mean()
        optimizer.zero_grad()
        (1000 * error + _SHAPE_WEIGHT * betas.square().mean()).backward()
        optimizer.step()
    with torch.no_grad():
        rotations, mesh, placement = placed()
        found = placement.apply(mesh.joints)
        return JointFit(
            torch.cat([placement.rotation[:, None], rotations[:, 1:]], 1),
            betas.detach(),
            found,
            placement.apply(mesh.vertices),
            (found - joints).norm(dim=-1).mean(-1),
        )
