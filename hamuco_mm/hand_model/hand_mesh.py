from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .topology import ROOT_JOINT


@dataclass(frozen=True, eq=False)
class HandMesh:
    """Surface and joints of hands, in one frame.

    Attributes:
        vertices (Tensor): Vertices of shape (..., 778, 3), in metres.
        joints (Tensor): Joints of shape (..., 21, 3), in metres, in the
            order of :data:`~hamuco_mm.hand_model.HAND_JOINT_NAMES`.
    """

    vertices: Tensor
    joints: Tensor

    @property
    def points(self) -> Tensor:
        """One tensor of shape (..., 799, 3), vertices before joints."""
        # the hand model computes coordinate by coordinate: so it is in memory
        planes = (points.transpose(-1, -2) for points in (self.vertices, self.joints))
        return torch.cat(tuple(planes), dim=-1).transpose(-1, -2)

    def root_relative(self, root: int = ROOT_JOINT) -> 'HandMesh':
        """The same mesh with joint ``root`` moved to the origin."""
        origin = self.joints[..., root : root + 1, :]
        return self.map(lambda points: points - origin)

    def map(self, fn: Callable[[Tensor], Tensor]) -> 'HandMesh':
        """Apply ``fn`` to the vertices and to the joints."""
        return HandMesh(fn(self.vertices), fn(self.joints))
