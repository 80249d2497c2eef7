"""Labels from the JSON files of OpenPose (``--hand --write_json``)."""

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ..datasets.frames.file_types import visible
from ..datasets.joint_order import reorder_by_name
from ..datasets.labels import LabelNotes
from ..datasets.labels.checks import clean_joints
from ..datasets.labels.matching import refuse_shifted
from ..datasets.rig import HandLabel
from ..hand_model import FINGER_NAMES, NUM_JOINTS
from ..utils.json_files import MalformedFileError
from ..utils.near_paths import near_path
from .hand_image import HandImage
from .image_matching import note_age
from .openpose_scale import found_scale, people_of, to_pixels

# https://github.com/CMU-Perceptual-Computing-Lab/openpose,
# doc/02_output.md: from the base to the tip of each finger
_NAMES = ['wrist'] + [f'{f}{i}' for f in FINGER_NAMES for i in (1, 2, 3, 4)]
_ORDER = reorder_by_name(_NAMES)
_SUFFIX = '_keypoints.json'
_NUMBERED = re.compile(r'(?:.*_)?(\d+)$')


class OpenPoseFiles:
    """Files ``ROOT/<sequence>/<camera>/<...>_keypoints.json``.

    If all files of a camera are called as its images are, they were made of these.
    Else they were made of the recording that the images come from: ``<...>`` is
    then the name of the frame there (``source_frame``, an image's name or the
    place in a video) or ends in its number, as OpenPose calls them for
    videos. Of several people in an image the most confident hand of the wanted
    side counts.

    Args:
        root (Path): The directory.
        images (Iterable[HandImage]): All images that labels are wanted of.
        keypoint_scale (int, optional): What OpenPose was run with: 0 for pixels of
            the image, 3 for parts of it (0 to 1), 4 for -1 to 1. Defaults to
            what all files together show, which is noted if it is not 0.

    Attributes:
        notes (LabelNotes): What a user should know of the files that were read.

    Raises:
        FileNotFoundError: If there is no such directory.
    """

    def __init__(
        self,
        root: Path,
        images: Iterable[HandImage] = (),
        keypoint_scale: int | None = None,
        offset: int | None = None,
    ):
        if not root.is_dir():
            raise FileNotFoundError(f'there is no directory {root}{near_path(root)}')
        self.root = root
        self.notes = LabelNotes()
        self._scale = keypoint_scale
        self._offset = offset
        self._of_camera: dict[str, dict[str | int, Path]] = {}
        self._used: set[Path] = set()
        self._images: dict[str, dict[str, str | None]] = {}
        for image in images:
            camera, _, frame = image.name.rpartition('/')
            self._images.setdefault(camera, {})[frame] = image.source_frame

    def read(self, image: HandImage) -> HandLabel | None:
        """The label of an image; None without a file or a hand in it.

        Raises:
            MalformedFileError: If the file is not one of OpenPose.
            ValueError: If it is not known which file is that of an image.
        """
        path = self._find(image)
        if path is None:
            return None
        self._used.add(path)
        note_age(self.notes, path, path.name[: -len(_SUFFIX)], image)
        key = f'hand_{image.side}_keypoints_2d'
        hands = [
            _joints(path, f'people[{i}]', person, key)
            for i, person in enumerate(people_of(path))
        ]
        hands = [hand for hand in hands if hand[:, 2].any()]
        if not hands:
            return None
        best = max(hands, key=lambda hand: hand[:, 2].sum())[_ORDER]
        if self._scale is None:
            self._scale = found_scale(self._all_files(), self.root)
            if self._scale:
                what = 'is taken for the --keypoint_scale of the files'
                self.notes.add(what, self.root, self._scale)
        points = to_pixels(best[:, :2], self._scale, image)
        points = np.where(best[:, 2:] > 0, points, 0)
        return HandLabel(*clean_joints(path, points, best[:, 2], self.notes))

    def unused(self) -> list[str]:
        """A line for each camera with files of no image."""
        lines = []
        for camera, files in self._of_camera.items():
            paths = list(dict.fromkeys(files.values()))
            unused = [path.name for path in paths if path not in self._used]
            if unused:
                lines.append(
                    f'{self.root / camera}: {len(unused)} of {len(paths)} files belong '
                    f'to no image, the first is {unused[0]}'
                )
        return lines

    def _all_files(self) -> Iterable[Path]:
        return (path for path in self.root.rglob(f'*{_SUFFIX}') if path.name[0] != '.')

    def _find(self, image: HandImage) -> Path | None:
        camera, _, frame = image.name.rpartition('/')
        if camera not in self._of_camera:
            self._of_camera[camera] = self._files_of(camera)
        files = self._of_camera[camera]
        if not self._of_images(camera, files):
            frame = image.source_frame or frame
        number = _number(frame)
        by_number = None if number is None else files.get(number + (self._offset or 0))
        return by_number if self._offset else files.get(frame, by_number)

    def _files_of(self, camera: str) -> dict[str | int, Path]:
        """The files of a camera, whose numbers are not those of its frames shifted
        by one."""
        files = _by_frame(self.root / camera)
        if self._offset is None and not self._of_images(camera, files):
            names = (of or frame for frame, of in self._images.get(camera, {}).items())
            frames = {number for name in names if (number := _number(name)) is not None}
            try:
                refuse_shifted({n for n in files if isinstance(n, int)}, frames)
            except ValueError as error:
                raise ValueError(f'{self.root / camera}: {error}') from error
        return files

    def _of_images(self, camera: str, files: dict[str | int, Path]) -> bool:
        """Whether all files of a camera are called as its images are."""
        stems = {name for name in files if isinstance(name, str)}
        return self._offset is None and stems <= self._images.get(camera, {}).keys()


def _by_frame(directory: Path) -> dict[str | int, Path]:
    """Files by what stands before ``_keypoints``, and by its number."""
    found: dict[str | int, Path] = {}
    for path in visible(directory, f'*{_SUFFIX}'):
        stem = path.name[: -len(_SUFFIX)]
        number = _number(stem)
        if number is not None and number in found:
            raise ValueError(f'{path} and {found[number]} are both of frame {number}')
        found[stem] = path
        if number is not None:
            found[number] = path
    return found


def _number(stem: str) -> int | None:
    match = _NUMBERED.match(stem)
    return int(match[1]) if match else None


def _joints(path: Path, place: str, person: object, key: str) -> np.ndarray:
    """(21, 3): x, y, confidence."""
    if not isinstance(person, dict) or key not in person:
        raise MalformedFileError(
            path, f'{place} has no "{key}": run OpenPose with --hand'
        )
    try:
        joints = np.array(person[key], float)
    except (TypeError, ValueError, OverflowError):
        joints = np.zeros(0)
    if joints.size == 0 and person[key] == []:
        return np.zeros((NUM_JOINTS, 3))
    if joints.shape != (3 * NUM_JOINTS,):
        raise MalformedFileError(
            path,
            f'{place}.{key} should be x, y, confidence of {NUM_JOINTS} '
            f'joints: {3 * NUM_JOINTS} numbers',
        )
    return joints.reshape(NUM_JOINTS, 3)
