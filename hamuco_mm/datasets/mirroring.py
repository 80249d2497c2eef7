"""Left hands as right ones: images, labels and cameras mirrored together.

The networks know right hands. A left hand in a mirror is a right hand, if
everything that belongs to it is mirrored by the same rule
(:mod:`hamuco_mm.cameras.mirroring`).
"""

from collections.abc import Mapping

from mmpose.structures import PoseDataSample

from ..cameras.mirroring import (
    mirror_bbox,
    mirror_camera,
    mirror_keypoints,
    mirror_points,
)


def mirror_item(item: dict, width: float) -> dict:
    """Mirror all that a data item of one view says about its hand.

    Args:
        item (dict): Any of the keys ``keypoints`` and
            ``transformed_keypoints`` (1, 21, 2), ``bbox`` (1, 4),
            ``bbox_center`` (1, 2), ``keypoints_cam``, ``keypoints_world``
            (1, 21, 3), ``vertices`` (1, 778, 3), ``camera_param``. Others
            are kept, among them the image: flip it by ``img[:, ::-1]``.
        width (float): Of the image in pixels.

    Returns:
        dict: A new item, whose ``mirrored`` is toggled. Mirroring twice gives
        the first one.
    """
    mirrored = dict(item)
    for key in ('keypoints', 'transformed_keypoints', 'bbox_center'):
        if key in item:
            mirrored[key] = mirror_keypoints(item[key], width)
    for key in ('keypoints_cam', 'keypoints_world', 'vertices'):
        if key in item:
            mirrored[key] = mirror_points(item[key])
    if 'bbox' in item:
        mirrored['bbox'] = mirror_bbox(item['bbox'], width)
    if 'camera_param' in item:
        mirrored['camera_param'] = mirror_camera(item['camera_param'], width)
    mirrored['mirrored'] = not item.get('mirrored', False)
    return mirrored


def needs_mirroring(hand_side: str | None) -> bool:
    """Whether a hand of this side is to be mirrored to become a right one.

    Args:
        hand_side (str, optional): 'left' or 'right'; None is taken as right.

    Raises:
        ValueError: If it is anything else.
    """
    if hand_side not in (None, 'left', 'right'):
        raise ValueError(f"hand_side should be 'left' or 'right', got {hand_side!r}")
    return hand_side == 'left'


def refuse_flipped(view: Mapping | PoseDataSample) -> None:
    """Refuse what MMPose's ``RandomFlip`` has mirrored.

    Args:
        view (Mapping | PoseDataSample): A data item, or its sample.

    Raises:
        ValueError: It says what to do.
    """
    if view.get('flip'):
        raise ValueError(
            'RandomFlip mirrors images and 2D joints, and leaves 3D joints, camera '
            'and side of the hand: take it out of the pipeline. Left hands become '
            "right ones, with all that belongs to them, by dict(type='MirrorLeftHand')"
        )
