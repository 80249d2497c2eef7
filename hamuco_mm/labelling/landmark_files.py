"""Labels from files of 21 hand landmarks, as MediaPipe has them."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..datasets.labels import CameraLabels, LabelNotes
from ..datasets.labels.camera_files import best_hand, rivals
from ..datasets.labels.side_words import found_mirroring
from ..datasets.rig import HandLabel
from ..utils.files import file_digest
from ..utils.json_files import MalformedFileError
from ..utils.near_paths import near_path
from .hand_image import HandImage
from .image_matching import LabelsOfImages, note_age

# Landmarks may lie somewhat outside of the image.
_LARGEST_NORMALIZED = 4.0


class LandmarkFiles:
    """Files ``ROOT/<sequence>/<camera>/<frame>.json`` or ``.csv``, or a file for
    each camera: the formats are those of ``docs/label_files.md``.

    Of several hands, the one of the wanted side counts, else the one with the
    highest confidence, which is noted.

    Args:
        root (Path): The directory.
        normalized (bool): Whether coordinates are parts of the width and the
            height of the image, rather than pixels.
        swap_sides (bool, optional): Whether MediaPipe calls a right hand 'Left', which
            is corrected then. Defaults to what the files show, see
            :mod:`~hamuco_mm.datasets.labels.side_words`.
        images (Iterable[HandImage]): All images that labels are wanted of.
            Without, a label is called as its image.
        offset (int, optional): See
            :func:`~hamuco_mm.datasets.labels.match_labels`.

    Attributes:
        notes (LabelNotes): What a user should know of the files that were read.

    Raises:
        FileNotFoundError: If there is no such directory.
    """

    def __init__(
        self,
        root: Path,
        normalized: bool,
        swap_sides: bool | None = None,
        images: Iterable[HandImage] = (),
        offset: int | None = None,
    ):
        if not root.is_dir():
            raise FileNotFoundError(f'there is no directory {root}{near_path(root)}')
        self.root = root
        self.normalized = normalized
        self.notes = LabelNotes()
        self.swap_sides = (
            found_mirroring(root, self.notes) if swap_sides is None else swap_sides
        )
        self._cameras: dict[str, CameraLabels | None] = {}
        self._digested: dict[str, bool] = {}
        self._matching = LabelsOfImages(images, offset)

    def read(self, image: HandImage) -> HandLabel | None:
        """The label of an image; None without a file or a hand in it.

        Raises:
            ValueError: If it is not known which label is that of an image.
            MalformedFileError: If the file is not one of these, its
                coordinates are of the other kind, or it says that it was made of
                another image.
        """
        camera = image.name.rpartition('/')[0]
        files = self._camera(camera)
        name = None
        if files is not None:
            name = self._matching.label_of(
                image, files.names, files.path, self._of_images(camera, files)
            )
        if files is None or name is None:
            return None
        path = files.file(name)
        digest = files.image_digest(name)
        if digest is None:
            note_age(self.notes, path, name, image)
        elif digest != file_digest(image.path):
            raise MalformedFileError(
                path,
                f'was made of another image than {image.path} is now: run '
                'mediapipe_landmarks.py again, which makes those of changed images '
                'anew',
            )
        hands = files.hands(name)
        best = best_hand(hands, image.side)
        if best is None:
            return None
        if len(rivals(hands, image.side)) > 1:
            self.notes.add(
                'images have several hands that may be meant, of which the most '
                'confident is taken',
                path,
            )
        self._check_kind(path, best)
        if best.hand_side not in (None, image.side):
            self.notes.add(
                'labels are of a hand that is said to be of the other side', path
            )
        label = replace(best, hand_side=None)
        if self.normalized:
            keypoints = best.keypoints * image.size()
            return replace(label, keypoints=keypoints, bbox=None)
        return label

    def unused(self) -> list[str]:
        """A line for each camera with labels of no image."""
        known = {camera: files for camera, files in self._cameras.items() if files}
        return self._matching.unused(
            {camera: (files.path, files.names) for camera, files in known.items()}
        )

    def _camera(self, camera: str) -> CameraLabels | None:
        if camera not in self._cameras:
            try:
                self._cameras[camera] = CameraLabels(
                    self.root / camera, self.notes, self.swap_sides
                )
            except FileNotFoundError:
                self._cameras[camera] = None
        return self._cameras[camera]

    def _of_images(self, camera: str, files: CameraLabels) -> bool:
        """Whether the labels of a camera say which images they were made of."""
        if camera not in self._digested:
            self._digested[camera] = any(map(files.image_digest, files.names))
        return self._digested[camera]

    def _check_kind(self, path: Path, hand: HandLabel) -> None:
        largest = np.abs(hand.keypoints[hand.confidence > 0]).max(initial=0)
        if self.normalized and largest > _LARGEST_NORMALIZED:
            raise MalformedFileError(
                path,
                f'has a coordinate of {largest:g}: pixels, not parts of '
                'the image (--coordinates pixels)',
            )
        if not self.normalized and 0 < largest <= 1:
            raise MalformedFileError(
                path,
                'has no coordinate above 1: parts of the image, not '
                'pixels (--coordinates normalized)',
            )
