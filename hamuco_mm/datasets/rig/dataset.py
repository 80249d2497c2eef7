import logging
import os.path as osp
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.logging import print_log
from mmpose.registry import DATASETS

from ...cameras import Camera
from ...hand_model import NUM_JOINTS
from ...utils.frame_names import sequence_of
from ...utils.natural_order import natural_key
from ...utils.near_paths import near_path
from ..bbox import hand_or_image_bbox
from ..hand_dataset import HandDataset
from ..label_places import LabelledViews, misplaced_labels
from ..left_out import LeftOutNotes
from ..metainfo import HAND_METAINFO
from .annotation_notes import annotation_notes
from .annotation_reading import (
    annotated_bbox,
    annotated_joints,
    cameras_of,
    check_annotations,
    find_camera,
    read_annotations,
)
from .folder import scan_folder
from .hand_sides import HandSides
from .image_sizes import check_files, check_image_sizes
from .plausible_entries import PlausibleEntries

_METAINFO = {key: value for key, value in HAND_METAINFO.items() if key != 'paper_info'}


# MultiViewHandDataset is its name in configs and checkpoints of version 0.1.
@DATASETS.register_module(name=['RigHandDataset', 'MultiViewHandDataset'])
class RigHandDataset(HandDataset):
    """Synchronised views of a hand from any rig, for top-down hand pose.

    One item is one hand in one image; :class:`MultiViewDataset` groups them
    by time step. The data are a COCO-style JSON file, or a folder layout with the
    same content; both are described in ``docs/your_own_rig.md``, and
    ``tools/dataset_converters/rig2coco.py`` makes them from videos.

    Keys of an item are those of :class:`HanCoDataset`, and:

        - camera (str): Name of the camera; ``camera_id`` is its place among
          the names in natural order
        - hand_side (str): 'left' or 'right'. ``MirrorLeftHand`` in the
          pipeline makes right hands of left ones
        - camera_param has ``dist`` where the lens has a known distortion;
          labels and images are as the lens made them

    Left hands have '/left' at the end of their ``frame_id``, as a hand of
    each side may be in an image.

    Args:
        data_root (str): Directory of the data set.
        ann_file (str): The JSON file. Without it, ``data_root`` is read in
            the folder layout.
        hand_side (str, optional): 'left' or 'right' for hands of this side
            alone. Defaults to all.
        sequences (Sequence[str], optional): Sequences to use. Defaults to
            all.
        with_calib (bool): Whether to use the cameras. False leaves out
            ``camera_param``. Defaults to True.
        bbox_mode (str): 'annotation' for the box in the file or, without
            one, around the joints; 'keypoints' for the latter always.
            Neither pads. Defaults to 'annotation'.
        min_confidence (float): Joints below do not count for a box.
            Defaults to 0.3.
        keep_unlabelled (bool, optional): Whether to use images without a
            label; their box is the whole image, and their side that of the
            time step's other hands, else of the sequence's, where these are
            all of one side. Defaults to ``test_mode``: there is nothing to
            learn from them.
        sample_interval (int): Use every n-th time step of a sequence, from the
            first. Defaults to 1.
        outside_images (bool): Read images that the file says are elsewhere, by
            URLs or paths that lead out of their folder. Defaults to False: an
            error.
        strict (bool): Raise an error where a label, true joints, a box or a camera
            cannot be right, or a label or an image of the folder layout cannot be
            read, in place of leaving it out. Defaults to False.
        **kwargs: Other arguments of :class:`BaseCocoStyleDataset`.

    Raises:
        FileNotFoundError: If there is no such file or folder.
        ValueError: If a file is not what it should be, if no view is left,
            if two annotations of an image are of the same side, or an image
            has not the size that its camera was calibrated at, or that is stated.
    """

    METAINFO: dict = dict(_METAINFO, dataset_name='multiview_hand')

    def __init__(
        self,
        data_root: str = '',
        ann_file: str = '',
        hand_side: str | None = None,
        sequences: Sequence[str] | None = None,
        with_calib: bool = True,
        bbox_mode: str = 'annotation',
        min_confidence: float = 0.3,
        keep_unlabelled: bool | None = None,
        outside_images: bool = False,
        strict: bool = False,
        **kwargs: Any,
    ):
        if hand_side not in (None, 'left', 'right'):
            raise ValueError(
                f"hand_side should be None, 'left' or 'right', got {hand_side!r}"
            )
        self.check_choice('bbox_mode', bbox_mode, ('annotation', 'keypoints'))
        self.outside_images = outside_images
        self.strict = strict
        self.notes = LeftOutNotes(strict)
        self.hand_side = hand_side
        self.sequences = None if sequences is None else set(map(str, sequences))
        self.with_calib = with_calib
        self.bbox_mode = bbox_mode
        self.min_confidence = min_confidence
        self.keep_unlabelled = keep_unlabelled
        super().__init__(data_root=data_root, ann_file=ann_file, **kwargs)

    def has_truth(self) -> bool:
        """Whether any view has true 3D joints."""
        return self._has_keypoints_cam

    def left_out(self) -> list[tuple[str, str]]:
        """Entries and files that are not used, or parts of them, each with the
        reason."""
        return self.notes.places

    def load_data_list(self) -> list[dict]:
        """Read the annotations: a dict for each view, sorted by time step
        and camera."""
        content = self._content()
        source = self.ann_file or self.data_root
        for line in annotation_notes(source, content):
            print_log(line, logger='current', level=logging.WARNING)
        self._say_absent_sequences(source, content['images'])
        cameras = cameras_of(source, content) if self.with_calib else {}
        checks = PlausibleEntries(source, self.notes)
        images = self._select(content['images'])
        images = [i for i in images if checks.has_camera(i, find_camera(cameras, i))]
        check_image_sizes(source, images, cameras)
        if self.ann_file:  # a folder's sizes are those of its files
            check_files(source, images, self.data_prefix['img'])
        names = sorted(
            {image['camera'] for image in content['images']}, key=natural_key
        )
        camera_ids = {name: i for i, name in enumerate(names)}
        sides = _labelled_sides(content)
        hands_of = _hands_by_image(content)
        keep_unlabelled = (
            self.test_mode if self.keep_unlabelled is None else self.keep_unlabelled
        )
        items, unlabelled = [], 0
        for image in images:
            camera = find_camera(cameras, image)
            view = self._view(image, camera_ids[image['camera']], camera)
            hands = hands_of.get(image['id']) or [
                dict(hand_side=sides.of(image['frame_id']))
            ]
            for hand in self._one_of_each_side(source, image, hands):
                item = {**view, **self._hand(view, hand, camera, checks)}
                labelled = item['keypoints_visible'].any()
                unlabelled += not labelled
                if keep_unlabelled or labelled:
                    items.append(item)
        self.notes.say(source)
        self._report(source, len(images), unlabelled, keep_unlabelled)
        if not items:
            known = sorted({sequence_of(i['frame_id']) for i in content['images']})
            raise ValueError(
                f'{source} has no labelled view for hand_side='
                f'{self.hand_side!r} and sequences={self.sequences}; it has '
                f'{len(content["images"])} images, of {", ".join(known[:5])}'
                f'{", ..." * (len(known) > 5)}. '
                'tools/misc/pseudo_label.py makes 2D labels; '
                'keep_unlabelled=True uses images without any'
            )
        for line in misplaced_labels(_labelled_views(items)):
            print_log(f'{source}: {line}', logger='current', level=logging.WARNING)
        self._has_keypoints_cam = any('keypoints_cam' in i for i in items)
        return items

    def _content(self) -> dict:
        """The annotations, in the form of COCO's files."""
        if not self.ann_file:
            content = scan_folder(self.data_root, self.hand_side or 'right', self.notes)
            check_annotations(self.data_root, content)
            return content
        try:
            return read_annotations(self.ann_file, self.outside_images)
        except FileNotFoundError:
            raise FileNotFoundError(
                f'there is no annotation file {self.ann_file} (data_root='
                f'{self.data_root!r}); tools/dataset_converters/rig2coco.py '
                f'makes it{near_path(self.ann_file)}'
            ) from None

    def _say_absent_sequences(self, source: str, images: list[dict]) -> None:
        known = {sequence_of(image['frame_id']) for image in images}
        absent = sorted((self.sequences or set()) - known, key=natural_key)
        if absent:
            there = sorted(known, key=natural_key)
            print_log(
                f'{source}: there are no sequences {absent}, which `sequences` names; '
                f'there are {", ".join(there[:5])}{", ..." * (len(there) > 5)}',
                logger='current',
                level=logging.WARNING,
            )

    def _select(self, images: list[dict]) -> list[dict]:
        """Images of the wanted sequences and time steps, sorted."""
        images = [
            image
            for image in images
            if self.sequences is None
            or sequence_of(image['frame_id']) in self.sequences
        ]
        steps: dict[str, list[str]] = {}
        for frame_id in sorted(
            {image['frame_id'] for image in images}, key=natural_key
        ):
            steps.setdefault(sequence_of(frame_id), []).append(frame_id)
        kept = {
            frame_id
            for frames in steps.values()
            for frame_id in frames[:: self.sample_interval]
        }
        images = [image for image in images if image['frame_id'] in kept]
        return sorted(
            images,
            key=lambda image: (
                natural_key(image['frame_id']),
                natural_key(image['camera']),
            ),
        )

    def _one_of_each_side(
        self, source: str, image: dict, hands: list[dict]
    ) -> list[dict]:
        by_side: dict[str, dict] = {}
        for hand in hands:
            side = hand.get('hand_side') or 'right'
            if side in by_side:
                raise ValueError(
                    f'{source}: annotations {by_side[side]["id"]} and '
                    f'{hand["id"]} are both {side} hands of '
                    f'{image["file_name"]}. Keep one hand of a side in an '
                    'image: views are matched by time step and side'
                )
            by_side[side] = hand
        return [
            hand for side, hand in by_side.items() if self.hand_side in (None, side)
        ]

    def _view(self, image: dict, camera_id: int, camera: Camera | None) -> dict:
        view = dict(
            img_id=image['id'],
            img_path=osp.join(self.data_prefix['img'], image['file_name']),
            image_size=np.array([image['width'], image['height']]),
            sequence=sequence_of(image['frame_id']),
            frame_id=image['frame_id'],
            camera=image['camera'],
            camera_id=camera_id,
        )
        if camera is not None and camera.has_pose:
            view['camera_param'] = camera.as_camera_param()
        return view

    def _hand(
        self,
        view: dict,
        hand: dict,
        camera: Camera | None,
        checks: PlausibleEntries,
    ) -> dict:
        side = hand.get('hand_side') or 'right'
        place = f'annotation {hand.get("id")} of {view["img_path"]}'
        keypoints, confidence = checks.joints(
            place, *annotated_joints(hand), view['image_size']
        )
        hand = checks.box(place, hand, view['image_size'])
        info = dict(
            id=hand.get('id', view['img_id']),
            hand_side=side,
            keypoints=keypoints[None].astype(np.float32),
            keypoints_visible=confidence[None].astype(np.float32),
            bbox=self._bbox(view, hand, keypoints, confidence)[None],
            bbox_score=np.ones(1, np.float32),
        )
        if side == 'left':
            info['frame_id'] = f'{view["frame_id"]}/left'
        points = _camera_points(hand, camera)
        if points is not None and checks.is_hand(place, points):
            info['keypoints_cam'] = points[None].astype(np.float32)
        return info

    def _bbox(
        self, view: dict, hand: dict, keypoints: np.ndarray, confidence: np.ndarray
    ) -> np.ndarray:
        """x1, y1, x2, y2."""
        bbox = annotated_bbox(hand) if self.bbox_mode == 'annotation' else None
        if bbox is None:
            bbox = hand_or_image_bbox(
                keypoints, confidence, view['image_size'], self.min_confidence
            )
        return bbox

    def _report(
        self, source: str, num_images: int, unlabelled: int, kept: bool
    ) -> None:
        if unlabelled:
            print_log(
                f'{source}: {unlabelled} hands of {num_images} images have no '
                'label and are '
                + ('kept, with the whole image as their box' if kept else 'left out'),
                logger='current',
                level=logging.WARNING,
            )


def _labelled_views(items: list[dict]) -> LabelledViews:
    return LabelledViews(
        np.concatenate([item['keypoints'] for item in items]),
        np.concatenate([item['keypoints_visible'] for item in items]) > 0,
        np.stack([item['image_size'] for item in items]),
        [item['camera'] for item in items],
    )


def _labelled_sides(content: dict) -> HandSides:
    frames = {image['id']: image['frame_id'] for image in content['images']}
    return HandSides(
        (frames[hand['image_id']], hand.get('hand_side') or 'right')
        for hand in content['annotations']
    )


def _hands_by_image(content: dict) -> dict[int, list[dict]]:
    hands: dict[int, list[dict]] = defaultdict(list)
    for hand in content['annotations']:
        hands[hand['image_id']].append(hand)
    return hands


def _camera_points(hand: dict, camera: Camera | None) -> np.ndarray | None:
    """(21, 3) metres in the camera's frame, None where not known."""
    if hand.get('keypoints_cam') is not None:
        points = np.array(hand['keypoints_cam'], np.float64)
        return points.reshape(NUM_JOINTS, 3)
    world = hand.get('keypoints_world')
    if world is None or camera is None or not camera.has_pose:
        return None
    points = np.array(world, np.float64).reshape(NUM_JOINTS, 3)
    return camera.to_camera(points)
