"""Hands as the parameters of the hand model, as other programs of MANO have them."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ..geometry import axis_angle_to_matrix, matrix_to_axis_angle
from .hand_mesh import HandMesh
from .mano_layer import MANOLayer

#: Numbers of each parameter, by the names that smplx gives them.
PARAMETER_SIZES = dict(global_orient=3, hand_pose=45, betas=10, transl=3)


@dataclass(frozen=True, eq=False)
class HandParameters:
    """What poses, shapes and places hands, as ``smplx.MANO`` takes it with
    ``use_pca=False, flat_hand_mean=True``.

    Attributes:
        global_orient (Tensor): Rotation vector of the hand about its wrist,
            radians (..., 3).
        hand_pose (Tensor): Rotation vectors of the 15 finger joints in MANO's
            order, relative to their parents, radians (..., 45); 0 is the flat
            hand.
        betas (Tensor): Shape coefficients (..., 10).
        transl (Tensor): Added to the posed hand, metres (..., 3).
    """

    global_orient: Tensor
    hand_pose: Tensor
    betas: Tensor
    transl: Tensor

    @classmethod
    def from_rotations(
        cls, rotations: Tensor, betas: Tensor, transl: Tensor
    ) -> 'HandParameters':
        """From what :class:`MANOLayer` takes.

        Args:
            rotations (Tensor): The 16 joints', (..., 16, 3, 3).
            betas (Tensor): (..., 10).
            transl (Tensor): Metres (..., 3).
        """
        vectors = matrix_to_axis_angle(rotations)
        return cls(vectors[..., 0, :], vectors[..., 1:, :].flatten(-2), betas, transl)

    @property
    def rotations(self) -> Tensor:
        """Rotation matrices of the 16 joints, (..., 16, 3, 3)."""
        fingers = self.hand_pose.unflatten(-1, (-1, 3))
        vectors = torch.cat([self.global_orient[..., None, :], fingers], -2)
        return axis_angle_to_matrix(vectors)

    def mesh(self, hand: MANOLayer) -> HandMesh:
        """The hands that these parameters stand for.

        Args:
            hand (MANOLayer): The hand model, of the side that they are of.
        """
        posed = hand(self.rotations, self.betas)
        return posed.map(lambda points: points + self.transl[..., None, :])

    def turned(self, rotation: Tensor, hand: MANOLayer) -> 'HandParameters':
        """The same hands in another frame, ``x -> rotation x``.

        The hand turns about its wrist, whose place depends on the shape, so
        that ``transl`` changes, too.

        Args:
            rotation (Tensor): (..., 3, 3).
            hand (MANOLayer): The hand model.
        """
        wrist = hand.wrist(self.betas)
        placed = (rotation @ (wrist + self.transl)[..., None])[..., 0]
        turned = rotation @ axis_angle_to_matrix(self.global_orient)
        return HandParameters(
            matrix_to_axis_angle(turned), self.hand_pose, self.betas, placed - wrist
        )
