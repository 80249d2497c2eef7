from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from .hand_mesh import HandMesh
from .joint_regressors import load_joint_regressor
from .loading import HandModelData, load_hand_model
from .mirroring import mirror
from .skinning import LinearBlendSkinning
from .topology import (
    FINGERTIP_VERTICES,
    MANO_TO_HAND,
    NUM_BETAS,
    NUM_FINGERTIPS,
    NUM_ROTATIONS,
    NUM_VERTICES,
)

Fingertips = str | Sequence[int]


class MANOLayer(nn.Module):
    """Hand mesh and joints from rotations and shape (MANO).

    The forward pass is linear blend skinning on rotation matrices, with the
    vertices that smplx gives. The 21 joints are regressed from the posed
    mesh, ``P = J M`` as in HaMuCo (Sec. 3.2); they differ by some millimetres
    from those of the kinematic chain, which smplx returns.

    No array of the model is part of the module's state: checkpoints carry no
    licensed data, and load with another model file.

    Args:
        path (str, optional): Model file, see :func:`load_hand_model`. None
            means the open hand of this package.
        side (str): 'right' or 'left'. A file of the other side is mirrored
            across x = 0, so that one right-hand file serves both. Defaults
            to 'right'.
        fingertips (str or Sequence[int], optional): The vertices that stand
            for the fingertips: a key of ``FINGERTIP_VERTICES`` ('hamuco',
            'manotorch', 'smplx') or five vertex ids, thumb to pinky. None
            means those that the file brings, else 'hamuco'.
        joints (str, optional): What a detector calls the 21 joints, in place of
            the model's own: 'mediapipe', or a file of
            ``tools/misc/fit_joint_regressor.py``.

    Attributes:
        faces (Tensor): Triangles, (1538, 3).
        mean_pose (Tensor): Axis-angles of the 15 finger joints in the
            model's mean pose, (15, 3), in MANO's joint order.
        J21 (Tensor): Regressor of the 21 joints from the vertices,
            (21, 778).

    Raises:
        FileNotFoundError, pickle.UnpicklingError, ValueError: As
            :func:`load_hand_model` and :func:`load_joint_regressor`; ValueError
            also for a bad ``side`` or ``fingertips``, or both of ``fingertips``
            and ``joints``.
    """

    v_template: Tensor
    J_regressor: Tensor
    weights: Tensor
    mean_pose: Tensor
    J21: Tensor
    faces: Tensor

    def __init__(
        self,
        path: str | None = None,
        side: str = 'right',
        fingertips: Fingertips | None = None,
        joints: str | None = None,
    ) -> None:
        super().__init__()
        if side not in ('right', 'left'):
            raise ValueError(f"side is 'right' or 'left', not {side!r}")
        if fingertips is not None and joints is not None:
            raise ValueError(
                f'fingertips={fingertips!r} and joints={joints!r} both say where the '
                'fingertips are: leave one out'
            )
        data = load_hand_model(path)
        if data.side != side:
            data = mirror(data)
        self.side, self.joints = side, joints
        self.name = data.name
        self._skinning = LinearBlendSkinning(data)

        self._add_constant('v_template', data.v_template)
        self._add_constant('J_regressor', data.J_regressor)
        self._add_constant('weights', data.weights)
        self._add_constant('mean_pose', data.hands_mean.reshape(-1, 3))
        regressor = _joint_regressor(data, fingertips)
        if joints is not None:
            regressor = load_joint_regressor(
                joints, data.v_template, regressor, data.name
            )
        self._add_constant('J21', regressor)
        self.register_buffer('faces', torch.from_numpy(data.faces), persistent=False)

    def _add_constant(self, name: str, value: np.ndarray) -> None:
        tensor = torch.tensor(value, dtype=torch.get_default_dtype())
        self.register_buffer(name, tensor.contiguous(), persistent=False)

    def forward(self, rotations: Tensor, betas: Tensor) -> HandMesh:
        """Pose and shape the hand.

        Args:
            rotations (Tensor): Rotation matrices of shape (..., 16, 3, 3) in
                MANO's joint order: the wrist's is that of the whole hand,
                the others are relative to the parent joint. The identity is
                the flat hand.
            betas (Tensor): Shape coefficients of shape (..., 10). Leading
                dimensions broadcast against those of ``rotations``.

        Returns:
            HandMesh: In the model frame, in metres, not root-relative, in
            the layer's dtype.

        Raises:
            ValueError: A trailing shape is wrong.
        """
        if rotations.shape[-3:] != (NUM_ROTATIONS, 3, 3):
            raise ValueError(
                f'rotations are (..., {NUM_ROTATIONS}, 3, 3), '
                f'not {tuple(rotations.shape)}'
            )
        if betas.shape[-1:] != (NUM_BETAS,):
            raise ValueError(f'betas are (..., {NUM_BETAS}), not {tuple(betas.shape)}')
        leading = torch.broadcast_shapes(rotations.shape[:-3], betas.shape[:-1])
        if not rotations.shape[:-3] == betas.shape[:-1] == (leading.numel(),):
            rotations = rotations.expand(*leading, -1, -1, -1)
            betas = betas.expand(*leading, -1)
            mesh = self(
                rotations.reshape(-1, NUM_ROTATIONS, 3, 3), betas.reshape(-1, NUM_BETAS)
            )
            return mesh.map(lambda p: p.reshape(*leading, *p.shape[1:]))
        # Half precision would cost tenths of a millimetre.
        with torch.autocast(rotations.device.type, enabled=False):
            planes = self._skinning(
                rotations.to(self.v_template), betas.to(self.v_template)
            )
            joints = planes @ self.J21.T
            return HandMesh(planes.transpose(1, 2), joints.transpose(1, 2))

    def wrist(self, betas: Tensor) -> Tensor:
        """Where the wrist of a shape is, about which the hand turns.

        Args:
            betas (Tensor): Shape coefficients (..., 10).

        Returns:
            Tensor: (..., 3), metres in the model frame.
        """
        return self._skinning.rest_wrist(betas.to(self.v_template))

    def extra_repr(self) -> str:
        return f'name={self.name!r}, side={self.side!r}, joints={self.joints!r}'


def _joint_regressor(data: HandModelData, fingertips: Fingertips | None) -> np.ndarray:
    tips = np.eye(NUM_VERTICES)[list(_fingertip_ids(data, fingertips))]
    return np.concatenate((data.J_regressor, tips))[list(MANO_TO_HAND)]


def _fingertip_ids(data: HandModelData, fingertips: Fingertips | None) -> Sequence[int]:
    if fingertips is None and data.fingertips is not None:
        return data.fingertips.tolist()
    if fingertips is None:
        return FINGERTIP_VERTICES['hamuco']
    if isinstance(fingertips, str):
        if fingertips not in FINGERTIP_VERTICES:
            raise ValueError(
                f'fingertips {fingertips!r} is none of {sorted(FINGERTIP_VERTICES)}'
            )
        return FINGERTIP_VERTICES[fingertips]
    ids = [int(i) for i in fingertips]
    if len(ids) != NUM_FINGERTIPS or not all(0 <= i < NUM_VERTICES for i in ids):
        raise ValueError(
            f'fingertips are {NUM_FINGERTIPS} vertex ids below '
            f'{NUM_VERTICES}, not {ids}'
        )
    return ids
