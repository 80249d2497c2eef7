"""Pictures of data set items: all views of a time step in one."""

from collections.abc import Sequence

import cv2
import mmcv
import numpy as np
from mmpose.structures import PoseDataSample
from mmpose.structures.bbox import get_warp_matrix
from torch import Tensor

from ..cameras import Camera
from ..datasets.storage import read_file
from .skeleton import draw_skeleton

_BOX_COLOR = (255, 255, 255)
_TRUTH_COLOR = (0, 0, 0)
_PAPER = 235
_TITLE_HEIGHT = 18


def draw_original_view(info: dict, size: int = 320) -> np.ndarray:
    """One view as it is on disk: 2D label, box, and 3D joints projected.

    Args:
        info (dict): Data info of a view, see
            :class:`~hamuco_mm.datasets.HanCoDataset`.
        size (int): Longer side of the picture in pixels.

    Returns:
        np.ndarray: uint8 RGB (H, W, 3), with a title.

    Raises:
        OSError: If the image cannot be read.
    """
    image = mmcv.imfrombytes(read_file(info['img_path']), channel_order='rgb')
    if image is None:
        raise OSError(f'{info["img_path"]} cannot be read')
    scale = size / max(image.shape[:2])
    image = mmcv.imrescale(image, scale)
    # pixel centres are integers: the image's edge is at -0.5
    to_picture = np.array([[scale, 0, (scale - 1) / 2], [0, scale, (scale - 1) / 2]])
    corners = np.round(_warp(info['bbox'].reshape(2, 2), to_picture)).astype(int)
    first, second = corners.tolist()
    image = cv2.rectangle(np.ascontiguousarray(image), first, second, _BOX_COLOR, 1)
    if 'keypoints_cam' in info and 'camera_param' in info:
        image = _draw_truth(
            image, info['keypoints_cam'][0], info['camera_param'], to_picture
        )
    image = draw_skeleton(
        image, _warp(info['keypoints'][0], to_picture), info['keypoints_visible'][0]
    )
    return _with_title(image, info)


def draw_transformed_view(
    inputs: Tensor, sample: PoseDataSample, size: int = 320
) -> np.ndarray:
    """One view as the network gets it: the crop with its labels.

    Args:
        inputs (Tensor): The crop as the pipeline leaves it, BGR (3, H, W).
        sample (PoseDataSample): With labels for training where there are
            any, else the ground truth; its metainfo describes the crop.
        size (int): Longer side of the picture in pixels.

    Returns:
        np.ndarray: uint8 RGB (H, W, 3), with a title.
    """
    image = np.ascontiguousarray(inputs.numpy().transpose(1, 2, 0)[..., ::-1])
    meta = sample.metainfo
    to_crop = _crop_matrix(meta)
    scale = size / max(image.shape[:2])
    image = mmcv.imrescale(image, scale)
    truth = sample.gt_instances
    labels = sample.get('gt_instance_labels', {})
    if 'keypoint_labels' in labels:
        half = np.array(meta['input_size']) / 2
        crop = (labels.keypoint_labels[0].numpy() + 1) * half
        confidence = labels.keypoint_weights[0].numpy()
    else:
        crop = _warp(truth.keypoints[0], to_crop)
        confidence = truth.keypoints_visible[0]
    if 'keypoints_cam' in truth and 'camera_param' in meta:
        image = _draw_truth(
            image, truth.keypoints_cam[0], meta['camera_param'], scale * to_crop
        )
    return _with_title(draw_skeleton(image, scale * crop, confidence), meta)


def montage(pictures: Sequence[np.ndarray], columns: int | None = None) -> np.ndarray:
    """Pictures beside and below each other, on grey.

    Args:
        pictures (Sequence[np.ndarray]): uint8 RGB (H, W, 3), of any sizes.
        columns (int, optional): Defaults to as many as make it wider than
            high.

    Returns:
        np.ndarray: uint8 RGB.
    """
    columns = columns or int(np.ceil(np.sqrt(len(pictures))))
    height = max(p.shape[0] for p in pictures)
    width = max(p.shape[1] for p in pictures)
    rows: list[np.ndarray] = []
    for start in range(0, len(pictures), columns):
        row = np.full((height, columns * width, 3), _PAPER, np.uint8)
        for i, picture in enumerate(pictures[start : start + columns]):
            row[: picture.shape[0], i * width : i * width + picture.shape[1]] = picture
        rows.append(row)
    return np.concatenate(rows)


def _draw_truth(
    image: np.ndarray, points_cam: np.ndarray, camera_param: dict, matrix: np.ndarray
) -> np.ndarray:
    """Crosses where the 3D joints are seen through the camera's lens."""
    camera = Camera.from_camera_param(camera_param)
    seen = np.isfinite(points_cam).all(1) & (points_cam[:, 2] > 0)
    if not seen.any():
        return image
    pixels = _warp(camera.project(points_cam[seen]), matrix)
    image = image.copy()
    for place in np.round(pixels).astype(int).tolist():
        cv2.drawMarker(image, place, (255, 255, 255), cv2.MARKER_CROSS, 9, 3)
        cv2.drawMarker(image, place, _TRUTH_COLOR, cv2.MARKER_CROSS, 7, 1)
    return image


def _crop_matrix(meta: dict) -> np.ndarray:
    """Pixels of the image to those of the crop, (2, 3)."""
    rotation = float(np.ravel(meta.get('bbox_rotation', 0))[0])
    return get_warp_matrix(
        np.ravel(meta['input_center']),
        np.ravel(meta['input_scale']),
        rotation,
        meta['input_size'],
    )


def _warp(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return points @ matrix[:, :2].T + matrix[:, 2]


def _with_title(image: np.ndarray, meta: dict) -> np.ndarray:
    camera = meta.get('camera', f'camera {meta.get("camera_id", "?")}')
    title = f'{meta.get("frame_id", "")} {camera}'
    if meta.get('mirrored'):
        title += ' mirrored'
    band = np.full((_TITLE_HEIGHT, image.shape[1], 3), _PAPER, np.uint8)
    cv2.putText(
        band,
        title,
        (3, _TITLE_HEIGHT - 5),
        cv2.FONT_HERSHEY_SIMPLEX,
        0.4,
        (20, 20, 20),
        1,
        cv2.LINE_AA,
    )
    return np.concatenate([band, image])
