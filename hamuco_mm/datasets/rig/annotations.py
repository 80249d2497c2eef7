"""The COCO-style JSON of a rig: written, and checked when it is read."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ...cameras import Camera
from ...cameras.files.fields import camera_from_fields
from ...hand_model import HAND_BONES, HAND_JOINT_NAMES, NUM_JOINTS
from ...utils.files import write_atomically
from ..bbox import bbox_from_keypoints
from .label_files import HandLabel

_IMAGE_KEYS = dict(
    id=int, file_name=str, width=int, height=int, frame_id=str, camera=str
)
_CATEGORY = 1
_JOINT_SHAPES = [(3 * NUM_JOINTS,), (NUM_JOINTS, 3)]


def empty_annotations(cameras: Mapping[str, Camera]) -> dict:
    """Annotations of no image yet.

    Args:
        cameras (Mapping[str, Camera]): By the name of the camera, or by
            '<sequence>/<camera>' where a camera moved between sequences.
    """
    return dict(
        info=dict(description='synchronised views of hands', version='1.0'),
        cameras={name: camera.as_dict() for name, camera in cameras.items()},
        images=[],
        annotations=[],
        categories=[
            dict(
                id=_CATEGORY,
                name='hand',
                supercategory='hand',
                keypoints=list(HAND_JOINT_NAMES),
                # COCO counts joints from 1
                skeleton=[[a + 1, b + 1] for a, b in HAND_BONES],
            )
        ],
    )


def make_annotation(
    annotation_id: int,
    image_id: int,
    label: HandLabel,
    hand_side: str = 'right',
    keypoints_world: np.ndarray | None = None,
) -> dict:
    """One hand in one image.

    Args:
        annotation_id (int), image_id (int): Unique numbers.
        label (HandLabel): 2D joints; its box, where it has none, is made
            from the confident joints.
        hand_side (str): Where the label does not say it.
        keypoints_world (np.ndarray, optional): World metres, (21, 3).
    """
    annotation = dict(
        id=annotation_id,
        image_id=image_id,
        category_id=_CATEGORY,
        iscrowd=0,
        num_keypoints=int((label.confidence > 0).sum()),
        keypoints=np.column_stack([label.keypoints, label.confidence])
        .round(4)
        .ravel()
        .tolist(),
        hand_side=label.hand_side or hand_side,
    )
    bbox = label.bbox
    if bbox is None:
        corners = bbox_from_keypoints(label.keypoints, label.confidence)
        if corners is not None:
            bbox = np.concatenate([corners[:2], corners[2:] - corners[:2]])
    if bbox is not None:
        bbox = np.asarray(bbox, np.float64).round(3)
        annotation.update(bbox=bbox.tolist(), area=float(bbox[2] * bbox[3]))
    if keypoints_world is not None:
        annotation['keypoints_world'] = np.asarray(keypoints_world).tolist()
    return annotation


def write_annotations(path: str | Path, annotations: dict) -> None:
    """Write them as JSON, completely or not at all."""
    write_atomically(path, json.dumps(annotations))


def check_annotations(path: str, annotations: dict) -> None:
    """See that images and annotations have what views of a rig need.

    Annotations without ``category_id`` get that of hands, as COCO's reader
    wants one.

    Raises:
        ValueError: Naming the file, the entry, the key and what to do.
    """
    for key in ('images', 'annotations'):
        if not isinstance(annotations.get(key), list):
            raise ValueError(
                f'{path}: "{key}" should be a list; see '
                'docs/your_own_rig.md for the format'
            )
    ids = set()
    for position, image in enumerate(annotations['images']):
        place = f'{path}: images[{position}]'
        _check_object(place, image)
        for key, kind in _IMAGE_KEYS.items():
            if not isinstance(image.get(key), kind):
                raise ValueError(
                    f'{place}: "{key}" should be {kind.__name__}, got '
                    f'{image.get(key)!r}. frame_id names the time step, '
                    'camera is a key of "cameras"'
                )
        calibration = image.get('calibration')
        if 'calibration' in image and calibration not in (
            annotations.get('cameras') or {}
        ):
            raise ValueError(
                f'{place}: "calibration" {calibration!r} is no key of "cameras"'
            )
        if min(image['width'], image['height']) < 1:
            raise ValueError(f'{place}: width and height should be positive')
        ids.add(image['id'])
    if len(ids) < len(annotations['images']):
        raise ValueError(f'{path}: two images have the same "id"')
    known = set()
    for position, annotation in enumerate(annotations['annotations']):
        place = f'{path}: annotations[{position}]'
        _check_object(place, annotation)
        _check_annotation(place, annotation, ids)
        if annotation['id'] in known:
            raise ValueError(
                f'{place}: "id" {annotation["id"]} is that of '
                'another annotation; number them'
            )
        known.add(annotation['id'])
        annotation.setdefault('category_id', _CATEGORY)


def _check_object(place: str, entry) -> None:
    if not isinstance(entry, dict):
        raise ValueError(f'{place}: should be an object, got {repr(entry)[:60]}')


def _check_annotation(place: str, annotation: dict, image_ids: set) -> None:
    if not isinstance(annotation.get('id'), int):
        raise ValueError(
            f'{place}: "id" should be a number of its own, got {annotation.get("id")!r}'
        )
    image_id = annotation.get('image_id')
    if not isinstance(image_id, int) or image_id not in image_ids:
        raise ValueError(f'{place}: there is no image with image_id {image_id!r}')
    keypoints = annotation.get('keypoints')
    if keypoints is not None and keypoints != []:
        # one that is null or NaN is a missing joint
        numbers = _numbers(keypoints)
        if numbers is None or numbers.shape != (3 * NUM_JOINTS,):
            count = 'no' if numbers is None else numbers.size
            raise ValueError(
                f'{place}: "keypoints" has {count} numbers, expected x, y, '
                f'confidence of {NUM_JOINTS} joints'
            )
    if annotation.get('bbox') is not None:
        _check_finite(
            place, annotation, 'bbox', [(4,)], 'x, y, width, height in pixels'
        )
    for key in ('keypoints_cam', 'keypoints_world'):
        if annotation.get(key) is not None:
            _check_finite(
                place,
                annotation,
                key,
                _JOINT_SHAPES,
                f'x, y, z of {NUM_JOINTS} joints in metres',
            )
    if annotation.get('hand_side') not in (None, 'left', 'right'):
        raise ValueError(
            f'{place}: "hand_side" should be "left" or '
            f'"right", got {annotation["hand_side"]!r}'
        )


def _check_finite(
    place: str, annotation: dict, key: str, shapes: list, meaning: str
) -> None:
    numbers = _numbers(annotation[key])
    if numbers is None or numbers.shape not in shapes or not np.isfinite(numbers).all():
        raise ValueError(
            f'{place}: "{key}" should be {shapes[0][0]} finite numbers '
            f'({meaning}), got {repr(annotation[key])[:60]}; leave it out '
            'where it is not known'
        )


def _numbers(value) -> np.ndarray | None:
    """A list of numbers, None if it is something else."""
    if not isinstance(value, list):
        return None
    try:
        return np.array(value, np.float64)
    except (TypeError, ValueError):
        return None


def cameras_of(path: str, annotations: dict) -> dict:
    """The cameras, checked; an empty dict where there are none.

    Raises:
        CalibrationError: If one cannot be.
    """
    return {
        name: camera_from_fields(Path(path), name, fields)
        for name, fields in (annotations.get('cameras') or {}).items()
    }


def find_camera(cameras: Mapping[str, Camera], image: dict) -> Camera | None:
    """The camera of an image: what its ``calibration`` names, else that of
    its sequence, else that of its name."""
    if 'calibration' in image:
        return cameras.get(image['calibration'])
    sequence = sequence_of(image['frame_id'])
    return cameras.get(f'{sequence}/{image["camera"]}', cameras.get(image['camera']))


def sequence_of(frame_id: str) -> str:
    """The part of a time step's name before the last '/'; '' without one."""
    return frame_id.rpartition('/')[0]
