import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from mmpose.registry import DATASETS

from ...cameras import pinhole_pixels, points_in_camera
from ...hand_model import NUM_JOINTS
from ...utils.file_names import check_inside
from ...utils.image_headers import open_image
from ...utils.json_files import (
    MalformedFileError,
    as_array,
    as_list,
    as_text,
    read_json,
    take,
    whole_number,
)
from ..joint_order import JointNames, joint_names, order_of_side
from ..metainfo import HAND_METAINFO
from ..plausible import is_camera, is_part_of_hand
from .coco_images import images_by_number, size_of
from .flat_hand_dataset import SIDES, FlatHandDataset

MM_PER_M = 1000
# Where tools/dataset_converters/assemblyhands_exo.py puts the videos' frames.
EXO_FOLDER = 'exo_images_rectified'


@DATASETS.register_module()
class AssemblyHandsDataset(FlatHandDataset):
    """AssemblyHands: both hands, from calibrated cameras on the head (4) or
    fixed ones (8).

    `AssemblyHands (CVPR'2023) <https://assemblyhands.github.io>`__, its
    rectified images. The layout is in ``docs/datasets/assemblyhands.md``.
    Items are those of :class:`FlatHandDataset`. In 2D a joint weighs 1 that
    the image's annotation calls valid (head) or that is valid in 3D and
    inside of the image (fixed cameras); hands with all 21 joints valid in 3D
    have ``keypoints_cam``.

    Args:
        data_root (str): Directory of the data set.
        split (str): 'train', 'val', 'test' or 'demo'. Defaults to 'train'.
        views (str): 'ego' for the cameras on the head, 'exo' for the fixed
            ones, whose videos ``tools/dataset_converters/
            assemblyhands_exo.py`` makes images of. Defaults to 'ego'.
        version (str): End of the files' names. Defaults to 'v1-1'.
        min_joints (int): Leave out hands with fewer valid joints in the
            image. Defaults to 10, as in the authors' toolkit.
        keypoint_names (Sequence[str] | dict): Names of the 42 joints in the
            order of the files. Defaults to MMPose's of InterHand2.6M, which
            is the same order.
        **kwargs: Other arguments of :class:`FlatHandDataset`.
    """

    METAINFO: dict = dict(
        HAND_METAINFO,
        dataset_name='assemblyhands',
        paper_info=dict(
            author='Ohkawa, Takehiko and He, Kun and Sener, Fadime and Hodan, '
            'Tomas and Tran, Luan and Keskin, Cem',
            title='AssemblyHands: Towards Egocentric Activity Understanding '
            'via 3D Hand Pose Estimation',
            container='IEEE/CVF Conference on Computer Vision and Pattern Recognition',
            year='2023',
            homepage='https://assemblyhands.github.io',
        ),
    )
    SPLITS = ('train', 'val', 'test', 'demo')
    DOCS = 'docs/datasets/assemblyhands.md'

    def __init__(
        self,
        data_root: str,
        split: str = 'train',
        views: str = 'ego',
        version: str = 'v1-1',
        min_joints: int = 10,
        keypoint_names: JointNames = dict(
            from_file='configs/_base_/datasets/interhand3d.py'
        ),
        **kwargs: Any,
    ):
        self.check_choice('views', views, ('ego', 'exo'))
        self.views_from = views
        self.version = version
        self.min_joints = min_joints
        names = joint_names(keypoint_names)
        #: rows of the 42 joints, in our order, of each side
        self._rows = {side: order_of_side(names, side) for side in SIDES}
        super().__init__(data_root=data_root, split=split, **kwargs)

    def load_views(self) -> dict[str, np.ndarray]:
        """Read the JSON files, one row for each hand in an image."""
        joint_path = self._file('joint_3d')
        truth = take(
            read_json(joint_path, long_numbers=True), ('annotations',), joint_path
        )
        self._truth = self._frames_of(truth, joint_path)
        calibration = _Calibration(self._file(f'{self.views_from}_calib'))
        find = dict(ego=self._ego_images, exo=self._exo_images)
        table: dict[str, list] = dict(
            path=[],
            size=[],
            frame=[],
            camera=[],
            side=[],
            visible=[],
            K=[],
            R=[],
            t=[],
            joints=[],
            labelled=[],
        )
        frame_ids: dict[str, int] = {}
        for image in find[self.views_from](calibration):
            try:
                world, valid = self._joints(image, joint_path)
                number = _camera_number(image.camera)
                K, R, t = calibration.camera(image.sequence, image.frame, image.camera)
            except ValueError as error:
                self.notes.add(
                    f'{image.path}: {error}',
                    'images left out: their joints or their camera are not right',
                )
                continue
            joints = points_in_camera(world, R, t)
            visible = image.visible
            if visible is None:
                visible = valid & _inside(joints, K, image.size)
            for side in image.sides:
                rows = self._rows[side]
                if visible[rows].sum() < self.min_joints:
                    continue
                frame_id = f'{image.sequence}/{image.frame}/{side}'
                table['path'].append(image.path)
                table['size'].append(image.size)
                table['frame'].append(frame_ids.setdefault(frame_id, len(frame_ids)))
                table['camera'].append(number)
                table['side'].append(SIDES.index(side))
                table['visible'].append(visible[rows])
                table['labelled'].append(valid[rows])
                table['joints'].append(joints[rows])
                table['K'].append(K)
                table['R'].append(R)
                table['t'].append(t)
        del self._truth
        self._frame_ids = list(frame_ids)
        dtypes = dict(path=np.bytes_)
        return {
            name: np.array(values, dtypes.get(name)) for name, values in table.items()
        }

    def _frames_of(self, truth: Any, path: Path) -> dict[str, dict]:
        """The frames of each sequence, where they are an object."""
        found = {}
        for sequence, frames in truth.items() if isinstance(truth, dict) else ():
            if isinstance(frames, dict):
                found[sequence] = frames
            else:
                self.notes.add(f'{path}: {sequence}', 'sequences left out: no object')
        return found

    def _has_joints(self, sequence: str, frame: str, path: str) -> bool:
        """Whether the file of 3D joints has a frame; notes an image where not."""
        if frame in self._truth.get(sequence, {}):
            return True
        self.notes.add(
            f'{path}: {sequence} > {frame}',
            'images left out: the file of 3D joints has no such frame',
        )
        return False

    def _joints(self, image: '_Image', path: Path) -> tuple[np.ndarray, np.ndarray]:
        """World joints (42, 3), metres, and which are known, bool (42, ).

        Raises:
            MalformedFileError: If no hands have such.
        """
        place = f'{image.sequence} > {image.frame}'
        entry = self._truth[image.sequence][image.frame]
        joints = as_array(
            take(entry, ('world_coord',), path),
            (2 * NUM_JOINTS, 3),
            path,
            f'{place} > world_coord',
        )
        valid = _flags(take(entry, ('joint_valid',), path), path)
        joints = joints / MM_PER_M
        for side in SIDES:
            rows = self._rows[side][valid[self._rows[side]]]
            if not is_part_of_hand(joints[rows]):
                raise MalformedFileError(
                    path,
                    f'{place}: no {side} hand has such joints (millimetres are '
                    'expected)',
                )
        return np.where(valid[:, None], joints, 0), valid

    def _ego_images(self, calibration: '_Calibration') -> Iterator['_Image']:
        """Images that the annotation file lists."""
        path = self._file('ego_data')
        data = read_json(path, long_numbers=True)
        images = images_by_number(data, path, self.notes)
        hands = as_list(take(data, ('annotations',), path), path, 'annotations')
        for position, annotation in enumerate(hands):
            try:
                found = self._ego_image(annotation, images, path)
            except MalformedFileError as error:
                self.notes.add(
                    f'annotations[{position}]: {error}',
                    'annotations left out: one of their entries is not right',
                )
                continue
            if self._has_joints(found.sequence, found.frame, found.path):
                yield found

    def _ego_image(
        self, annotation: Any, images: dict[int, dict], path: Path
    ) -> '_Image':
        number = whole_number(annotation, 'image_id', path)
        image = images.get(number)
        if image is None:
            raise MalformedFileError(path, f'there is no image {number}')
        name, sequence, camera = [
            as_text(take(image, (key,), path), path, key)
            for key in ('file_name', 'seq_name', 'camera')
        ]
        check_inside(name, self.data_root)
        size = size_of(image, path)
        boxes = take(annotation, ('bbox',), path)
        if not isinstance(boxes, dict):
            raise MalformedFileError(path, 'bbox should be an object with the sides')
        return _Image(
            name,
            (size[0], size[1]),
            sequence,
            f'{whole_number(image, "frame_idx", path):06d}',
            camera,
            [side for side in SIDES if boxes.get(side) is not None],
            _flags(take(annotation, ('joint_valid',), path), path),
        )

    def _exo_images(self, calibration: '_Calibration') -> Iterator['_Image']:
        """Images that have been extracted from the videos."""
        root = f'{EXO_FOLDER}/{self.split}'
        for sequence in self._truth:
            for camera in calibration.cameras(sequence):
                folder = Path(self.path('images', root, sequence, camera))
                files = sorted(folder.glob('*.jpg'))
                if not files:
                    continue
                size = _image_size(files[0])
                for file in files:
                    path = f'{root}/{sequence}/{camera}/{file.name}'
                    if self._has_joints(sequence, file.stem, path):
                        yield _Image(
                            path, size, sequence, file.stem, camera, SIDES, None
                        )

    def make_info(self, row: int) -> dict:
        """The item of one hand in one image."""
        view = {name: values[row] for name, values in self.views.items()}
        frame_id = self._frame_ids[int(view['frame'])]
        return self.view_info(
            row=row,
            img_path=self.path('images', view['path'].decode()),
            frame_id=frame_id,
            camera_id=view['camera'],
            sequence=frame_id.split('/')[0],
            image_size=tuple(view['size']),
            K=view['K'],
            R=view['R'],
            t=view['t'],
            hand_side=SIDES[view['side']],
            joints=view['joints'],
            labelled=view['labelled'],
            visible=view['visible'],
        )

    def has_truth(self) -> bool:
        return bool(self.views['labelled'][self.data_list.rows].all(-1).any())

    def _file(self, kind: str) -> Path:
        return Path(
            self.need_file(
                'annotations',
                self.split,
                f'assemblyhands_{self.split}_{kind}_{self.version}.json',
            )
        )


@dataclass(frozen=True)
class _Image:
    """An image to take hands from.

    Attributes:
        path (str): Below ``images``.
        size (tuple): Width and height in pixels.
        sequence, frame, camera (str): Where and when.
        sides (Sequence[str]): Hands to take.
        visible (np.ndarray | None): Which of the 42 joints are seen; None for
            those inside of the image.
    """

    path: str
    size: tuple[int, int]
    sequence: str
    frame: str
    camera: str
    sides: Sequence[str]
    visible: np.ndarray | None


class _Calibration:
    """K, R and t (metres, from world to camera) of each frame's cameras."""

    def __init__(self, path: Path):
        self._path = path
        content = read_json(path, long_numbers=True)
        self._content = take(content, ('calibration',), path)

    def cameras(self, sequence: str) -> list[str]:
        """Names of the fixed cameras, if the sequence is calibrated."""
        try:
            known = take(self._content, (sequence, 'intrinsics'), self._path)
        except MalformedFileError:
            return []  # of another part of the data set
        return sorted(name for name in known if not name.startswith('HMC_'))

    def camera(
        self, sequence: str, frame: str, name: str
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of a camera, fixed or on the head."""
        intrinsics = take(self._content, (sequence, 'intrinsics'), self._path)
        extrinsics = take(self._content, (sequence, 'extrinsics'), self._path)
        # The images' names of the cameras lack the end, '_mono10bit'.
        matches = [key for key in intrinsics if f'{key}_'.startswith(f'{name}_')]
        if len(matches) != 1:
            raise MalformedFileError(
                self._path,
                f'{sequence} has {len(matches)} cameras of the '
                f'name {name!r}: {sorted(intrinsics)}',
            )
        key = matches[0]
        fixed = isinstance(extrinsics, dict) and key in extrinsics
        keys = (key,) if fixed else (frame, key)
        K = as_array(
            intrinsics[key], (3, 3), self._path, f'{sequence} > intrinsics > {key}'
        )
        Rt = as_array(
            take(extrinsics, keys, self._path),
            (3, 4),
            self._path,
            ' > '.join((sequence, 'extrinsics', *keys)),
        )
        R, t = Rt[:, :3], Rt[:, 3] / MM_PER_M
        if not is_camera(K, R, t):
            raise MalformedFileError(
                self._path, f'{sequence} > {key}: no camera has such numbers'
            )
        return K, R, t


def _flags(value: Any, path: Path) -> np.ndarray:
    """Which of the 42 joints, bool (42, )."""
    flags = as_array(value, None, path, 'joint_valid').reshape(-1)
    if flags.size != 2 * NUM_JOINTS:
        raise MalformedFileError(path, f'joint_valid has {flags.size} entries')
    return flags > 0


def _image_size(path: Path) -> tuple[int, int]:
    with open_image(path) as image:
        return image.size


def _inside(points_cam: np.ndarray, K: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Which points (P, 3) are seen inside of the image, bool (P, )."""
    inside = points_cam[:, 2] > 0
    pixels = pinhole_pixels(points_cam[inside], K)
    inside[inside] = ((pixels >= 0) & (pixels < np.asarray(size))).all(1)
    return inside


def _camera_number(name: str) -> int:
    """The number in a name like HMC_21179183 or C10095_rgb."""
    numbers = re.findall(r'[0-9]{4,18}', name)
    if len(numbers) != 1:
        raise ValueError(f'the camera name {name!r} has no serial number')
    return int(numbers[0])
