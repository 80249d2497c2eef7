"""What the annotations of a rig say that cannot be right, or is not used."""

import numpy as np

from ...hand_model import NUM_JOINTS
from ..joint_order import is_joint_name, reorder_by_name
from ..labels import LabelNotes
from ..labels.checks import LARGEST_CONFIDENCE
from ..missing_joints import at_origin
from ..plausible import refuse_labels_in_parts

# Ours, and those of COCO that say nothing of a hand's pose
_IMAGE_KEYS = {
    *('id', 'file_name', 'width', 'height', 'frame_id', 'camera', 'calibration'),
    *('source_frame', 'license', 'coco_url', 'flickr_url', 'date_captured'),
}
_HAND_KEYS = {
    *('id', 'image_id', 'category_id', 'iscrowd', 'area', 'bbox', 'segmentation'),
    *('keypoints', 'num_keypoints', 'keypoints_cam', 'keypoints_world', 'hand_side'),
}


def check_joints(path: str, content: dict) -> None:
    """Refuse labels that cannot be pixels and confidences in our order of joints.

    Args:
        path (str): The file, for messages.
        content (dict): Annotations whose form was checked.

    Raises:
        ValueError: If no coordinate is above 1, if a confidence is far above 1, or
            if ``categories`` names the joints in another order.
    """
    for category in content.get('categories') or ():
        names = category.get('keypoints') if isinstance(category, dict) else None
        if names and all(is_joint_name(str(name)) for name in names):
            order = reorder_by_name(list(map(str, names)))
            if order.tolist() != list(range(NUM_JOINTS)):
                raise ValueError(
                    f'{path}: "categories" has the joints in the order {names}; put '
                    'them, and the keypoints, in the order wrist, then thumb to pinky '
                    'from base to tip'
                )
    largest = 0.0
    for position, hand in enumerate(content['annotations']):
        joints = _joints(hand)
        confidence = joints[:, 2].max(initial=0)
        if confidence > LARGEST_CONFIDENCE:
            raise ValueError(
                f'{path}: annotations[{position}]: has a confidence of '
                f'{confidence:g}, above 1: they should be from 0 to 1. Divide per '
                'cents by 100'
            )
        largest = max(largest, np.abs(joints[joints[:, 2] > 0, :2]).max(initial=0))
    refuse_labels_in_parts(path, largest)


def annotation_notes(path: str, content: dict) -> list[str]:
    """A line for each thing that a user should know.

    Args: see :func:`check_joints`.
    """
    notes = LabelNotes()
    for kind, known in (('images', _IMAGE_KEYS), ('annotations', _HAND_KEYS)):
        for position, entry in enumerate(content[kind]):
            place = f'{path}: {kind}[{position}]'
            for key in entry.keys() - known:
                notes.add(f'{kind} have the key "{key}", which is not used', place)
            if kind == 'images':
                continue
            joints = _joints(entry)
            nowhere = int(at_origin(joints[:, :2], joints[:, 2]).sum())
            if nowhere:
                notes.add(
                    'joints at (0, 0) have a confidence: they are taken as missing',
                    place,
                    nowhere,
                )
            if joints[:, 2].max(initial=0) > 1:
                notes.add('labels have a confidence above 1, taken as 1', place)
            if entry.get('hand_side') is None:
                notes.add(
                    'annotations do not say "hand_side" and are taken as right hands',
                    place,
                )
    return notes.lines()


def _joints(hand: dict) -> np.ndarray:
    """x, y, confidence of the joints that are known, (N, 3)."""
    joints = np.array(hand.get('keypoints') or [], np.float64).reshape(-1, 3)
    return joints[np.isfinite(joints).all(1)]
