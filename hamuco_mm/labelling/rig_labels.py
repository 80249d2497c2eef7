"""Labels of a rig: the annotations of its COCO-style JSON."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ..datasets.bbox import bbox_from_keypoints
from ..datasets.rig import (
    HandLabel,
    annotated_bbox,
    annotated_joints,
    make_annotation,
    read_annotations,
    scan_folder,
    write_annotations,
)
from ..hand_model import NUM_JOINTS
from .hand_image import HandImage


class RigLabels:
    """Writes a JSON file with new labels; everything else stays as it was.

    Each existing annotation gets a new label; an image without any gets an
    annotation.

    Args:
        source (Path): The JSON file, or a folder in the layout of a rig.
        out (Path, optional): JSON file to write, in the directory of the
            data set. Defaults to ``<name>_pseudo.json`` there.
        overwrite (bool): Replace an existing file.
        hand_side (str): Of images without an annotation, and of annotations that do
            not say it.

    Attributes:
        unstated (int): Hands whose annotation does not say the side, or that have
            no annotation.

    Raises:
        FileExistsError: If the file to write exists.
        ValueError: If the source is not what it should be, or ``out`` is in
            another directory.
    """

    def __init__(
        self,
        source: Path,
        out: Path | None = None,
        overwrite: bool = False,
        hand_side: str = 'right',
    ):
        if source.is_dir():
            self.root, name = source, 'rig'
            self.rig = scan_folder(source, hand_side)
        else:
            self.root, name = source.parent, source.stem
            self.rig = read_annotations(source)
        self.out = out or self.root / f'{name}_pseudo.json'
        if self.out.resolve().parent != self.root.resolve():
            raise ValueError(
                f'--out {self.out} should be in {self.root}: the file names '
                'of its images are relative to that'
            )
        if self.out.exists() and not overwrite:
            raise FileExistsError(
                f'{self.out} is there; --overwrite replaces '
                'it, --out FILE writes elsewhere'
            )
        self.unstated = 0
        self._hands = self._find_hands(hand_side)
        self.images = [self._image(image, hand) for image, hand in self._hands]

    def write(
        self, labels: Iterable[tuple[int, HandLabel | None]], source: dict
    ) -> None:
        """Write all labels.

        Args:
            labels (Iterable): Index of the image, and its label; None for
                none.
            source (dict): What they were made with. Boxes that were used
                (``boxes='data'``) stay, others are made from the joints again.
        """
        keep_boxes = source.get('boxes') == 'data'
        known = self.rig['annotations']
        next_id = max((hand['id'] for hand in known), default=-1) + 1
        for index, label in labels:
            image, hand = self._hands[index]
            if label is None:
                label = HandLabel(np.zeros((NUM_JOINTS, 2)), np.zeros(NUM_JOINTS))
            if 'id' not in hand:
                if not label.confidence.any():
                    continue
                hand['id'] = next_id
                known.append(hand)
                next_id += 1
            boxes = {key: hand.pop(key) for key in ('bbox', 'area') if key in hand}
            hand.update(
                make_annotation(hand['id'], image['id'], label, hand['hand_side'])
            )
            if keep_boxes:
                hand.update(boxes)
        self.rig.setdefault('info', {})['pseudo_labels'] = source
        write_annotations(self.out, self.rig)

    def _find_hands(self, hand_side: str) -> list[tuple[dict, dict]]:
        """Each annotation with its image; an empty one for images without."""
        by_image: dict[int, list[dict]] = {}
        for hand in self.rig['annotations']:
            self.unstated += 'hand_side' not in hand
            hand.setdefault('hand_side', hand_side)
            by_image.setdefault(hand['image_id'], []).append(hand)
        self.unstated += sum(i['id'] not in by_image for i in self.rig['images'])
        return [
            (image, hand)
            for image in self.rig['images']
            for hand in by_image.get(image['id'], [dict(hand_side=hand_side)])
        ]

    def _image(self, image: dict, hand: dict) -> HandImage:
        sequence, _, frame = image['frame_id'].rpartition('/')
        return HandImage(
            '/'.join(filter(None, (sequence, image['camera'], frame))),
            self.root / image['file_name'],
            hand['hand_side'],
            (image['width'], image['height']),
            _box(hand),
            source_frame=image.get('source_frame'),
        )


def _box(hand: dict) -> np.ndarray | None:
    """x1, y1, x2, y2, also from the joints of an annotation without a box."""
    box = annotated_bbox(hand)
    if box is None:
        box = bbox_from_keypoints(*annotated_joints(hand))
    return box
