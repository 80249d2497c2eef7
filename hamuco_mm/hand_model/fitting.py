"""The hand of the hand model that is nearest to a mesh."""

import copy
from typing import NamedTuple

import torch
from torch import Tensor

from ..geometry import axis_angle_to_matrix, procrustes_rotation
from .mano_layer import MANOLayer
from .parameters import HandParameters
from .topology import NUM_BETAS, NUM_ROTATIONS

_NUM_ANGLES = 3 * NUM_ROTATIONS
_NUM_UNKNOWNS = _NUM_ANGLES + NUM_BETAS + 3
# Levenberg-Marquardt: from this damping on, relative to the diagonal, divided or
# multiplied by the factor after a step that helps or does not.
_FIRST_DAMPING, _FACTOR = 1e-3, 10.0
# What an unknown does to all vertices, metres by radian or unit of shape. Rounding makes
# less of a direction of the shape that a model lacks, with zeros in its place.
_NO_EFFECT = 1e-6
_MAX_STEPS = 60
# Radians, metres, units of shape.
_TINY = 1e-7
# Metres; a step that changes less than this is the last.
_CONVERGED = 1e-8


class HandFit(NamedTuple):
    """Hands of the hand model, and how far they are from the meshes.

    Attributes:
        hands (HandParameters): N hands, float64.
        error (Tensor): Mean distance of the vertices, metres (N,).
    """

    hands: HandParameters
    error: Tensor


@torch.no_grad()
def fit_hands(hand: MANOLayer, vertices: Tensor) -> HandFit:
    """Parameters of the nearest hands, by least squares over all vertices.

    A mesh that the model has made is found again. A mean of several is no mesh
    of the model; what differs is told. The method is Levenberg and Marquardt's,
    from the mean hand, turned to the mesh.

    Args:
        hand (MANOLayer): The hand model, of the side that the hands are of.
        vertices (Tensor): Metres in any frame, (N, 778, 3).

    Returns:
        HandFit: With a rotation vector of at most pi for each joint.

    Raises:
        ValueError: If a vertex is not finite.
    """
    if not vertices.isfinite().all():
        raise ValueError('the vertices of a hand are not finite')
    layer = copy.deepcopy(hand).double()  # whose steps do not end at float32's rounding
    fits = [_fit(layer, mesh) for mesh in vertices.double()]
    rotations, betas, transl, error = (torch.stack(x) for x in zip(*fits))
    return HandFit(HandParameters.from_rotations(rotations, betas, transl), error)


def _start(hand: MANOLayer, mesh: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The mean hand, placed on the mesh."""
    flat = torch.zeros(1, 3).double()
    rotations = axis_angle_to_matrix(torch.cat([flat, hand.mean_pose]))
    betas = torch.zeros(NUM_BETAS).double()
    mean = hand(rotations, betas).vertices
    covariance = (mean - mean.mean(0)).mT @ (mesh - mesh.mean(0))
    rotations[0] = procrustes_rotation(covariance)
    turned = hand(rotations, betas).vertices
    return rotations, betas, mesh.mean(0) - turned.mean(0)


def _fit(hand: MANOLayer, mesh: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    rotations, betas, transl = _start(hand, mesh)

    def moved(steps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        turns, shape, shift = steps.split([_NUM_ANGLES, NUM_BETAS, 3], -1)
        turned = rotations @ axis_angle_to_matrix(turns.unflatten(-1, (-1, 3)))
        return turned, betas + shape, transl + shift

    def residual(steps: Tensor) -> Tensor:
        turned, shape, shift = moved(steps)
        return (hand(turned, shape).vertices + shift[..., None, :] - mesh).flatten(-2)

    def jacobian_at(off: Tensor) -> Tensor:
        # by differences, of all unknowns at once: in float64 they are as good
        columns = ((residual(_TINY * identity) - off) / _TINY).mT
        return columns * (columns.norm(dim=0) > _NO_EFFECT)

    identity = torch.eye(_NUM_UNKNOWNS).double()
    off = residual(0 * identity[0])
    jacobian, damping = jacobian_at(off), _FIRST_DAMPING
    for _ in range(_MAX_STEPS):
        normal = jacobian.mT @ jacobian
        diagonal = normal.diagonal()
        # what has no effect stays as it is
        damped = normal + torch.where(diagonal > 0, damping * diagonal, 1.0).diag()
        step = torch.linalg.solve(damped, -jacobian.mT @ off)
        tried = residual(step)
        if tried.square().sum() < off.square().sum():
            rotations, betas, transl = moved(step)
            change = (tried - off).abs().max()
            off, damping = tried, damping / _FACTOR
            if change < _CONVERGED:
                break
            jacobian = jacobian_at(off)
        else:
            damping *= _FACTOR
    error = off.unflatten(0, (-1, 3)).norm(dim=-1).mean()
    return rotations, betas, transl, error
