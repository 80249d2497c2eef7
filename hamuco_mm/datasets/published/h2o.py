import os
import os.path as osp
from collections.abc import Sequence
from typing import Any

import numpy as np
from mmpose.registry import DATASETS
from rich.progress import track

from ...cameras import intrinsic_matrix
from ...hand_model import HAND_JOINT_NAMES, NUM_JOINTS
from ...utils.json_files import MalformedFileError
from ...utils.text_files import read_text
from ..joint_order import JointNames, joint_names, reorder_by_name
from ..metainfo import HAND_METAINFO
from ..plausible import is_camera, is_hand
from .flat_hand_dataset import CAM2WORLD, SIDES, FlatHandDataset, number_rows

_PLACES = ('h1', 'h2', 'k1', 'k2', 'o1', 'o2')
SEQUENCES = dict(
    train=(
        *(f'subject{s}/{place}' for s in (1, 2) for place in _PLACES),
        'subject3/h1',
        'subject3/h2',
        'subject3/k1',
    ),
    val=('subject3/k2', 'subject3/o1', 'subject3/o2'),
    test=tuple(f'subject4/{place}' for place in _PLACES),
)
# A flag and the joints of the left hand, then of the right.
FILE_SIDES = ('left', 'right')
NUM_PER_HAND = 1 + 3 * NUM_JOINTS
_MOST_DIGITS = 18


@DATASETS.register_module()
class H2ODataset(FlatHandDataset):
    """H2O: two hands and objects, from 4 fixed cameras and one on the head.

    `H2O (ICCV'2021) <https://h2odataset.ethz.ch>`__. The layout is in
    ``docs/datasets/h2o.md``. Items are those of :class:`FlatHandDataset`;
    hands that are not annotated are left out. The MANO labels are not used.

    Args:
        data_root (str): Directory with ``subject1`` and so on.
        split (str): 'train', 'val' or 'test', whole subjects and places.
            Defaults to 'train'.
        cameras (Sequence[int]): Cameras to use: 0 to 3 are fixed, 4 is
            egocentric. Defaults to all.
        list_file (str, optional): One of the data set's lists of images
            (``label_split/pose_train.txt``), below ``data_root`` or absolute:
            use its frames alone.
        keypoint_names (Sequence[str] | dict): Names of the joints in the
            order of the files. Defaults to this package's order.
        **kwargs: Other arguments of :class:`FlatHandDataset`.
    """

    METAINFO: dict = dict(
        HAND_METAINFO,
        dataset_name='h2o',
        paper_info=dict(
            author='Kwon, Taein and Tekin, Bugra and Stuhmer, Jan and Bogo, '
            'Federica and Pollefeys, Marc',
            title='H2O: Two Hands Manipulating Objects for First Person '
            'Interaction Recognition',
            container='IEEE/CVF International Conference on Computer Vision',
            year='2021',
            homepage='https://h2odataset.ethz.ch',
        ),
    )
    SPLITS = tuple(SEQUENCES)
    DOCS = 'docs/datasets/h2o.md'

    def __init__(
        self,
        data_root: str,
        split: str = 'train',
        cameras: Sequence[int] = (0, 1, 2, 3, 4),
        list_file: str | None = None,
        keypoint_names: JointNames = HAND_JOINT_NAMES,
        **kwargs: Any,
    ):
        self.cameras = tuple(cameras)
        self.list_file = list_file
        self._order = reorder_by_name(joint_names(keypoint_names))
        super().__init__(data_root=data_root, split=split, **kwargs)

    def load_views(self) -> dict[str, np.ndarray]:
        """Read the text files of all frames, one row for each hand in an image."""
        listed = self._read_list()
        self._takes: list[str] = []
        self._intrinsics: dict[tuple[int, int], tuple[np.ndarray, tuple[int, int]]] = {}
        hands, joints = [], []
        for take in self._take_names():
            number = len(self._takes)
            self._takes.append(take)
            for camera in self.cameras:
                directory = self.path(take, f'cam{camera}')
                if not osp.isdir(osp.join(directory, 'rgb')):
                    continue
                if not self._has_intrinsics(number, camera, directory):
                    continue
                frames = self._frame_names(osp.join(directory, 'rgb'))
                if listed is not None:
                    frames = [f for f in frames if (take, f) in listed]
                for frame in track(frames, f'{take}/cam{camera}', transient=True):
                    found = self._read_hands(directory, frame)
                    if found is None:
                        continue
                    for side in SIDES:
                        hand = found[FILE_SIDES.index(side)]
                        if hand[0] > 0 and self._is_hand(directory, frame, side, hand):
                            hands.append(
                                (number, int(frame), camera, SIDES.index(side))
                            )
                            joints.append(hand[1:].reshape(NUM_JOINTS, 3))
        rows = np.array(hands, np.int64).reshape(-1, 4)
        take, frame, camera, side = rows.T
        return dict(
            take=take,
            index=frame,
            frame=number_rows(rows[:, [0, 1, 3]]),
            camera=camera,
            side=side,
            joints=np.array(joints, np.float32).reshape(-1, NUM_JOINTS, 3)[
                :, self._order
            ],
        )

    def make_info(self, row: int) -> dict:
        """The item of one hand in one image."""
        view = {
            name: int(values[row])
            for name, values in self.views.items()
            if name != 'joints'
        }
        take, side = self._takes[view['take']], SIDES[view['side']]
        frame = f'{view["index"]:06d}'
        directory = self.path(take, f'cam{view["camera"]}')
        K, image_size = self._intrinsics[view['take'], view['camera']]
        R, t = _read_extrinsics(self.need_file(directory, 'cam_pose', f'{frame}.txt'))
        return self.view_info(
            row=row,
            img_path=osp.join(directory, 'rgb', f'{frame}.png'),
            frame_id=f'{take}/{frame}/{side}',
            camera_id=view['camera'],
            sequence=take,
            image_size=image_size,
            K=K,
            R=R,
            t=t,
            hand_side=side,
            joints=self.views['joints'][row],
        )

    def has_truth(self) -> bool:
        return True

    def _take_names(self) -> list[str]:
        names = []
        for sequence in SEQUENCES[self.split]:
            directory = self.path(sequence)
            if osp.isdir(directory):
                takes = [n for n in os.listdir(directory) if _is_number(n)]
                names += [f'{sequence}/{n}' for n in sorted(takes, key=int)]
        self.warn_of_absent(SEQUENCES[self.split])
        return names

    def _read_list(self) -> set[tuple[str, str]] | None:
        if self.list_file is None:
            return None
        listed = set()
        path = self.need_file(self.list_file)
        for line in read_text(path).split():
            parts = line.split('/')
            if len(parts) == 6:
                listed.add(('/'.join(parts[:3]), parts[5].split('.')[0]))
                continue
            self.notes.add(
                f'{path}, {line[:80]!r}',
                'images left out: expected lines like '
                'subject1/h1/0/cam4/rgb/000000.png',
            )
        return listed

    def _has_intrinsics(self, take: int, camera: int, directory: str) -> bool:
        try:
            self._intrinsics[take, camera] = _read_intrinsics(
                self.need_file(directory, 'cam_intrinsics.txt')
            )
        except MalformedFileError as error:
            self.notes.add(error, 'cameras left out: their intrinsics are not right')
            return False
        return True

    def _frame_names(self, directory: str) -> list[str]:
        stems = [osp.splitext(name)[0] for name in os.listdir(directory)]
        for stem in stems:
            if not _is_number(stem):
                self.notes.add(
                    osp.join(directory, stem),
                    'images left out: their name is no number',
                )
        return sorted(stem for stem in stems if _is_number(stem))

    def _read_hands(self, directory: str, frame: str) -> np.ndarray | None:
        try:
            path = self.need_file(directory, 'hand_pose', f'{frame}.txt')
            numbers = _read_numbers(path, 2 * NUM_PER_HAND)
        except (MalformedFileError, FileNotFoundError) as error:
            self.notes.add(error, 'images left out: the joints cannot be read')
            return None
        return numbers.reshape(2, NUM_PER_HAND)

    def _is_hand(
        self, directory: str, frame: str, side: str, numbers: np.ndarray
    ) -> bool:
        if is_hand(numbers[1:].reshape(NUM_JOINTS, 3)):
            return True
        self.notes.add(
            f'{directory}/hand_pose/{frame}.txt, {side}',
            'hands left out: no hand has such joints (metres are expected)',
        )
        return False


def _is_number(name: str) -> bool:
    """Whether the name of a file or folder is one that fits 64 bits."""
    return name.isdecimal() and name.isascii() and len(name) <= _MOST_DIGITS


def _read_numbers(path: str, count: int) -> np.ndarray:
    with open(path) as file:
        try:
            numbers = np.array(file.read().split(), np.float64)
        except ValueError as error:
            raise MalformedFileError(
                path, f'holds other than numbers ({error})'
            ) from error
    if numbers.size != count or not np.isfinite(numbers).all():
        raise MalformedFileError(
            path, f'expected {count} finite numbers, got {numbers.size}'
        )
    return numbers


def _read_intrinsics(path: str) -> tuple[np.ndarray, tuple[int, int]]:
    fx, fy, cx, cy, width, height = _read_numbers(path, 6)
    K = intrinsic_matrix(fx, fy, cx, cy)
    if not is_camera(K) or not 1 <= min(width, height) <= max(width, height) <= 1e6:
        raise MalformedFileError(
            path, 'no camera has such focal lengths, centre, width and height, pixels'
        )
    return K, (int(width), int(height))


def _read_extrinsics(path: str) -> tuple[np.ndarray, np.ndarray]:
    """R and t from world to camera; the file has them the other way."""
    cam2world = _read_numbers(path, 16).reshape(4, 4)
    R, t = CAM2WORLD.to_world2cam(cam2world[:3, :3], cam2world[:3, 3])
    if not is_camera(np.eye(3), R, t):
        raise MalformedFileError(path, 'is no rotation with a translation in metres')
    return R, t
