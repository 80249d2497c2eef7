import os.path as osp
import pickle
from pathlib import Path
from typing import Any

import numpy as np
from mmpose.registry import DATASETS

from ...hand_model import FINGER_NAMES, MANO_JOINT_NAMES, NUM_JOINTS, NUM_VERTICES
from ...hand_model.pickled_arrays import load_pickled_arrays
from ...utils.file_names import safe_file_name
from ...utils.json_files import MalformedFileError, read_array
from ...utils.text_files import read_text
from ..joint_order import JointNames, joint_names, reorder_by_name
from ..metainfo import HAND_METAINFO
from ..plausible import is_camera, is_hand_box, is_hand_fit, is_part_of_hand
from .flat_hand_dataset import FlatHandDataset

IMAGE_SIZE = (640, 480)
# MANO's 16 joints, then the fingertips.
JOINTS = (*MANO_JOINT_NAMES, *(f'{finger}_tip' for finger in FINGER_NAMES))
# OpenGL's camera looks along -z with y up, ours along z with y down.
OPENGL_TO_OPENCV = np.array([1.0, -1.0, -1.0], np.float32)


_EXPECTED_LINES = "expected lines '<sequence>/<frame>'"
# MANO's parameters of an image.
_FIT = ('handPose', 'handBeta', 'handTrans')
# How many numbers the arrays of an image's file have.
_SIZES = dict(
    zip(_FIT, ((48,), (10,), (3,))),
    camMat=(9,),
    handJoints3D=(3, 3 * NUM_JOINTS),
    handBoundingBox=(4,),
)


@DATASETS.register_module()
class HO3DDataset(FlatHandDataset):
    """HO-3D version 3: right hands that hold objects, and its challenge.

    `HO-3D (CVPR'2020) <https://github.com/shreyashampali/ho3d>`__. The
    layout is in ``docs/datasets/ho3d.md``. Items are those of
    :class:`FlatHandDataset`, each a time step of its own with one camera, in
    this package's camera frame: the files' is OpenGL's.

    The evaluation split has boxes, cameras and the wrist of each image
    (``raw_ann_info['wrist']``, camera frame, metres) in its ``meta`` files;
    its 3D labels are used where ``evaluation_xyz.json`` (and
    ``evaluation_verts.json``) have been downloaded. The ``meta`` files are
    pickles; only the arrays in them are read.

    Args:
        data_root (str): Directory of the data set.
        split (str): 'train' or 'evaluation'. Defaults to 'evaluation'.
        with_vertices (bool): Read ``evaluation_verts.json``, 1 GB of text, if
            it is there. Defaults to False.
        hand_model (dict | str, optional): Make ``vertices`` of the MANO
            labels of the training split.
        keypoint_names (Sequence[str] | dict): Names of the joints in the
            order of the files. Defaults to MANO's order.
        **kwargs: Other arguments of :class:`FlatHandDataset`.
    """

    METAINFO: dict = dict(
        HAND_METAINFO,
        dataset_name='ho3d',
        paper_info=dict(
            author='Hampali, Shreyas and Rad, Mahdi and Oberweger, Markus and '
            'Lepetit, Vincent',
            title='HOnnotate: A method for 3D Annotation of Hand and Object Poses',
            container='IEEE/CVF Conference on Computer Vision and Pattern Recognition',
            year='2020',
            homepage='https://github.com/shreyashampali/ho3d',
        ),
    )
    SPLITS = ('train', 'evaluation')
    DOCS = 'docs/datasets/ho3d.md'

    def __init__(
        self,
        data_root: str,
        split: str = 'evaluation',
        with_vertices: bool = False,
        hand_model: dict | str | None = None,
        keypoint_names: JointNames = JOINTS,
        **kwargs: Any,
    ):
        self.with_vertices = with_vertices
        self._order = reorder_by_name(joint_names(keypoint_names))
        super().__init__(
            data_root=data_root, split=split, hand_model=hand_model, **kwargs
        )

    def load_views(self) -> dict[str, np.ndarray]:
        """Read the list of images and the labels of the evaluation; the
        ``meta`` file of an image is read with it."""
        path = self.need_file(f'{self.split}.txt')
        self._names = read_text(path).split()
        usable = np.array([_is_name(name) for name in self._names], bool)
        for row in np.flatnonzero(~usable):
            place = f'{path}, {self._names[row][:80]!r}'
            self.notes.add(place, f'images left out: {_EXPECTED_LINES}')
        if not usable.any():
            raise MalformedFileError(path, f'{_EXPECTED_LINES}, got {self._names[:1]}')
        self._labels: dict[str, np.ndarray] = {}
        if self.split == 'evaluation':
            self._read_labels('xyz', (NUM_JOINTS, 3))
            if self.with_vertices:
                self._read_labels('verts', (NUM_VERTICES, 3))
        frame = np.arange(len(self._names))
        return dict(frame=frame, camera=np.zeros_like(frame), usable=usable)

    def make_info(self, row: int) -> dict:
        """The item of one image; its ``meta`` file is read now."""
        name = self._names[row]
        sequence, frame = name.split('/')
        path = self.need_file(self.split, sequence, 'meta', f'{frame}.pkl')
        meta = _read_meta(path)
        joints = meta.get('handJoints3D')
        wrist, bbox = None, meta.get('handBoundingBox')
        if joints is not None and joints.size == 3:
            wrist, joints = joints.reshape(3) * OPENGL_TO_OPENCV, None
        if joints is None and self.split == 'train':
            raise MalformedFileError(
                path,
                'has no handJoints3D of 21 joints, as the images of train.txt have in '
                'HO-3D (H2O-3D, of two hands, is another data set)',
            )
        if 'xyz' in self._labels:
            joints = self._label('xyz', row)
        if joints is not None:
            joints = (joints.reshape(NUM_JOINTS, 3) * OPENGL_TO_OPENCV)[self._order]
            wrist = joints[0] if wrist is None else wrist
        info = self.view_info(
            row=row,
            img_path=self._image_path(sequence, frame),
            frame_id=f'{self.split}/{name}',
            camera_id=0,
            sequence=sequence,
            image_size=IMAGE_SIZE,
            hand_side='right',  # there are no left hands
            K=meta['camMat'],
            joints=joints,
            vertices=self._vertices(row, meta),
            bbox=None if bbox is None else bbox.reshape(4),
        )
        if wrist is not None:
            info['raw_ann_info'] = dict(wrist=np.asarray(wrist, np.float32))
        return info

    def has_truth(self) -> bool:
        return self.split == 'train' or 'xyz' in self._labels

    def _vertices(self, row: int, meta: dict[str, np.ndarray]) -> np.ndarray | None:
        if 'verts' in self._labels:
            vertices = self._label('verts', row)
            return None if vertices is None else vertices * OPENGL_TO_OPENCV
        if self.hand_model is None or not all(key in meta for key in _FIT):
            return None
        pose = meta['handPose'].reshape(48).astype(np.float32)
        # Relative to the flat hand here, to the mean pose in a fit.
        pose[3:] -= self.model_data().hands_mean
        fit = np.concatenate(
            [pose, meta['handBeta'].reshape(10), meta['handTrans'].reshape(3)]
        )
        return self.vertices_of_fit(fit) * OPENGL_TO_OPENCV

    def _label(self, kind: str, row: int) -> np.ndarray | None:
        label = self._labels[kind][row]
        return label if np.isfinite(label).all() else None

    def _image_path(self, sequence: str, frame: str) -> str:
        stem = self.path(self.split, sequence, 'rgb', frame)
        # Version 2 had .png.
        return f'{stem}.png' if osp.isfile(f'{stem}.png') else f'{stem}.jpg'

    def _read_labels(self, kind: str, shape: tuple[int, ...]) -> None:
        """Of the evaluation; NaN where no hand has such."""
        path = Path(self.path(f'evaluation_{kind}.json'))
        if not path.is_file():
            return
        self._labels[kind] = read_array(path, shape)
        if len(self._labels[kind]) != len(self._names):
            raise ValueError(
                f'{path} has {len(self._labels[kind])} entries, '
                f'evaluation.txt {len(self._names)}'
            )
        for row, points in enumerate(self._labels[kind]):
            if not is_part_of_hand(points):
                self.notes.add(
                    f'{path}, entry {row}',
                    'images without this truth: no hand has such points (metres are '
                    'expected)',
                )
                points[:] = np.nan


def _read_meta(path: str) -> dict[str, np.ndarray]:
    """The arrays of an image's file, checked: those that are used have numbers
    that a camera and a hand can have."""
    try:
        meta = load_pickled_arrays(path)
    except pickle.UnpicklingError as error:
        raise pickle.UnpicklingError(
            f'{path} holds more than arrays and text, so it is no meta file '
            'as the data set has it'
        ) from error
    except ValueError as error:
        raise MalformedFileError(path, f'is damaged ({error})') from error
    for key, sizes in _SIZES.items():
        if key in meta and not (meta[key].size in sizes and _is_finite(meta[key])):
            raise MalformedFileError(
                path, f'{key} should be {sizes[-1]} finite numbers'
            )
    if 'camMat' not in meta or meta['camMat'].shape != (3, 3):
        raise MalformedFileError(path, 'lacks camMat of shape (3, 3)')
    if not is_camera(meta['camMat']):
        raise MalformedFileError(path, 'camMat is that of no camera')
    joints, box = meta.get('handJoints3D'), meta.get('handBoundingBox')
    if joints is not None and not is_part_of_hand(joints.reshape(-1, 3)):
        raise MalformedFileError(path, 'no hand has such handJoints3D, metres')
    if box is not None and not is_hand_box(box.reshape(4), IMAGE_SIZE):
        raise MalformedFileError(path, 'handBoundingBox is no box near the image')
    if all(key in meta for key in _FIT) and not is_hand_fit(
        np.concatenate([meta[key].ravel() for key in _FIT])
    ):
        raise MalformedFileError(path, f'no hand has such {", ".join(_FIT)}')
    return meta


def _is_name(name: str) -> bool:
    """Whether it names a sequence and a frame."""
    parts = name.split('/')
    return len(parts) == 2 and all(part == safe_file_name(part) for part in parts)


def _is_finite(array: np.ndarray) -> bool:
    return array.dtype.kind in 'biuf' and bool(np.isfinite(array).all())
