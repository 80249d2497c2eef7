from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmpose.registry import DATASETS

from ...cameras import intrinsic_matrix, points_in_camera
from ...hand_model import NUM_BETAS, NUM_JOINTS
from ...utils.file_names import check_inside
from ...utils.json_files import (
    MalformedFileError,
    as_array,
    as_list,
    as_text,
    read_json,
    take,
    whole_number,
)
from ..hand_fits import NUM_POSE
from ..joint_order import JointNames, joint_names, order_of_side
from ..left_out import LeftOutNotes
from ..metainfo import HAND_METAINFO
from ..plausible import is_camera, is_hand, is_hand_fit, is_part_of_hand
from .coco_images import images_by_number, size_of
from .flat_hand_dataset import SIDES, FlatHandDataset

MM_PER_M = 1000
# Hands in images of each kind.
_HANDS = dict(right=('right',), left=('left',), interacting=SIDES)
_MANO_SIZES = dict(pose=NUM_POSE, shape=NUM_BETAS, trans=3)
# K, R and t from world to camera.
_Camera = tuple[np.ndarray, np.ndarray, np.ndarray]


@DATASETS.register_module()
class InterHand26MDataset(FlatHandDataset):
    """InterHand2.6M as views of single hands, calibrated with each other.

    `InterHand2.6M (ECCV'2020) <https://mks0601.github.io/InterHand2.6M/>`__
    has up to 140 cameras. MMPose's ``InterHand3DDataset`` gives each image
    alone, with both hands; here the cameras that see a hand at one time are
    a time step. The layout is in ``docs/datasets/interhand.md``.

    Items are those of :class:`FlatHandDataset`. A joint that is annotated and
    inside of the image weighs 1 in 2D; hands with all 21 joints annotated in
    3D have ``keypoints_cam``.

    Args:
        data_root (str): Directory of the data set.
        split (str): 'train', 'val' or 'test'. Defaults to 'train'.
        hand_types (Sequence[str]): Images to use: of single 'right' or 'left'
            hands, or 'interacting', which give two items. Defaults to the
            single ones.
        annotations (str, optional): Directory below ``annotations`` with the
            files of the split. Defaults to the split's name, as in version
            1.0; before, it was 'all', 'human_annot' or 'machine_annot'.
        hand_model (dict | str, optional): MANO's right hand, to make
            ``vertices`` of ``..._MANO_NeuralAnnot.json``, for left hands
            too: by mirroring.
        keypoint_names (Sequence[str] | dict): Names of the 42 joints in the
            order of the files, or MMPose's meta information. Defaults to
            MMPose's for this data set.
        **kwargs: Other arguments of :class:`FlatHandDataset`.
    """

    METAINFO: dict = dict(
        HAND_METAINFO,
        dataset_name='interhand26m',
        paper_info=dict(
            author='Moon, Gyeongsik and Yu, Shoou-I and Wen, He and '
            'Shiratori, Takaaki and Lee, Kyoung Mu',
            title='InterHand2.6M: A Dataset and Baseline for 3D Interacting '
            'Hand Pose Estimation from a Single RGB Image',
            container='European Conference on Computer Vision',
            year='2020',
            homepage='https://mks0601.github.io/InterHand2.6M/',
        ),
    )
    SPLITS = ('train', 'val', 'test')
    DOCS = 'docs/datasets/interhand.md'

    def __init__(
        self,
        data_root: str,
        split: str = 'train',
        hand_types: Sequence[str] = SIDES,
        annotations: str | None = None,
        hand_model: dict | str | None = None,
        keypoint_names: JointNames = dict(
            from_file='configs/_base_/datasets/interhand3d.py'
        ),
        **kwargs: Any,
    ):
        for hand_type in hand_types:
            self.check_choice('hand_types', hand_type, _HANDS)
        self.hand_types = tuple(hand_types)
        self.annotations = annotations or split
        names = joint_names(keypoint_names)
        #: rows of the 42 joints, in our order, of each side
        self._rows = {side: order_of_side(names, side) for side in SIDES}
        super().__init__(
            data_root=data_root, split=split, hand_model=hand_model, **kwargs
        )

    def load_views(self) -> dict[str, np.ndarray]:
        """Read the JSON files, one row for each hand in an image."""
        path = self._file('data')
        data = read_json(path, long_numbers=True)
        images = images_by_number(data, path, self.notes)
        self._cameras = _CameraTable(self._file('camera'))
        frames = _FrameTable(self._file('joint_3d'), self._rows)
        views: dict[str, list] = dict(
            path=[], frame=[], camera=[], side=[], visible=[], size=[], camera_row=[]
        )
        hands = as_list(take(data, ('annotations',), path), path, 'annotations')
        for position, annotation in enumerate(hands):
            try:
                for view in self._hands(annotation, images, frames, path):
                    for name, value in view.items():
                        views[name].append(value)
            except MalformedFileError as error:
                self.notes.add(
                    f'annotations[{position}]: {error}',
                    'annotations left out: one of their entries is not right',
                )
        self._frames = frames.finish()
        self._fits = {}
        if self.hand_model is not None:
            self._fits = _select_fits(
                self._file('MANO_NeuralAnnot'), frames.numbers, self.notes
            )
        dtypes = dict(path=np.bytes_, visible=np.uint8)
        return {
            name: np.array(values, dtypes.get(name, np.int64))
            for name, values in views.items()
        }

    def _hands(
        self, annotation: Any, images: dict, frames: '_FrameTable', path: Path
    ) -> list[dict]:
        """The row of each hand of an annotation.

        Raises:
            MalformedFileError: If something of it is not right.
        """
        hand_type = take(annotation, ('hand_type',), path)
        if not isinstance(hand_type, str) or hand_type not in _HANDS:
            raise MalformedFileError(path, f'hand_type should be one of {list(_HANDS)}')
        if hand_type not in self.hand_types:
            return []
        number = whole_number(annotation, 'image_id', path)
        image = images.get(number)
        if image is None:
            raise MalformedFileError(path, f'there is no image {number}')
        name = as_text(take(image, ('file_name',), path), path, 'file_name')
        check_inside(name, self.data_root)
        size = size_of(image, path)
        capture = str(whole_number(image, 'capture', path))
        camera = whole_number(image, 'camera', path)
        frame = str(whole_number(image, 'frame_idx', path))
        valid = take(annotation, ('joint_valid',), path)
        visible = as_array(valid, None, path, 'joint_valid').reshape(-1)
        if visible.size != 2 * NUM_JOINTS:
            raise MalformedFileError(path, f'joint_valid has {visible.size} entries')
        camera_row = self._cameras.add(capture, str(camera))
        return [
            dict(
                path=name,
                size=size,
                frame=frames.add(capture, frame, side),
                camera=camera,
                camera_row=camera_row,
                side=SIDES.index(side),
                visible=visible[self._rows[side]] > 0,
            )
            for side in _HANDS[hand_type]
        ]

    def make_info(self, row: int) -> dict:
        """The item of one hand in one image."""
        view = {name: values[row] for name, values in self.views.items()}
        frame = int(view['frame'])
        K, R, t = self._cameras[int(view['camera_row'])]
        side = SIDES[view['side']]
        name = view['path'].decode()
        vertices = None
        if frame in self._fits and self.hand_model is not None:
            world = self.vertices_of_fit(self._fits[frame], side)
            vertices = points_in_camera(world, R, t)
        return self.view_info(
            row=row,
            img_path=self.path('images', self.split, name),
            frame_id=self._frames['id'][frame],
            camera_id=view['camera'],
            sequence='/'.join(name.split('/')[:2]),
            image_size=tuple(view['size']),
            K=K,
            R=R,
            t=t,
            hand_side=side,
            joints=points_in_camera(self._frames['joints'][frame], R, t),
            labelled=self._frames['labelled'][frame],
            visible=view['visible'],
            vertices=vertices,
        )

    def has_truth(self) -> bool:
        frames = np.unique(self.view_keys()[0])
        return bool(self._frames['labelled'][frames].all(-1).any())

    def _file(self, kind: str) -> Path:
        return Path(
            self.need_file(
                'annotations',
                self.annotations,
                f'InterHand2.6M_{self.split}_{kind}.json',
            )
        )


class _CameraTable:
    """K, R and t of the cameras that occur."""

    def __init__(self, path: Path):
        self._path = path
        self._content = read_json(path, long_numbers=True)
        self._numbers: dict[tuple[str, str], int] = {}
        self._cameras: list[_Camera] = []

    def add(self, capture: str, camera: str) -> int:
        """Row of a camera."""
        key = (capture, camera)
        if key not in self._numbers:
            found = self._read(capture, camera)
            self._numbers[key] = len(self._cameras)
            self._cameras.append(found)
        return self._numbers[key]

    def _read(self, capture: str, camera: str) -> _Camera:

        def read(kind: str, shape: tuple[int, ...]) -> np.ndarray:
            keys = (capture, kind, camera)
            return as_array(
                take(self._content, keys, self._path),
                shape,
                self._path,
                ' > '.join(keys),
            )

        (fx, fy), (cx, cy) = read('focal', (2,)), read('princpt', (2,))
        R = read('camrot', (3, 3))
        # The file has where the camera stands.
        t = -R @ read('campos', (3,)) / MM_PER_M
        K = intrinsic_matrix(fx, fy, cx, cy)
        if not is_camera(K, R, t):
            raise MalformedFileError(
                self._path, f'{capture} > camera {camera}: no camera has such numbers'
            )
        return K, R, t

    def __getitem__(self, row: int) -> _Camera:
        return self._cameras[row]


class _FrameTable:
    """3D joints of the hands that occur, in metres."""

    def __init__(self, path: Path, rows: dict[str, np.ndarray]):
        self._path, self._rows = path, rows
        self._content = read_json(path, long_numbers=True)
        #: dict: (capture, frame, side) -> number
        self.numbers: dict[tuple[str, str, str], int] = {}
        self._joints: list[np.ndarray] = []
        self._labelled: list[np.ndarray] = []

    def add(self, capture: str, frame: str, side: str) -> int:
        """Number of a hand at one time."""
        key = (capture, frame, side)
        if key not in self.numbers:
            entry = take(self._content, (capture, frame), self._path)
            joints, valid = [
                as_array(
                    take(entry, (kind,), self._path),
                    shape,
                    self._path,
                    f'{capture} > {frame} > {kind}',
                )
                for kind, shape in (
                    ('world_coord', (2 * NUM_JOINTS, 3)),
                    ('joint_valid', (2 * NUM_JOINTS, 1)),
                )
            ]
            joints = joints[self._rows[side]] / MM_PER_M
            labelled = valid[self._rows[side], 0] > 0
            if not (is_hand if labelled.all() else is_part_of_hand)(joints[labelled]):
                raise MalformedFileError(
                    self._path,
                    f'{capture} > {frame}: no {side} hand has such joints '
                    '(millimetres are expected)',
                )
            self.numbers[key] = len(self.numbers)
            self._joints.append(joints)
            self._labelled.append(labelled)
        return self.numbers[key]

    def finish(self) -> dict[str, Any]:
        return dict(
            id=[f'{c}/{f}/{side}' for c, f, side in self.numbers],
            joints=np.array(self._joints, np.float32),
            labelled=np.array(self._labelled, bool),
        )


def _select_fits(
    path: Path, numbers: dict, notes: LeftOutNotes
) -> dict[int, np.ndarray]:
    """MANO fits of hands that have one: pose, shape, translation (61, )."""
    content, fits = read_json(path, long_numbers=True), {}
    for keys, number in numbers.items():
        fit = content
        for key in keys:
            fit = fit.get(key) if isinstance(fit, dict) else None
        if fit is None:
            continue
        try:
            fits[number] = _read_fit(fit, ' > '.join(keys), path)
        except MalformedFileError as error:
            notes.add(error, 'hands without vertices: no hand has such a fit')
    return fits


def _read_fit(fit: Any, place: str, path: Path) -> np.ndarray:
    numbers = np.concatenate(
        [
            as_array(take(fit, (key,), path), (size,), path, f'{place} > {key}')
            for key, size in _MANO_SIZES.items()
        ]
    )
    if not is_hand_fit(numbers):
        raise MalformedFileError(path, f'{place}: no hand has such a fit')
    return numbers
