"""Where the 21 joints are in a mesh, by other definitions than the model's own."""

import os.path as osp
from pathlib import Path

import numpy as np

from ..utils.json_files import MalformedFileError
from ..utils.near_paths import near_path
from ..utils.npz_files import read_npz, write_npz
from .topology import HAND_JOINT_NAMES, NUM_JOINTS, NUM_VERTICES

#: Those that come with the package, for the open hand.
PACKAGED_JOINTS = ('mediapipe',)

_SHAPE = (NUM_JOINTS, NUM_VERTICES)
# Of float32 sums of 778 numbers.
_SUM_TOLERANCE = 1e-3
# Of absolute weights: more would throw joints far away in other poses.
_LARGEST_SUM = 10.0
#: Metres that definitions of a joint can be apart: detectors' are within 2 cm.
FARTHEST_DEFINITION = 0.03


def load_joint_regressor(
    joints: str, template: np.ndarray, own: np.ndarray, hand_model: str
) -> np.ndarray:
    """Weights of the vertices in each joint.

    Args:
        joints (str): One of ``PACKAGED_JOINTS``, or a file of
            :func:`save_joint_regressor`.
        template (np.ndarray): Vertices of the hand model, metres (778, 3).
        own (np.ndarray): The hand model's own joints, (21, 778).
        hand_model (str): Its name, for messages.

    Returns:
        np.ndarray: Double, (21, 778); each row has the sum 1.

    Raises:
        FileNotFoundError: If there is no such file.
        MalformedFileError: If it has no such weights.
        ValueError: If they are not for this hand model: a joint is more than
            3 cm from the hand model's own.
    """
    path = osp.expanduser(joints)
    if joints in PACKAGED_JOINTS:
        path = osp.join(osp.dirname(__file__), f'open_hand_joints_{joints}.npz')
    elif not osp.isfile(path):
        raise FileNotFoundError(
            f'joints={joints!r} is neither one of {list(PACKAGED_JOINTS)} nor a file '
            f'of tools/misc/fit_joint_regressor.py{near_path(path)}'
        )
    regressor = read_npz(path, ('J21',))['J21']
    if regressor.shape != _SHAPE or regressor.dtype.kind != 'f':
        raise MalformedFileError(
            path,
            f'J21 is {regressor.dtype} of shape {regressor.shape}, not floats of '
            f'shape {_SHAPE}',
        )
    regressor = regressor.astype(np.float64)
    # NaN is not near 1 either
    if not (abs(regressor.sum(1) - 1) < _SUM_TOLERANCE).all():
        raise MalformedFileError(
            path,
            'the rows of J21 do not have the sum 1, so that joints would not move '
            'as the mesh does',
        )
    if abs(regressor).sum(1).max() > _LARGEST_SUM:
        raise MalformedFileError(
            path, f'a row of J21 has weights of more than {_LARGEST_SUM:g} in all'
        )
    apart = np.linalg.norm((regressor - own) @ template, axis=-1)
    if apart.max() > FARTHEST_DEFINITION:
        raise ValueError(
            f'joints={joints!r} are those of another mesh than that of {hand_model}: '
            f'{HAND_JOINT_NAMES[apart.argmax()]} would be {1000 * apart.max():.0f} mm '
            'from its own. tools/misc/fit_joint_regressor.py makes a file for each '
            'hand model, see docs/hand_model.md'
        )
    return regressor


def save_joint_regressor(path: str | Path, regressor: np.ndarray) -> None:
    """Write a file for :func:`load_joint_regressor`.

    Args:
        path (str): ``.npz``.
        regressor (np.ndarray): (21, 778).

    Raises:
        OSError: If it cannot be written.
    """
    write_npz(path, dict(J21=regressor.astype(np.float32)))
