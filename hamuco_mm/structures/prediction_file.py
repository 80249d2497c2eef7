"""The file in which a test leaves the joints of all views."""

import zipfile

import numpy as np
import torch

from ..cameras.distortion import NUM_COEFFICIENTS, pad_distortion
from ..evaluation.metrics.views import MODE_SUFFIXES
from ..hand_model import NUM_JOINTS

_IDENTITIES = ('img_id', 'frame_id', 'camera_id')
_SHAPES = dict(
    gt_joints=(NUM_JOINTS, 3),
    label_keypoints=(NUM_JOINTS, 2),
    label_scores=(NUM_JOINTS,),
    K=(3, 3),
    R=(3, 3),
    t=(3,),
    dist=(NUM_COEFFICIENTS[-1],),
    fisheye=(),
    image_size=(2,),
    crop_side=(),
    **{f'{mode}_joints': (NUM_JOINTS, 3) for mode in MODE_SUFFIXES},
    **{f'{mode}_keypoints': (NUM_JOINTS, 2) for mode in MODE_SUFFIXES},
)


def view_arrays(sample: dict) -> dict[str, np.ndarray]:
    """What of a view goes to the file besides the 3D joints.

    Args:
        sample (dict): A data sample as the evaluator passes it.

    Returns:
        dict: Those of the arrays of :func:`write_predictions` that the sample
        has, of one view.
    """
    labels = sample.get('gt_instances', {})
    preds = sample['pred_instances']
    arrays = {
        f'{mode}_keypoints': preds.get(f'keypoints{suffix}')
        for mode, suffix in MODE_SUFFIXES.items()
    }
    arrays.update(
        label_keypoints=labels.get('keypoints'),
        label_scores=labels.get('keypoints_visible'),
    )
    arrays = {
        name: np.asarray(value)[0]
        for name, value in arrays.items()
        if value is not None
    }
    camera = sample.get('camera_param') or {}
    arrays.update(
        {name: np.asarray(camera[name]) for name in ('K', 'R', 't') if name in camera}
    )
    if camera:
        given = torch.as_tensor(np.ravel(camera.get('dist', ())))
        arrays['dist'] = pad_distortion(given).numpy()
        arrays['fisheye'] = np.array(camera.get('distortion_model') == 'fisheye')
    if 'ori_shape' in sample:
        arrays['image_size'] = np.array(sample['ori_shape'][1::-1])
    if 'input_scale' in sample:
        arrays['crop_side'] = np.asarray(sample['input_scale'])[0]
    return arrays


def write_predictions(path: str, items: list[list[dict]]) -> None:
    """Write what was predicted for N views, see ``docs/evaluation.md``.

    Args:
        path (str): Ending with .npz.
        items (list[list[dict]]): Of each item of the data set the records of
            its views: ``img_id``, ``frame_id``, ``camera_id``, ``joints`` (by
            stage), ``gt_joints`` (or None) and ``arrays``, of
            :func:`view_arrays`.
    """
    records = [record for item in items for record in item]
    rows = []
    for record in records:
        row = {f'{mode}_joints': x for mode, x in record['joints'].items()}
        rows.append(dict(record['arrays'], gt_joints=record['gt_joints'], **row))
    arrays = {
        name: _column([row.get(name) for row in rows], shape)
        for name, shape in _SHAPES.items()
    }
    for name in _IDENTITIES:
        arrays[name] = np.array([record[name] for record in records])
    arrays['item'] = np.repeat(np.arange(len(items)), [len(item) for item in items])
    np.savez_compressed(path, **arrays)


def read_predictions(path: str) -> dict[str, np.ndarray]:
    """Read the file of :func:`write_predictions`.

    Returns:
        dict: Its arrays, of N views each; NaN where something is missing.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not such a file.
    """
    remedy = (
        'write it with tools/test.py CONFIG CHECKPOINT --cfg-options '
        'test_evaluator.outfile_prefix=PREFIX'
    )
    try:
        with np.load(path, allow_pickle=False) as data:
            arrays = {name: data[name] for name in data.files}
    except FileNotFoundError:
        raise FileNotFoundError(f'there is no {path}; {remedy}') from None
    except (ValueError, zipfile.BadZipFile, AttributeError) as error:
        raise ValueError(
            f'{path} is no file of predictions ({error}); {remedy}'
        ) from error
    missing = {*_SHAPES, *_IDENTITIES, 'item'} - set(arrays)
    if missing:
        raise ValueError(f'{path} has no {", ".join(sorted(missing))}; {remedy}')
    return arrays


def _column(values: list[np.ndarray | None], shape) -> np.ndarray:
    """(N, *shape), NaN where the value is None."""
    missing = np.full(shape, np.nan, np.float32)
    return np.stack([missing if value is None else value for value in values])
