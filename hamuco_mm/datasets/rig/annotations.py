"""The COCO-style JSON of a rig, as it is made and written."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ...cameras import Camera
from ...hand_model import HAND_BONES, HAND_JOINT_NAMES
from ...utils.files import write_atomically
from ..bbox import bbox_from_keypoints
from ..labels.hand_label import HandLabel

# The only category: a hand.
CATEGORY_ID = 1


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
                id=CATEGORY_ID,
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
        hand_side (str): For a label without one.
        keypoints_world (np.ndarray, optional): World metres, (21, 3).
    """
    annotation = dict(
        id=annotation_id,
        image_id=image_id,
        category_id=CATEGORY_ID,
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
