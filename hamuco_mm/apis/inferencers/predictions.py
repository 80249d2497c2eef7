"""Predictions as plain data, and those of mirrored images mirrored back."""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from mmengine.structures import InstanceData
from mmpose.structures import PoseDataSample
from numpy.typing import ArrayLike

from ...cameras import Camera
from ...datasets.frames import Frame
from ...hand_model import NUM_JOINTS
from ...structures.inferencer_files import NAMES_IN_FILES
from ...structures.mirrored_samples import unmirrored_fields, unmirrored_meta

_FIRST = ('keypoints', 'keypoint_scores', *NAMES_IN_FILES)
# A micrometre, and a millionth of a pixel.
_DECIMALS = 6


def instance_dicts(instances: InstanceData, with_vertices: bool = True) -> list[dict]:
    """Instances as dicts of lists and numbers, fit for JSON.

    Args:
        instances (InstanceData): N hands, numpy fields.
        with_vertices (bool): Keep the meshes, which are most of the data.

    Returns:
        list[dict]: ``keypoints``, ``keypoint_scores``, ``bbox``,
        ``bbox_score`` and all other fields of the predictions.
    """
    fields = {
        NAMES_IN_FILES.get(name, name): _rounded(value)
        for name, value in sorted(instances.items(), key=_rank)
        if with_vertices or not name.startswith('vertices')
    }
    return [
        {name: value[row].tolist() for name, value in fields.items()}
        for row in range(len(instances))
    ]


def file_content(
    frames: Mapping[str, Frame],
    preds: list[PoseDataSample],
    is_group: bool,
    with_vertices: bool,
) -> list[dict] | dict:
    """What the file of a time step says.

    Args:
        frames (Mapping[str, Frame]): The images by the names of their views.
        preds (list[PoseDataSample]): One for each view.
        is_group (bool): Whether they are views of the same hand.
        with_vertices (bool): Keep the meshes.

    Returns:
        list[dict] | dict: The hands of the only view, or of a group
        ``views``: by name ``instances``, ``problem`` and, where they are known,
        the image (``img_path``, or ``video`` and its ``frame``) and the ``camera``
        in the form of :meth:`~hamuco_mm.cameras.Camera.as_dict`.
    """
    hands = [instance_dicts(pred.pred_instances, with_vertices) for pred in preds]
    if not is_group:
        return hands[0]
    return dict(
        views={
            view: dict(
                instances=instances,
                problem=pred.metainfo.get('problem'),
                **_image(frame),
                **_camera(pred.metainfo),
            )
            for (view, frame), instances, pred in zip(frames.items(), hands, preds)
        }
    )


def _image(frame: Frame) -> dict[str, Any]:
    """Where the image is; empty for one in memory."""
    if frame.video is not None:
        return dict(video=frame.video, frame=int(frame.name))
    is_file = os.path.isfile(frame.path) or '://' in frame.path
    return dict(img_path=frame.path) if is_file else {}


def _camera(meta: dict[str, Any]) -> dict[str, Any]:
    """The camera, where the view has one."""
    if 'camera_param' not in meta:
        return {}
    height, width = meta['ori_shape'][:2]
    camera = Camera.from_camera_param(meta['camera_param'], meta['view'])
    return dict(camera=replace(camera, image_size=(width, height)).as_dict())


def _rank(item: tuple[str, Any]) -> tuple:
    """Sort key: fields that MMPose writes too come first, meshes last."""
    name = item[0]
    return name not in _FIRST, name.startswith('vertices'), name


def _rounded(value: ArrayLike) -> np.ndarray:
    value = np.asarray(value)
    if value.dtype.kind != 'f':
        return value
    return np.round(value.astype(np.float64), _DECIMALS)


def no_hand(metainfo: dict) -> PoseDataSample:
    """The result of an image without a hand to predict."""
    sample = PoseDataSample(metainfo=metainfo)
    sample.pred_instances = InstanceData(
        keypoints=np.zeros((0, NUM_JOINTS, 2), np.float32),
        keypoint_scores=np.zeros((0, NUM_JOINTS), np.float32),
        bboxes=np.zeros((0, 4), np.float32),
        bbox_scores=np.zeros(0, np.float32),
    )
    return sample


def unmirror(sample: PoseDataSample) -> PoseDataSample:
    """Predictions on the mirrored image of a left hand, as those of the image
    itself.

    Args:
        sample (PoseDataSample): Changed in place: pixels, points of the
            camera's and the world's frame, parameters of the hand model, which
            become those of the left one, boxes, camera and crop.

    Returns:
        PoseDataSample: The same, no longer ``mirrored``.
    """
    meta, instances = sample.metainfo, sample.pred_instances
    fields = unmirrored_fields(dict(instances.items()), meta['ori_shape'])
    for name, value in fields.items():
        instances.set_field(value, name)
    sample.set_metainfo(unmirrored_meta(meta))
    return sample
