"""The folder layout of a rig, and how it becomes the COCO-style form."""

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...cameras import Camera, read_calibration
from ...hand_model import NUM_JOINTS
from ...utils.json_files import parse_json, read_json
from ...utils.natural_order import natural_key
from ..frames import image_files
from ..frames.file_types import visible
from ..image_size import image_size
from ..labels.hand_label import HandLabel, read_label
from ..left_out import LeftOutNotes
from .annotations import empty_annotations, make_annotation
from .folder_names import (
    Views,
    refuse_lone_cameras,
    tell_of_unused,
    tell_of_unused_cameras,
)
from .hand_sides import HandSides
from .image_origin import image_origin
from .image_sizes import check_image_sizes
from .source_frames import source_frames

EXPECTED_LAYOUT = """\
  <root>/images/<sequence>/<camera>/<frame>.jpg    same frame = same time step
  <root>/labels/<sequence>/<camera>/<frame>.json   2D labels (optional)
  <root>/xyz/<sequence>/<frame>.json               3D joints (optional)
  <root>/calibration.json                          cameras (optional), or
  <root>/calibration/<sequence>.json               one for each sequence"""


class RigFolder:
    """Where the files of a rig are.

    Args:
        root (str | Path): Directory of the data set.
    """

    def __init__(self, root: str | Path):
        self.root = Path(root)

    def images(self, sequence: str, camera: str) -> Path:
        return self.root / 'images' / sequence / camera

    def labels(self, sequence: str, camera: str) -> Path:
        return self.root / 'labels' / sequence / camera

    def label(self, sequence: str, camera: str, frame: str) -> Path:
        return self.labels(sequence, camera) / f'{frame}.json'

    def xyz(self, sequence: str, frame: str) -> Path:
        return self.root / 'xyz' / sequence / f'{frame}.json'

    def calibration(self, sequence: str | None = None) -> Path:
        if sequence is None:
            return self.root / 'calibration.json'
        return self.root / 'calibration' / f'{sequence}.json'

    def views(self) -> dict[tuple[str, str], list[Path]]:
        """Image files of each (sequence, camera), in natural order.

        Raises:
            FileNotFoundError: If there is no image in this layout.
        """
        found = {}
        for sequence in _directories(self.root / 'images'):
            for camera in _directories(sequence):
                files = image_files(camera)
                if files:
                    found[sequence.name, camera.name] = files
        if not found:
            raise FileNotFoundError(
                f'{self.root} has no images in the layout of a rig:\n'
                f'{EXPECTED_LAYOUT}\n'
                'tools/dataset_converters/rig2coco.py makes it from videos or '
                'image folders'
            )
        return found


def scan_folder(
    root: str | Path, hand_side: str = 'right', notes: LeftOutNotes | None = None
) -> dict:
    """Read a folder into the COCO-style form.

    Args:
        root (str | Path): Directory in the layout above.
        hand_side (str): For labels without one.
        notes (LeftOutNotes, optional): Is told of labels, 3D joints and images that
            cannot be read, which are left out. Without, the first such label or
            joints are an error, and images a warning.

    Returns:
        dict: As it would stand in the JSON file, see
        ``docs/your_own_rig.md``; ``file_name`` is relative to ``root``.
        An image with 3D joints and no label has an annotation with joints of
        confidence 0, for evaluation; its side is that of the other hands.
        ``source_frame`` of an image is what it was called where it comes from,
        if that is known.

    Raises:
        FileNotFoundError: If there is no image in this layout.
        ValueError: If a file cannot be read as what it should be, an image has
            not the size that its camera was calibrated at, or a camera's images
            have names that no other camera's have.
    """
    folder = RigFolder(root)
    views = folder.views()
    refuse_lone_cameras(views)
    _tell_of_unused(folder, views)
    sequences = sorted({sequence for sequence, _ in views}, key=natural_key)
    cameras = read_cameras(folder, sequences)
    read_calibrations = [folder.calibration(of) for of in (None, *sequences)]
    tell_of_unused_cameras(folder.root, views, cameras, read_calibrations)
    annotations = empty_annotations(cameras)
    annotations['info']['read_as'] = _read_as(folder, sequences)
    origins = {'/'.join(view): image_origin(folder.images(*view)) for view in views}
    annotations['info']['images_of'] = {
        view: origin for view, origin in origins.items() if origin is not None
    }
    read = _Files(notes)
    joints = _JointFiles(folder, read)
    labelled, unlabelled = [], []
    for (sequence, camera), files in views.items():
        known = source_frames(folder.images(sequence, camera))
        for file in files:
            size = read.image_size(file)
            if size is None:
                continue
            image_id = len(annotations['images'])
            annotations['images'].append(
                dict(
                    id=image_id,
                    file_name=file.relative_to(folder.root).as_posix(),
                    width=size[0],
                    height=size[1],
                    frame_id=f'{sequence}/{file.stem}',
                    camera=camera,
                    **(
                        dict(source_frame=known[file.stem])
                        if file.stem in known
                        else {}
                    ),
                )
            )
            path = folder.label(sequence, camera, file.stem)
            xyz = joints.read(sequence, file.stem)
            label = read.label(path)
            if label is not None:
                labelled.append((image_id, label, hand_side, xyz))
            elif xyz is not None:
                unlabelled.append((image_id, xyz))
    check_image_sizes(str(folder.root), annotations['images'], cameras)
    frames = [image['frame_id'] for image in annotations['images']]
    sides = HandSides(
        (frames[image_id], label.hand_side or hand_side)
        for image_id, label, _, _ in labelled
    )
    empty = HandLabel(np.zeros((NUM_JOINTS, 2)), np.zeros(NUM_JOINTS))
    hands = labelled + [
        (image_id, empty, sides.of(frames[image_id], hand_side), xyz)
        for image_id, xyz in unlabelled
    ]
    annotations['annotations'] = [
        make_annotation(number, *hand) for number, hand in enumerate(hands)
    ]
    return annotations


def _tell_of_unused(folder: RigFolder, views: Views) -> None:
    """Name the labels and 3D joints that no image has."""
    labels: dict[Path, set[str]] = {}
    xyz: dict[Path, set[str]] = {}
    for (sequence, camera), files in views.items():
        stems = {file.stem for file in files}
        labels[folder.labels(sequence, camera)] = stems
        xyz.setdefault(folder.xyz(sequence, '').parent, set()).update(stems)
    tell_of_unused(folder.root / 'labels', labels)
    tell_of_unused(folder.root / 'xyz', xyz)


def read_cameras(folder: RigFolder, sequences: Sequence[str]) -> dict[str, Camera]:
    """The existing calibrations, by name or by sequence and name."""
    cameras = {}
    if folder.calibration().exists():
        cameras.update(read_calibration(folder.calibration()).cameras)
    for sequence in sequences:
        path = folder.calibration(sequence)
        if path.exists():
            cameras.update(
                {
                    f'{sequence}/{name}': camera
                    for name, camera in read_calibration(path).cameras.items()
                }
            )
    return cameras


def _read_as(folder: RigFolder, sequences: Sequence[str]) -> dict[str, dict]:
    """How calibrations were converted, by sequence ('' for all)."""
    found = {}
    for sequence in ('', *sequences):
        path = folder.calibration(sequence or None)
        if path.exists():
            content = read_json(path)
            if isinstance(content, dict) and 'read_as' in content:
                found[sequence] = content['read_as']
    return found


class _JointFiles:
    """3D joints, which the views of a time step share."""

    def __init__(self, folder: RigFolder, read: '_Files'):
        self.folder = folder
        self.files = read
        self._known: dict[tuple[str, str], np.ndarray | None] = {}

    def read(self, sequence: str, frame: str) -> np.ndarray | None:
        key = sequence, frame
        if key not in self._known:
            self._known[key] = self.files.joints(self.folder.xyz(*key))
        return self._known[key]


class _Files:
    """Reads files of single views and time steps; None where there is none, or it
    is left out."""

    def __init__(self, notes: LeftOutNotes | None):
        self._notes = notes

    def image_size(self, path: Path) -> tuple[int, int] | None:
        """Width and height from the header."""
        try:
            return image_size(path)
        except OSError as error:
            warnings.warn(f'{path} is left out: not readable ({error})', stacklevel=3)
            if self._notes is not None:
                self._notes.add(path, 'images left out: they cannot be read')
            return None

    def label(self, path: Path) -> HandLabel | None:
        """The 2D label of a view."""
        return self._read(path, read_label, 'labels left out: they cannot be read')

    def joints(self, path: Path) -> np.ndarray | None:
        """The 3D joints of a time step, world metres."""
        return self._read(path, _read_joints, '3D joints left out: no list of 21 x 3')

    def _read(self, path: Path, read: Callable[[Path], Any], reason: str) -> Any:
        if not path.exists():
            return None
        try:
            return read(path)
        except (ValueError, OSError) as error:
            if self._notes is None:
                raise
            self._notes.add(error, reason)
            return None


def _read_joints(path: Path) -> np.ndarray:
    try:
        joints = np.array(parse_json(path.read_bytes()), np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f'{path}: no list of joints ({error})') from error
    if joints.shape != (NUM_JOINTS, 3) or not np.isfinite(joints).all():
        raise ValueError(
            f'{path}: expected {NUM_JOINTS} x 3 numbers, world metres, '
            f'got shape {joints.shape}'
        )
    return joints


def _directories(path: Path) -> list[Path]:
    if not path.is_dir():
        return []
    return sorted(
        (entry for entry in visible(path) if entry.is_dir()),
        key=lambda entry: natural_key(entry.name),
    )
