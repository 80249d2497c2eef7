"""The two .npz files that a test writes its predictions to.

Both hold plain arrays with one row per view, N rows; a test writes

- the file of all views, ``tools/test.py --dump views.npz``: all there is;
- the file of joints, ``HandMeshMetric(outfile_prefix=...)``: without meshes,
  its names are those of ``docs/evaluation.md``.
"""

from pathlib import Path

import numpy as np

from ..cameras.cameras import ARRAY_SHAPES as CAMERA_SHAPES
from ..hand_model import NUM_JOINTS
from ..utils.frame_names import frame_of
from ..utils.npz_files import check_packing, write_npz
from .stage import Stage

Arrays = dict[str, np.ndarray]
Groups = dict[str, Arrays]

#: Arrays that identify a view.
IDENTITIES = ('frame_id', 'camera_id', 'img_path', 'item', 'img_id')
#: Shapes of one view's image: its size, and the side of what the network saw.
IMAGE_SHAPES: dict[str, tuple[int, ...]] = dict(image_size=(2,), crop_side=())
#: Fields of ``gt_instances`` that are kept.
TRUTH_FIELDS = ('keypoints', 'keypoints_visible', 'keypoints_cam', 'vertices')

# Where the fields of the groups are in the file of all views.
_PREFIXES = dict(cameras='camera_', predictions='pred_', ground_truth='gt_')
# In the file of joints: the group and the field that each name stands for.
_JOINTS_FILE: dict[str, tuple[str, str]] = {
    'gt_joints': ('ground_truth', 'keypoints_cam'),
    'label_keypoints': ('ground_truth', 'keypoints'),
    'label_scores': ('ground_truth', 'keypoints_visible'),
    **{name: ('cameras', name) for name in CAMERA_SHAPES},
    **{f'{s}_joints': ('predictions', s.field('keypoints_cam')) for s in Stage},
    **{f'{s}_keypoints': ('predictions', s.field('keypoints')) for s in Stage},
}
_JOINTS_IDENTITIES = ('frame_id', 'camera_id', 'img_id', 'item')
# Written into every file of all views, so that nobody has to look it up.
_CONVENTIONS = (
    'One row per view. Pixels: of the original image, x right, y down. '
    'pred_keypoints_cam and pred_vertices (also _interact, _fused): metres, '
    "root-relative (joint 9, middle MCP, is 0), in the view's camera frame "
    '(x right, y down, z forward). gt_keypoints_cam and gt_vertices: the '
    'same, but absolute. *_world: metres in the world frame. R, t: x_cam = R '
    'x_world + t, metres. image_size: width and height. crop_side: of the '
    'square that the network saw. time_step: place in the recording. frame: number '
    'in the sequence, -1: none. time: seconds since the video began. NaN: not '
    'known.'
)
_REMEDY = (
    'write one with tools/test.py --dump views.npz, or with '
    'HandMeshMetric(outfile_prefix=...)'
)


def write_views(path: str | Path, rows: Arrays, groups: Groups) -> None:
    """Write the file of all views, which says what its numbers mean.

    Args:
        path (str | Path): Ends with .npz; its folder is made.
        rows (dict): Arrays of ``IDENTITIES`` and ``IMAGE_SHAPES``,
            ``time_step``, ``frame`` and ``time``.
        groups (dict): ``cameras``, ``predictions`` and ``ground_truth``,
            each a dict of arrays by field.
    """
    arrays = dict(rows, conventions=np.array(_CONVENTIONS))
    for group, prefix in _PREFIXES.items():
        arrays.update({prefix + name: x for name, x in groups[group].items()})
    write_npz(path, arrays)


def write_joints(path: str | Path, rows: Arrays, groups: Groups) -> None:
    """Write the file of joints, NaN where something is not known.

    Args: see :func:`write_views`.
    """
    arrays = {name: rows[name] for name in (*_JOINTS_IDENTITIES, *IMAGE_SHAPES)}
    arrays['camera_id'] = _camera_numbers(rows['camera_id'])
    for name, (group, field) in _JOINTS_FILE.items():
        array = groups[group].get(field)
        arrays[name] = (
            _unknown(len(rows['item']), _joints_shape(field))
            if array is None
            else array
        )
    write_npz(path, arrays)


def read_views(path: str | Path) -> tuple[Arrays, Groups]:
    """Read the file of all views, or the file of joints.

    Returns:
        tuple: ``rows`` and ``groups``, see :func:`write_views`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is neither of these.
    """
    path = Path(path)
    try:
        content = np.load(path, allow_pickle=False)
        if isinstance(content, np.ndarray):
            raise ValueError('it is an .npy file of one array')
        check_packing(path)
        with content:
            arrays = dict(content)
    except FileNotFoundError as error:
        raise FileNotFoundError(f'there is no {path}; {_REMEDY}') from error
    except Exception as error:  # numpy and zipfile raise half a dozen types
        raise ValueError(
            f'{path} is no .npz file of plain arrays, so {path.name} is no file of '
            f'predictions ({error}); {_REMEDY}'
        ) from error
    absent = {
        file: [name for name in names if name not in arrays]
        for file, names in (
            # older files have no img_id; they are read, too
            ('views', (*IDENTITIES[:-1], *(f'camera_{x}' for x in CAMERA_SHAPES))),
            ('joints', (*_JOINTS_IDENTITIES, *IMAGE_SHAPES, *_JOINTS_FILE)),
        )
    }
    if not absent['joints']:
        return _from_joints_file(arrays)
    if not absent['views']:
        return _from_views_file(arrays)
    raise ValueError(
        f'{path} has no {", ".join(absent["views"])} (of a file of all views) and no '
        f'{", ".join(absent["joints"])} (of a file of joints), so it holds no '
        f'predicted views; {_REMEDY}'
    )


def _unknown(number: int, shape: tuple[int, ...]) -> np.ndarray:
    """Rows without any knowledge: NaN (number, \\*shape)."""
    return np.full((number, *shape), np.nan, np.float32)


def _joints_shape(field: str) -> tuple[int, ...]:
    """Shape of one view's field of the file of joints."""
    if field in CAMERA_SHAPES:
        return CAMERA_SHAPES[field]
    if 'keypoints_cam' in field:
        return (NUM_JOINTS, 3)
    return (NUM_JOINTS,) if field == 'keypoints_visible' else (NUM_JOINTS, 2)


def _from_views_file(arrays: Arrays) -> tuple[Arrays, Groups]:
    number = len(arrays['item'])
    # older files have none of these
    rows = dict(
        img_id=np.full(number, -1),
        time_step=arrays['item'],
        frame=_frames(arrays['frame_id']),
        time=np.full(number, np.nan),
    )
    rows.update({name: _unknown(number, s) for name, s in IMAGE_SHAPES.items()})
    rows.update({name: arrays[name] for name in (*IDENTITIES, *rows) if name in arrays})
    groups = {
        group: {
            key[len(prefix) :]: array
            for key, array in arrays.items()
            if key.startswith(prefix) and key not in IDENTITIES
        }
        for group, prefix in _PREFIXES.items()
    }
    return rows, groups


def _from_joints_file(arrays: Arrays) -> tuple[Arrays, Groups]:
    rows = {name: arrays[name] for name in (*_JOINTS_IDENTITIES, *IMAGE_SHAPES)}
    names = arrays['camera_id'].astype(str)
    rows['camera_id'] = np.where(names == '-1', '', names)
    rows['img_path'] = np.full(len(arrays['item']), '')
    rows['time_step'] = rows['item']
    rows['frame'] = _frames(arrays['frame_id'])
    rows['time'] = np.full(len(arrays['item']), np.nan)
    groups: Groups = dict(cameras={}, predictions={}, ground_truth={})
    for name, (group, field) in _JOINTS_FILE.items():
        if group == 'cameras' or np.isfinite(arrays[name]).any():
            groups[group][field] = arrays[name]
    return rows, groups


def _frames(names: np.ndarray) -> np.ndarray:
    """Numbers of time steps by their names, int (N,)."""
    return np.array([frame_of(str(name)) for name in names])


def _camera_numbers(names: np.ndarray) -> np.ndarray:
    """Camera ids as int, -1 where not known; names such as '01' stay."""
    if all(not name or name.isdecimal() and str(int(name)) == name for name in names):
        return np.array([int(name or -1) for name in names])
    return names
