from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmpose.registry import DATASETS

from ...cameras import intrinsic_matrix, points_in_camera
from ...hand_model import NUM_JOINTS
from ...utils.file_names import check_inside
from ...utils.json_files import as_array, read_json, take
from ..joint_order import JointNames, joint_names, order_of_side
from ..metainfo import HAND_METAINFO
from .flat_hand_dataset import SIDES, FlatHandDataset

MM_PER_M = 1000
# Hands in images of each kind.
_HANDS = dict(right=('right',), left=('left',), interacting=SIDES)
_MANO_KEYS = ('pose', 'shape', 'trans')
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
        data = read_json(self._file('data'))
        images = {image['id']: image for image in data['images']}
        self._cameras = _CameraTable(self._file('camera'))
        frames = _FrameTable(self._file('joint_3d'), self._rows)
        views: dict[str, list] = dict(
            path=[], frame=[], camera=[], side=[], visible=[], size=[], camera_row=[]
        )
        for annotation in data['annotations']:
            if annotation['hand_type'] not in self.hand_types:
                continue
            image = images[annotation['image_id']]
            capture, camera = str(image['capture']), str(image['camera'])
            visible = np.asarray(annotation['joint_valid'], np.uint8).reshape(-1)
            for side in _HANDS[annotation['hand_type']]:
                check_inside(image['file_name'], self.data_root)
                views['path'].append(image['file_name'])
                views['size'].append((image['width'], image['height']))
                views['frame'].append(
                    frames.add(capture, str(image['frame_idx']), side)
                )
                views['camera'].append(int(camera))
                views['camera_row'].append(self._cameras.add(capture, camera))
                views['side'].append(SIDES.index(side))
                views['visible'].append(visible[self._rows[side]])
        self._frames = frames.finish()
        self._fits = {}
        if self.hand_model is not None:
            self._fits = _select_fits(self._file('MANO_NeuralAnnot'), frames.numbers)
        dtypes = dict(path=np.bytes_, visible=np.uint8)
        return {
            name: np.array(values, dtypes.get(name, np.int64))
            for name, values in views.items()
        }

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
        self._content = read_json(path)
        self._numbers: dict[tuple[str, str], int] = {}
        self._cameras: list[_Camera] = []

    def add(self, capture: str, camera: str) -> int:
        """Row of a camera."""
        key = (capture, camera)
        if key not in self._numbers:
            self._numbers[key] = len(self._cameras)
            self._cameras.append(self._read(capture, camera))
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
        return intrinsic_matrix(fx, fy, cx, cy), R, t

    def __getitem__(self, row: int) -> _Camera:
        return self._cameras[row]


class _FrameTable:
    """3D joints of the hands that occur, in metres."""

    def __init__(self, path: Path, rows: dict[str, np.ndarray]):
        self._path, self._rows = path, rows
        self._content = read_json(path)
        #: dict: (capture, frame, side) -> number
        self.numbers: dict[tuple[str, str, str], int] = {}
        self._joints: list[np.ndarray] = []
        self._labelled: list[np.ndarray] = []

    def add(self, capture: str, frame: str, side: str) -> int:
        """Number of a hand at one time."""
        key = (capture, frame, side)
        if key not in self.numbers:
            self.numbers[key] = len(self.numbers)
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
            self._joints.append(joints[self._rows[side]] / MM_PER_M)
            self._labelled.append(valid[self._rows[side], 0] > 0)
        return self.numbers[key]

    def finish(self) -> dict[str, Any]:
        return dict(
            id=[f'{c}/{f}/{side}' for c, f, side in self.numbers],
            joints=np.array(self._joints, np.float32),
            labelled=np.array(self._labelled, bool),
        )


def _select_fits(path: Path, numbers: dict) -> dict[int, np.ndarray]:
    """MANO fits of hands that have one: pose, shape, translation (61, )."""
    content, fits = read_json(path), {}
    for (capture, frame, side), number in numbers.items():
        fit = content.get(capture, {}).get(frame, {}).get(side)
        if fit is not None:
            fits[number] = np.concatenate(
                [
                    as_array(
                        take(fit, (key,), path),
                        (-1,),
                        path,
                        f'{capture} > {frame} > {side} > {key}',
                    )
                    for key in _MANO_KEYS
                ]
            )
    return fits
