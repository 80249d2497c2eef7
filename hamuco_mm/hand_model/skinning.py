"""Linear blend skinning of hands, arranged as a few large matrix products.

The formulas are MANO's (Romero et al., "Embodied Hands", SIGGRAPH Asia 2017).
General body model code makes a 4x4 matrix for each vertex and lets it act on a
homogeneous point; here the vertices are the last, contiguous dimension, so
that each step is one product with a constant matrix or one sweep over memory.
"""

import torch
from torch import Tensor, nn

from .loading import HandModelData
from .topology import NUM_ROTATIONS

# Five chains of three joints hang on the wrist (topology.MANO_PARENTS).
NUM_FINGERS = 5
JOINTS_PER_FINGER = 3


class LinearBlendSkinning(nn.Module):
    """Shape, pose correctives and skinning of a hand model.

    Args:
        data (HandModelData): The model.
    """

    template: Tensor  # (3, 778)
    blend: Tensor  # (3, K, 778)
    rest_joints: Tensor  # (48,)
    rest_joint_dirs: Tensor  # (10, 48)
    weights: Tensor  # (16, 778)

    def __init__(self, data: HandModelData) -> None:
        super().__init__()
        template = torch.from_numpy(data.v_template).double()
        shapedirs = torch.from_numpy(data.shapedirs).double()
        posedirs = torch.from_numpy(data.posedirs).double()
        regressor = torch.from_numpy(data.J_regressor).double()
        self._add_constant('template', template.T)
        # what shape and pose add to each coordinate, (3, K, 778)
        self._add_constant(
            'blend', torch.cat((shapedirs, posedirs), -1).permute(1, 2, 0)
        )
        # regressing the joints is linear in the shape
        self._add_constant('rest_joints', (regressor @ template).flatten())
        self._add_constant(
            'rest_joint_dirs',
            torch.einsum('jv,vck->kjc', regressor, shapedirs).flatten(1),
        )
        self._add_constant('weights', torch.from_numpy(data.weights).double().T)

    def _add_constant(self, name: str, value: Tensor) -> None:
        value = value.to(torch.get_default_dtype()).contiguous()
        self.register_buffer(name, value, persistent=False)

    def forward(self, rotations: Tensor, betas: Tensor) -> Tensor:
        """Deform N hands.

        Args:
            rotations (Tensor): Rotation matrices of the 16 joints relative to
                their parents, (N, 16, 3, 3).
            betas (Tensor): Shape coefficients, (N, 10).

        Returns:
            Tensor: Vertices in metres, coordinate by coordinate,
            (N, 3, 778).
        """
        eye = torch.eye(3, dtype=rotations.dtype, device=rotations.device)
        coefficients = torch.cat((betas, (rotations[:, 1:] - eye).flatten(1)), 1)
        rest_joints = torch.addmm(self.rest_joints, betas, self.rest_joint_dirs)
        *axes, moved = (
            column.flatten(0, 1) @ self.weights
            for column in _skinning_columns(
                rotations, rest_joints.unflatten(1, (NUM_ROTATIONS, 3))
            )
        )
        # a vertex moves by the weighted mean of the joints' transforms
        moved = moved.unflatten(0, (-1, 3))
        for axis, template, blend in zip(axes, self.template, self.blend):
            coordinate = torch.addmm(template, coefficients, blend)
            moved = torch.addcmul(
                moved, axis.unflatten(0, (-1, 3)), coordinate.unsqueeze(1)
            )
        return moved


def _skinning_columns(rotations: Tensor, rest_joints: Tensor) -> tuple[Tensor, ...]:
    """What moves the rest pose, joint by joint.

    All fingers go along their chains at once.

    Args:
        rotations (Tensor): Relative to the parent, (N, 16, 3, 3).
        rest_joints (Tensor): Joints of the shaped rest pose, (N, 16, 3).

    Returns:
        tuple[Tensor]: The three columns of the joints' global rotations and
        their translation, each (N, 3, 16).
    """
    shape = (NUM_FINGERS, JOINTS_PER_FINGER)
    wrist, fingers = rest_joints[:, :1], rest_joints[:, 1:].unflatten(1, shape)
    bases = wrist.unsqueeze(1).expand(-1, NUM_FINGERS, -1, -1)
    offsets = fingers - torch.cat((bases, fingers[:, :, :-1]), 2)
    # the hand turns about its wrist
    turned, placed = rotations[:, :1], wrist.unsqueeze(-1)
    all_turned, all_placed = [], []
    for rotation, offset in zip(
        rotations[:, 1:].unflatten(1, shape).unbind(2), offsets.unbind(2)
    ):
        placed = placed + turned @ offset.unsqueeze(-1)
        turned = turned @ rotation
        all_turned.append(turned)
        all_placed.append(placed)
    turned = _in_joint_order(rotations[:, :1], all_turned)
    placed = _in_joint_order(wrist.unsqueeze(-1), all_placed)
    translation = placed - turned @ rest_joints.unsqueeze(-1)
    columns = torch.cat((turned, translation), -1)
    return columns.permute(3, 0, 2, 1).contiguous().unbind(0)


def _in_joint_order(wrist: Tensor, levels: list[Tensor]) -> Tensor:
    """(N, 1, ...) and 3 of (N, 5, ...) -> (N, 16, ...)."""
    return torch.cat((wrist, torch.stack(levels, 2).flatten(1, 2)), 1)
