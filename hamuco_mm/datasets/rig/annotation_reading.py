"""The COCO-style JSON of a rig, read and checked."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ...cameras import Camera
from ...cameras.files.fields import camera_from_fields
from ...hand_model import NUM_JOINTS
from ...utils.file_names import leads_out
from ...utils.frame_names import sequence_of
from ...utils.json_files import read_json
from ..missing_joints import zero_missing
from .annotation_notes import check_joints
from .annotations import CATEGORY_ID
from .image_origin import refuse_replaced_images

_IMAGE_KEYS = dict(
    id=int, file_name=str, width=int, height=int, frame_id=str, camera=str
)
_JOINT_SHAPES = [(3 * NUM_JOINTS,), (NUM_JOINTS, 3)]


def read_annotations(path: str | Path, outside_images: bool = False) -> dict:
    """Read and check the JSON file of a rig.

    Args:
        path (str | Path): The file.
        outside_images (bool): Allow images whose ``file_name`` is a URL or leads out
            of their folder. Defaults to False.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: Naming the file, the entry, the key and what to do; also if
            images were replaced after the file was made, or are outside.
    """
    annotations = read_json(path, unique_keys=True)
    if not isinstance(annotations, dict):
        raise ValueError(f'{path}: should be an object with "images" and "annotations"')
    check_annotations(str(path), annotations)
    if annotations.get('info', {}) is None:  # as COCO's files may have it
        del annotations['info']
    if not outside_images:
        _refuse_outside(path, annotations['images'])
    refuse_replaced_images(Path(path), annotations)
    return annotations


def _refuse_outside(path: str | Path, images: list[dict]) -> None:
    for position, image in enumerate(images):
        if leads_out(image['file_name']):
            raise ValueError(
                f'{path}: images[{position}]: "file_name" {image["file_name"]!r} is '
                'not below the folder of the images. If you trust the file, set '
                'outside_images=True of the data set'
            )


def check_annotations(path: str, annotations: dict) -> None:
    """See that images and annotations have what views of a rig need.

    Annotations without ``category_id`` get that of hands, as readers of
    COCO's files want one.

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
        annotation.setdefault('category_id', CATEGORY_ID)
    check_joints(path, annotations)


def _check_object(place: str, entry: object) -> None:
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


def _numbers(value: object) -> np.ndarray | None:
    """A list of numbers, None if it is something else."""
    if not isinstance(value, list):
        return None
    try:
        return np.array(value, np.float64)
    except (TypeError, ValueError, OverflowError):
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


def annotated_joints(hand: dict) -> tuple[np.ndarray, np.ndarray]:
    """Pixels (21, 2) and confidences (21, ) of an annotation; missing joints,
    or all of one without ``keypoints``, are 0."""
    joints = np.array(hand.get('keypoints') or [0] * (3 * NUM_JOINTS), np.float64)
    joints = joints.reshape(NUM_JOINTS, 3)
    return zero_missing(joints[:, :2], joints[:, 2])


def annotated_bbox(hand: dict) -> np.ndarray | None:
    """The box x1, y1, x2, y2 of an annotation, float32 (4, ), if it has one."""
    x, y, width, height = hand.get('bbox') or (0, 0, 0, 0)
    if width <= 0 or height <= 0:
        return None
    return np.array([x, y, x + width, y + height], np.float32)
