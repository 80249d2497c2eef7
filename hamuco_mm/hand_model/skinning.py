"""Linear blend skinning of hands, arranged as a few large matrix products.

The formulas are MANO's (Romero et al., "Embodied Hands", SIGGRAPH Asia 2017).
General body model code makes a 4x4 matrix for each vertex and lets it act on a
homogeneous point; here the vertices are the last, contiguous dimension, so
that each step is one product with a constant matrix or one sweep over memory.
"""

import torch
from torch import Tensor, nn

from .loading import HandModelData
from .topology import NUM_ROTATIONS, NUM_VERTICES

# Five chains of three joints hang on the wrist (topology.MANO_PARENTS).
NUM_FINGERS = 5
JOINTS_PER_FINGER = 3


class LinearBlendSkinning(nn.Module):
    """Shape, pose correctives and skinning of a hand model.

    Every joint's transform is a rotation about its place in the rest pose, so
    that the product along a chain is the skinning transform itself.

    Args:
        data (HandModelData): The model.
    """

    template: Tensor  # (4 * 778,)
    blend: Tensor  # (10 + 144, 4 * 778)
    rest_joints: Tensor  # (48,)
    rest_joint_dirs: Tensor  # (10, 48)
    weights: Tensor  # (20, 778)
    chains: Tensor  # (20,)
    last_row: Tensor  # (1, 4)

    def __init__(self, data: HandModelData) -> None:
        super().__init__()
        template = torch.from_numpy(data.v_template).double()
        shapedirs = torch.from_numpy(data.shapedirs).double()
        posedirs = torch.from_numpy(data.posedirs).double()
        regressor = torch.from_numpy(data.J_regressor).double()
        # Correctives are linear in the fingers' rotations minus the identity;
        # the wrist's rotation corrects nothing.
        rotated = torch.cat((posedirs.new_zeros(*posedirs.shape[:2], 9), posedirs), -1)
        identity = torch.eye(3).double().repeat(NUM_ROTATIONS, 1, 1).flatten()
        ones = torch.ones(1, len(template)).double()
        self._add_constant(
            'template', torch.cat(((template - rotated @ identity).T, ones)).flatten()
        )
        blend = torch.cat((shapedirs, rotated), -1).permute(2, 1, 0)
        blend = nn.functional.pad(blend, (0, 0, 0, 1))  # the ones stay
        self._add_constant('blend', blend.flatten(1))
        # regressing the joints is linear in the shape
        self._add_constant('rest_joints', (regressor @ template).flatten())
        self._add_constant(
            'rest_joint_dirs',
            torch.einsum('jv,vck->kjc', regressor, shapedirs).flatten(1),
        )
        # The wrist begins each finger's chain; the first one stands for it.
        self.register_buffer('chains', _chains(), persistent=False)
        weights = torch.from_numpy(data.weights).double().T[self.chains]
        weights[1:NUM_FINGERS] = 0
        self._add_constant('weights', weights)
        self._add_constant('last_row', torch.eye(4)[3:])

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
        coefficients = torch.cat((betas, rotations.flatten(1)), 1)
        rest = torch.addmm(self.template, coefficients, self.blend)
        joints = torch.addmm(self.rest_joints, betas, self.rest_joint_dirs)
        transforms = self._transforms(rotations.flatten(0, 1), joints.view(-1, 3, 1))
        # a vertex moves by the weighted mean of the joints' transforms
        moving = (transforms.t() @ self.weights).view(len(betas), 3, 4, NUM_VERTICES)
        return (moving * rest.view(len(betas), 1, 4, NUM_VERTICES)).sum(2)

    def rest_wrist(self, betas: Tensor) -> Tensor:
        """The first joint of the shaped rest pose.

        Args:
            betas (Tensor): Shape coefficients, (..., 10).

        Returns:
            Tensor: Metres (..., 3).
        """
        return self.rest_joints[:3] + betas @ self.rest_joint_dirs[:, :3]

    def _transforms(self, rotations: Tensor, joints: Tensor) -> Tensor:
        """What moves the rest pose, joint by joint.

        All fingers go along their chains at once.

        Args:
            rotations (Tensor): Relative to the parent, (N * 16, 3, 3).
            joints (Tensor): Joints of the shaped rest pose, (N * 16, 3, 1).

        Returns:
            Tensor: The upper rows of the transforms in the order of
            ``chains``, (20, N * 12).
        """
        translations = torch.baddbmm(joints, rotations, joints, alpha=-1)
        last_row = self.last_row.expand(len(rotations), 1, 4)
        local = torch.cat((torch.cat((rotations, translations), 2), last_row), 1)
        local = local.unflatten(0, (-1, NUM_ROTATIONS)).transpose(0, 1)
        links = local.index_select(0, self.chains)
        wrist, *links = links.view(1 + JOINTS_PER_FINGER, -1, 4, 4).unbind()
        placed = [wrist[:, :3]]
        for link in links:
            placed.append(torch.bmm(placed[-1], link))
        return torch.cat(placed).view(len(self.chains), -1)


def _chains() -> Tensor:
    """Joints by depth: the wrist and the fingers' three, finger by finger, (20,)."""
    joints = torch.arange(1, NUM_ROTATIONS).view(NUM_FINGERS, JOINTS_PER_FINGER)
    return torch.cat((torch.zeros(NUM_FINGERS, dtype=torch.long), joints.T.flatten()))
