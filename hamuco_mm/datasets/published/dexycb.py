import logging
import os
from typing import Any

import numpy as np
import yaml
from mmengine.logging import print_log
from mmpose.registry import DATASETS

from ...cameras import intrinsic_matrix
from ...hand_model import HAND_JOINT_NAMES, NUM_BETAS, NUM_JOINTS
from ...utils.file_names import safe_file_name
from ...utils.json_files import MalformedFileError, as_array, as_list, take
from ...utils.npz_files import read_npz
from ...utils.text_files import read_text
from ..joint_order import JointNames, joint_names, reorder_by_name
from ..metainfo import HAND_METAINFO
from ..plausible import is_camera, is_hand
from .flat_hand_dataset import CAM2WORLD, SIDES, FlatHandDataset, number_rows

IMAGE_SIZE = (640, 480)
# Principal components and shapes are a few standard deviations, places metres.
_LARGEST_POSE, _LARGEST_BETA = 1000.0, 100.0
SUBJECTS = (
    '20200709-weiy',
    '20200813-ceppner',
    '20200820-amousavian',
    '20200903-ynarang',
    '20200908-yux',
    '20200918-ftozetoramos',
    '20200928-ahanda',
    '20201002-dieterf',
    '20201015-ychao',
    '20201022-lmanuelli',
)
SERIALS = (
    '836212060125',
    '839512060362',
    '840412060917',
    '841412060263',
    '932122060857',
    '932122060861',
    '932122061900',
    '932122062010',
)
# The order of the joints, by the names of the authors' toolkit, and what they
# are here: its names of the thumb are one joint further out.
JOINTS = dict(
    wrist='wrist',
    thumb_mcp='thumb_cmc',
    thumb_pip='thumb_mcp',
    thumb_dip='thumb_ip',
    thumb_tip='thumb_tip',
    **{
        f'{finger}_{joint}': f'{finger.replace("little", "pinky")}_{joint}'
        for finger in ('index', 'middle', 'ring', 'little')
        for joint in ('mcp', 'pip', 'dip', 'tip')
    },
)
_SEQUENCES_OF_SUBJECT = 100
# Setup -> split -> (subjects, cameras, whether a sequence belongs to it by
# its place among those of its subject).
_SETUPS: dict[str, dict[str, tuple]] = dict(
    s0=dict(
        train=(range(10), range(8), lambda i: i % 5 != 4),
        val=(range(2), range(8), lambda i: i % 5 == 4),
        test=(range(2, 10), range(8), lambda i: i % 5 == 4),
    ),
    s1=dict(
        train=((0, 1, 2, 3, 4, 5, 9), range(8), lambda i: True),
        val=((6,), range(8), lambda i: True),
        test=((7, 8), range(8), lambda i: True),
    ),
    s2=dict(
        train=(range(10), range(6), lambda i: True),
        val=(range(10), (6,), lambda i: True),
        test=(range(10), (7,), lambda i: True),
    ),
    s3=dict(
        train=(range(10), range(8), lambda i: i // 5 not in (3, 7, 11, 15, 19)),
        val=(range(10), range(8), lambda i: i // 5 in (3, 19)),
        test=(range(10), range(8), lambda i: i // 5 in (7, 11, 15)),
    ),
)
# Setups whose splits share subjects and cameras.
_BY_PLACE = ('s0', 's3')


@DATASETS.register_module()
class DexYCBDataset(FlatHandDataset):
    """DexYCB: hands that grasp objects, from 8 calibrated cameras.

    `DexYCB (CVPR'2021) <https://dex-ycb.github.io/>`__. The layout is in
    ``docs/datasets/dexycb.md``. Items are those of
    :class:`FlatHandDataset`; frames without a hand are left out.

    Args:
        data_root (str): Directory of the data set.
        split (str): 'train', 'val' or 'test'. Defaults to 'train'.
        setup (str): 's0' (other sequences of the same subjects), 's1' (other
            subjects), 's2' (other cameras; one camera in 'val' and 'test') or
            's3' (other objects). Defaults to 's0'.
        hand_model (dict | str, optional): MANO_RIGHT.pkl, to make
            ``vertices`` of right hands.
        left_hand_model (dict | str, optional): MANO_LEFT.pkl, likewise: the
            labels are in its own principal components, so that mirroring the
            right hand would not do.
        keypoint_names (Sequence[str] | dict): Names of the joints in the
            order of the files. Defaults to those of the authors' toolkit.
        **kwargs: Other arguments of :class:`FlatHandDataset`.
    """

    METAINFO: dict = dict(
        HAND_METAINFO,
        dataset_name='dexycb',
        paper_info=dict(
            author='Chao, Yu-Wei and Yang, Wei and Xiang, Yu and others',
            title='DexYCB: A Benchmark for Capturing Hand Grasping of Objects',
            container='IEEE/CVF Conference on Computer Vision and Pattern Recognition',
            year='2021',
            homepage='https://dex-ycb.github.io/',
        ),
    )
    SPLITS = ('train', 'val', 'test')
    DOCS = 'docs/datasets/dexycb.md'

    def __init__(
        self,
        data_root: str,
        split: str = 'train',
        setup: str = 's0',
        hand_model: dict | str | None = None,
        left_hand_model: dict | str | None = None,
        keypoint_names: JointNames = tuple(JOINTS),
        **kwargs: Any,
    ):
        self.check_choice('setup', setup, _SETUPS)
        self.setup = setup
        self.left_hand_model = left_hand_model
        self._order = reorder_by_name(
            joint_names(keypoint_names), HAND_JOINT_NAMES, JOINTS
        )
        super().__init__(
            data_root=data_root, split=split, hand_model=hand_model, **kwargs
        )

    def load_views(self) -> dict[str, np.ndarray]:
        """Read the sequences' and cameras' files, one row for each
        image.

        The labels of an image are read with the image: there are 582,000.
        """
        subjects, cameras, is_in_split = _SETUPS[self.setup][self.split]
        names = [
            f'{SUBJECTS[subject]}/{name}'
            for subject in subjects
            for i, name in enumerate(self._sequence_names(SUBJECTS[subject]))
            if is_in_split(i)
        ]
        if not names:
            raise FileNotFoundError(
                f'{type(self).__name__}: {self.data_root} has no sequence of '
                f'setup {self.setup!r}, split {self.split!r}. Set `data_root` '
                f'of the data set, or the variable that its config names, to a '
                f'directory of the layout in {self.DOCS}'
            )
        self.warn_of_absent(SUBJECTS[subject] for subject in subjects)
        self._sequences = list(filter(None, map(self._usable_sequence, names)))
        self._intrinsics: dict[str, np.ndarray] = {}
        for camera in cameras:
            try:
                K = self._read_intrinsics(SERIALS[camera])
            except MalformedFileError as error:
                self.notes.add(
                    error, 'cameras left out: their intrinsics are not right'
                )
            else:
                self._intrinsics[SERIALS[camera]] = K
        images = [
            (number, frame, camera, SIDES.index(sequence['side']))
            for number, sequence in enumerate(self._sequences)
            for frame in sequence['frames']
            for camera in cameras
            if SERIALS[camera] in sequence['cameras'].keys() & self._intrinsics
        ]
        rows = np.array(images, np.int64).reshape(-1, 4)
        sequence, frame, camera, side = rows.T
        return dict(
            sequence=sequence,
            index=frame,
            frame=number_rows(rows[:, :2]),
            camera=camera,
            side=side,
        )

    def make_info(self, row: int) -> dict:
        """The item of one image; its label file is read now."""
        view = {name: int(values[row]) for name, values in self.views.items()}
        sequence = self._sequences[view['sequence']]
        serial, side = SERIALS[view['camera']], sequence['side']
        directory = self.path(sequence['name'], serial)
        joints, pose = _read_label(f'{directory}/labels_{view["index"]:06d}.npz')
        R, t = sequence['cameras'][serial]
        return self.view_info(
            row=row,
            img_path=f'{directory}/color_{view["index"]:06d}.jpg',
            frame_id=f'{sequence["name"]}/{view["index"]:06d}',
            camera_id=view['camera'],
            sequence=sequence['name'],
            image_size=IMAGE_SIZE,
            K=self._intrinsics[serial],
            R=R,
            t=t,
            hand_side=side,
            joints=None if joints is None else joints[self._order],
            vertices=None
            if joints is None
            else self._vertices(pose, sequence['betas'], side),
        )

    def has_truth(self) -> bool:
        return True

    def model_of_side(self, side: str) -> dict | str | None:
        """Each side has its own file here."""
        return self.hand_model if side == 'right' else self.left_hand_model

    def _vertices(
        self, pose: np.ndarray, betas: np.ndarray, side: str
    ) -> np.ndarray | None:
        if self.model_of_side(side) is None:
            return None
        fingers = pose[3:48] @ self.model_data(side).hands_components
        return self.vertices_of_fit(
            np.concatenate([pose[:3], fingers, betas, pose[48:]]), side
        )

    def _sequence_names(self, subject: str) -> list[str]:
        directory = self.path(subject)
        if not os.path.isdir(directory):
            return []
        names = sorted(
            name
            for name in os.listdir(directory)
            if os.path.isdir(os.path.join(directory, name))
        )
        if len(names) != _SEQUENCES_OF_SUBJECT and self.setup in _BY_PLACE:
            print_log(
                f'{directory} has {len(names)} sequences, not {_SEQUENCES_OF_SUBJECT}: '
                f'those of the splits of setup {self.setup!r} are known by their '
                'places among all, so that these splits are not the published ones',
                'current',
                logging.WARNING,
            )
        return names

    def _usable_sequence(self, name: str) -> dict | None:
        try:
            return self._read_sequence(name)
        except (MalformedFileError, FileNotFoundError) as error:
            self.notes.add(error, 'sequences left out: a file of theirs is not right')
            return None

    def _read_sequence(self, name: str) -> dict:
        path, meta = self._read_yaml(name, 'meta.yml')
        side, calibration = [
            _only(take(meta, (key,), path), key, path)
            for key in ('mano_sides', 'mano_calib')
        ]
        if side not in SIDES:
            raise MalformedFileError(path, f'mano_sides should be one of {SIDES}')
        mano_path, mano = self._read_yaml(
            'calibration', f'mano_{_name(calibration, path)}', 'mano.yml'
        )
        betas = as_array(
            take(mano, ('betas',), mano_path), (NUM_BETAS,), mano_path, 'betas'
        )
        if not np.abs(betas).max() < _LARGEST_BETA:
            raise MalformedFileError(mano_path, 'no hand has such betas')
        extrinsics_path, extrinsics = self._read_yaml(
            'calibration',
            f'extrinsics_{_name(take(meta, ("extrinsics",), path), path)}',
            'extrinsics.yml',
        )
        cameras = {}
        for serial in as_list(take(meta, ('serials',), path), path, 'serials'):
            serial = _name(serial, path)
            try:
                cameras[serial] = _read_pose(extrinsics, serial, extrinsics_path)
            except MalformedFileError as error:
                self.notes.add(f'{name}: {error}', 'cameras of a sequence left out')
        pose_path = self.need_file(name, 'pose.npz')
        pose = read_npz(pose_path, ['pose_m'])['pose_m']
        if pose.ndim != 3 or pose.dtype.kind != 'f':
            raise MalformedFileError(
                pose_path, f'pose_m should have shape (frames, 1, 51), got {pose.shape}'
            )
        return dict(
            name=name,
            side=side,
            betas=betas,
            cameras=cameras,
            # All zeros where there is no hand yet.
            frames=np.flatnonzero(pose.any((1, 2))).tolist(),
        )

    def _read_intrinsics(self, serial: str) -> np.ndarray:
        width, height = IMAGE_SIZE
        path, content = self._read_yaml(
            'calibration', 'intrinsics', f'{serial}_{width}x{height}.yml'
        )
        fx, fy, cx, cy = [
            float(as_array(take(content, ('color', key), path), (), path, key))
            for key in ('fx', 'fy', 'ppx', 'ppy')
        ]
        K = intrinsic_matrix(fx, fy, cx, cy)
        if not is_camera(K):
            raise MalformedFileError(path, 'no camera has such numbers, pixels')
        return K

    def _read_yaml(self, *parts: str) -> tuple[str, Any]:
        path = self.need_file(*parts)
        text = read_text(path)
        try:
            return path, yaml.safe_load(text)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise MalformedFileError(path, f'not readable as YAML ({error})') from error


def _read_pose(content: Any, serial: str, path: str) -> tuple[np.ndarray, np.ndarray]:
    """R and t from world to camera."""
    numbers = take(content, ('extrinsics', serial), path)
    Rt = as_array(numbers, (12,), path, serial, np.float64).reshape(3, 4)
    R, t = CAM2WORLD.to_world2cam(Rt[:, :3], Rt[:, 3])
    if not is_camera(np.eye(3), R, t):
        raise MalformedFileError(
            path, f'{serial} is no rotation with a translation in metres'
        )
    return R, t


def _only(value: Any, key: str, path: str) -> Any:
    """The entry of a list of one."""
    if len(as_list(value, path, key)) != 1:
        raise MalformedFileError(path, f'{key} should have one entry')
    return value[0]


def _name(value: Any, path: str) -> str:
    """A part of the name of a folder, or the serial number of a camera."""
    if isinstance(value, (str, int)) and str(value) == safe_file_name(str(value)):
        return str(value)
    raise MalformedFileError(path, f'{repr(value)[:40]} is no name of a folder')


def _read_label(path: str) -> tuple[np.ndarray | None, np.ndarray]:
    """Joints (21, 3) in the camera frame, or None, and the pose (51, )."""
    joints, pose = read_npz(path, ['joint_3d', 'pose_m']).values()
    numeric = joints.dtype.kind in 'fiu' and pose.dtype.kind in 'fiu'
    if not numeric or joints.size != NUM_JOINTS * 3 or pose.size != 48 + 3:
        raise MalformedFileError(
            path, 'expected joint_3d of shape (1, 21, 3) and pose_m of shape (1, 51)'
        )
    # -1 everywhere says that there is no label.
    labelled = not (joints == -1).all()
    if labelled and not is_hand(joints.reshape(NUM_JOINTS, 3)):
        raise MalformedFileError(path, 'no hand has such joints (metres are expected)')
    if not np.abs(pose).max() <= _LARGEST_POSE:
        raise MalformedFileError(path, 'no hand has such a pose_m')
    return joints.reshape(NUM_JOINTS, 3) if labelled else None, pose.reshape(-1)
