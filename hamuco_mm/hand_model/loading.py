import os.path as osp
from dataclasses import dataclass

import numpy as np

from ..utils.npz_files import read_npz
from .pickled_arrays import load_pickled_arrays
from .topology import (
    MANO_PARENTS,
    NUM_BETAS,
    NUM_FACES,
    NUM_FINGERTIPS,
    NUM_ROTATIONS,
    NUM_VERTICES,
)

OPEN_HAND = osp.join(osp.dirname(__file__), 'open_hand_right.npz')

_NUM_FINGER_PARAMS = 3 * (NUM_ROTATIONS - 1)
_FLOAT_SHAPES = dict(
    v_template=(NUM_VERTICES, 3),
    weights=(NUM_VERTICES, NUM_ROTATIONS),
    shapedirs=(NUM_VERTICES, 3, NUM_BETAS),
    posedirs=(NUM_VERTICES, 3, 9 * (NUM_ROTATIONS - 1)),
    J_regressor=(NUM_ROTATIONS, NUM_VERTICES),
    hands_mean=(_NUM_FINGER_PARAMS,),
    hands_components=(_NUM_FINGER_PARAMS, _NUM_FINGER_PARAMS),
)
# Posing the hand does not need them: files may lack them.
_DEFAULTS = dict(hands_components=np.eye(_NUM_FINGER_PARAMS))
_INDEX_SHAPES = dict(f=(NUM_FACES, 3), kintree_table=(2, NUM_ROTATIONS))


@dataclass(frozen=True, eq=False)
class HandModelData:
    """The arrays of a hand model in MANO's format, lengths in metres.

    Attributes:
        v_template (np.ndarray): Vertices of the flat mean hand, (778, 3).
        faces (np.ndarray): Vertex ids of the triangles, (1538, 3).
        weights (np.ndarray): Skinning weights, (778, 16).
        shapedirs (np.ndarray): Displacement per unit of beta, (778, 3, 10).
        posedirs (np.ndarray): Displacement per entry of the 15 finger
            rotation matrices minus identity, (778, 3, 135).
        J_regressor (np.ndarray): Joints from vertices, dense, (16, 778).
        parents (np.ndarray): Parent of each joint, -1 for the wrist, (16,).
        hands_mean (np.ndarray): Mean finger pose, axis-angle, (45,).
        hands_components (np.ndarray): Principal directions of the finger
            pose, one per row, (45, 45); the identity where the file has none.
        fingertips (np.ndarray, optional): Vertex ids of the five fingertips,
            thumb to pinky, where the file brings its own, else None.
        name (str): File name without its extension.
    """

    v_template: np.ndarray
    faces: np.ndarray
    weights: np.ndarray
    shapedirs: np.ndarray
    posedirs: np.ndarray
    J_regressor: np.ndarray
    parents: np.ndarray
    hands_mean: np.ndarray
    hands_components: np.ndarray
    fingertips: np.ndarray | None
    name: str

    @property
    def side(self) -> str:
        """Which hand it is, ``'right'`` or ``'left'``.

        MANO files do not say, but in their model frame the fingers of the
        right hand point to -x and those of the left hand to +x.
        """
        joints_x = self.J_regressor @ self.v_template[:, 0]
        knuckles = [j for j, p in enumerate(MANO_PARENTS) if p == 0]
        return 'right' if joints_x[knuckles].mean() < joints_x[0] else 'left'

    def mano_arrays(self) -> dict[str, np.ndarray]:
        """The arrays under the keys of MANO's files."""
        arrays = {key: getattr(self, key) for key in _FLOAT_SHAPES}
        return dict(
            arrays,
            f=self.faces,
            kintree_table=np.stack([self.parents, np.arange(NUM_ROTATIONS)]),
        )


def load_hand_model(path: str | None = None) -> HandModelData:
    """Load a hand model in MANO's format: a .pkl or .npz file, as data.

    Args:
        path (str, optional): MANO_RIGHT.pkl, MANO_LEFT.pkl or a .npz with
            the same keys. None means the open hand of this package.

    Returns:
        HandModelData: The checked arrays, double precision.

    Raises:
        FileNotFoundError: There is no such file.
        pickle.UnpicklingError: The pickle asks for more than arrays.
        ValueError: The file is damaged, of another type, or its arrays are
            missing or of the wrong shape.
    """
    path = osp.expanduser(OPEN_HAND if path is None else str(path))
    arrays = {**_DEFAULTS, **_read_arrays(path)}
    floats = {
        key: _take(arrays, key, shape, path).astype(np.float64)
        for key, shape in _FLOAT_SHAPES.items()
    }
    for key, value in floats.items():
        if not np.isfinite(value).all():
            raise ValueError(f'{path}: {key} holds values that are not finite')
    faces, kintree = [
        _take(arrays, key, shape, path).astype(np.int64)
        for key, shape in _INDEX_SHAPES.items()
    ]
    _check_vertex_ids(faces, 'f', path)
    parents = kintree[0].copy()
    parents[0] = -1  # files hold 2**32 - 1
    if tuple(parents) != MANO_PARENTS:
        raise ValueError(
            f"{path}: kintree_table is not MANO's: parents are "
            f'{parents.tolist()}, expected {list(MANO_PARENTS)}'
        )
    fingertips = None
    if 'tip_ids' in arrays:
        fingertips = _take(arrays, 'tip_ids', (NUM_FINGERTIPS,), path).astype(np.int64)
        _check_vertex_ids(fingertips, 'tip_ids', path)
    return HandModelData(
        **floats,
        faces=faces,
        parents=parents,
        fingertips=fingertips,
        name=osp.splitext(osp.basename(path))[0],
    )


def _read_arrays(path: str) -> dict[str, np.ndarray]:
    if not osp.isfile(path):
        raise FileNotFoundError(
            f'{path}: no such hand model file. MANO may not be redistributed: '
            'download it from https://mano.is.tue.mpg.de and set '
            'hand_model=dict(path=...) to its MANO_RIGHT.pkl, or leave path '
            'out for the open hand that comes with this package.'
        )
    extension = osp.splitext(path)[1].lower()
    if extension == '.npz':
        return read_npz(path)
    if extension in ('.pkl', '.pickle'):
        return load_pickled_arrays(path)
    raise ValueError(f'{path}: a hand model is a .pkl or a .npz file')


def _take(
    arrays: dict[str, np.ndarray], key: str, shape: tuple, path: str
) -> np.ndarray:
    if key not in arrays:
        raise ValueError(
            f'{path}: lacks {key}, so it is no hand model in '
            f"MANO's format. It holds {sorted(arrays)}."
        )
    array = arrays[key]
    if array.shape != shape:
        raise ValueError(f'{path}: {key} is of shape {array.shape}, expected {shape}')
    return array


def _check_vertex_ids(ids: np.ndarray, key: str, path: str) -> None:
    if ids.min() < 0 or ids.max() >= NUM_VERTICES:
        raise ValueError(
            f'{path}: {key} names vertices outside 0 to {NUM_VERTICES - 1}'
        )
