"""Predictions on mirrored images of left hands, as those of the images themselves."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..cameras.mirroring import (
    mirror_box,
    mirror_camera,
    mirror_keypoints,
    mirror_points,
    mirror_rotation_vectors,
)

_ROTATION_VECTORS = ('global_orient', 'hand_pose')


def unmirrored_meta(meta: Mapping) -> dict[str, Any]:
    """What the metainfo of a mirrored view says in its image itself.

    Args:
        meta (Mapping): With ``ori_shape``, and perhaps ``input_center`` and
            ``camera_param``.

    Returns:
        dict: These two, where they are there, and ``mirrored=False``.
    """
    width = meta['ori_shape'][1]
    changed: dict[str, Any] = dict(mirrored=False)
    if 'input_center' in meta:
        changed['input_center'] = mirror_keypoints(meta['input_center'], width)
    if meta.get('camera_param') is not None:
        changed['camera_param'] = mirror_camera(meta['camera_param'], width)
    return changed


def unmirrored_fields(
    fields: Mapping[str, Any], image_shape: Sequence[int]
) -> dict[str, Any]:
    """Fields of ``pred_instances`` or ``gt_instances`` of a mirrored view, in its image
    itself.

    Args:
        fields (Mapping): Of N hands: pixels (N, P, 2), points of the camera's and
            the world's frame (N, P, 3), parameters of the hand model, which become
            those of the left one, boxes (N, 4); others are kept.
        image_shape (Sequence[int]): Height and width of the image in pixels.
    """
    return {
        name: _unmirrored(name, value, image_shape) for name, value in fields.items()
    }


def unmirrored_sample(sample: dict) -> dict:
    """The dict of a mirrored view's sample, in its image itself.

    Args:
        sample (dict): With ``pred_instances``, perhaps ``gt_instances``, and the
            metainfo of :func:`unmirrored_meta`.
    """
    instances = {
        name: unmirrored_fields(dict(sample[name].items()), sample['ori_shape'])
        for name in ('pred_instances', 'gt_instances')
        if name in sample
    }
    return dict(sample, **instances, **unmirrored_meta(sample))


def _unmirrored(name: str, value: Any, image_shape: Sequence[int]) -> Any:
    if name == 'bboxes':
        return mirror_box(value, image_shape)
    if name.startswith(_ROTATION_VECTORS):
        return mirror_rotation_vectors(value)
    if name.startswith('transl'):
        return mirror_points(value)
    if np.ndim(value) == 3 and value.shape[-1] == 2:
        return mirror_keypoints(value, image_shape[1])
    if np.ndim(value) == 3 and value.shape[-1] == 3:
        return mirror_points(value)
    return value
