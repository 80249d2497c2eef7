"""The hand model: MANO or the open hand, its joints and vertices."""

from .hand_mesh import HandMesh
from .loading import HandModelData, load_hand_model
from .mano_layer import MANOLayer
from .mirroring import mirror
from .parameters import PARAMETER_SIZES, HandParameters
from .topology import (
    FINGER_NAMES,
    FINGERTIP_VERTICES,
    HAND_BONES,
    HAND_JOINT_NAMES,
    MANO_JOINT_NAMES,
    MANO_PARENTS,
    MANO_TO_HAND,
    NUM_BETAS,
    NUM_FACES,
    NUM_FINGERTIPS,
    NUM_JOINTS,
    NUM_ROTATIONS,
    NUM_VERTICES,
    ROOT_JOINT,
    WRIST_JOINT,
)

__all__ = [
    'FINGERTIP_VERTICES',
    'FINGER_NAMES',
    'HAND_BONES',
    'HAND_JOINT_NAMES',
    'MANO_JOINT_NAMES',
    'MANO_PARENTS',
    'MANO_TO_HAND',
    'NUM_BETAS',
    'NUM_FACES',
    'NUM_FINGERTIPS',
    'NUM_JOINTS',
    'NUM_ROTATIONS',
    'NUM_VERTICES',
    'PARAMETER_SIZES',
    'ROOT_JOINT',
    'WRIST_JOINT',
    'HandMesh',
    'HandModelData',
    'HandParameters',
    'MANOLayer',
    'load_hand_model',
    'mirror',
]
