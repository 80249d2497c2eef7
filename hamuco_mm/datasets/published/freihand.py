import os.path as osp
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmpose.registry import DATASETS

from ...geometry import axis_angle_to_matrix
from ...hand_model import (
    MANO_JOINT_NAMES,
    NUM_BETAS,
    NUM_JOINTS,
    NUM_VERTICES,
    HandModelData,
)
from ...utils.json_files import read_array
from ..hand_fits import NUM_POSE
from ..joint_order import JointNames, joint_names, reorder_by_name
from ..metainfo import HAND_METAINFO
from ..plausible import is_camera, is_hand, is_hand_fit, is_part_of_hand
from .flat_hand_dataset import FlatHandDataset

IMAGE_SIZE = (224, 224)
# In the order of the file names: the first quarter of the images is the first.
VERSIONS = ('gs', 'hom', 'sample', 'auto')
# Pose, shape, the root's pixel and the scale.
NUM_MANO = NUM_POSE + NUM_BETAS + 3
_MIDDLE_KNUCKLE = MANO_JOINT_NAMES.index('middle1')


@DATASETS.register_module()
class FreiHAND3DDataset(FlatHandDataset):
    """FreiHAND with its 3D labels, for training and for its challenge.

    `FreiHAND (ICCV'2019)
    <https://lmb.informatik.uni-freiburg.de/projects/freihand/>`__ has 32,560
    training images of right hands, each with 4 backgrounds, and 3,960 for
    evaluation. MMPose's ``FreiHandDataset`` has their 2D keypoints alone. The
    layout is in ``docs/datasets/freihand.md``.

    Items are those of :class:`FlatHandDataset`, each a time step of its own
    with one camera. ``raw_ann_info`` has ``scale``, where the file is there:
    the length of the middle finger's first bone (joints 9 to 10) in metres,
    which the challenge gives to everybody.

    Args:
        data_root (str): Directory of the data set.
        split (str): 'training' or 'evaluation'. Defaults to 'training'.
        versions (Sequence[str]): Backgrounds to use for training: 'gs' (the
            green screen as recorded), 'hom', 'sample', 'auto'. Defaults to
            all.
        bbox_mode (str): 'image' for the whole image, in which the hand is
            centred, 'keypoints' for the box of the joints. Defaults to
            'image', as the evaluation split may have no joints.
        with_vertices (bool): Read ``<split>_verts.json``, 0.2 GB of text for
            the evaluation (where it may be missing, as the joints may), 1.5 GB
            for training. Defaults to False.
        hand_model (dict | str, optional): Make ``vertices`` of
            ``<split>_mano.json`` instead.
        keypoint_names (Sequence[str] | dict): Names of the joints in the
            order of the files, or MMPose's meta information. Defaults to
            MMPose's for this data set.
        **kwargs: Other arguments of :class:`FlatHandDataset`.
    """

    METAINFO: dict = dict(
        HAND_METAINFO,
        dataset_name='freihand3d',
        paper_info=dict(
            author='Zimmermann, Christian and Ceylan, Duygu and Yang, Jimei '
            'and Russell, Bryan and Argus, Max and Brox, Thomas',
            title='FreiHAND: A Dataset for Markerless Capture of Hand Pose '
            'and Shape from Single RGB Images',
            container='IEEE International Conference on Computer Vision',
            year='2019',
            homepage='https://lmb.informatik.uni-freiburg.de/projects/freihand/',
        ),
    )
    SPLITS = ('training', 'evaluation')
    DOCS = 'docs/datasets/freihand.md'

    def __init__(
        self,
        data_root: str,
        split: str = 'training',
        versions: Sequence[str] = VERSIONS,
        bbox_mode: str = 'image',
        with_vertices: bool = False,
        hand_model: dict | str | None = None,
        keypoint_names: JointNames = dict(
            from_file='configs/_base_/datasets/freihand2d.py'
        ),
        **kwargs: Any,
    ):
        self.check_choice('bbox_mode', bbox_mode, ('image', 'keypoints'))
        for version in versions:
            self.check_choice('versions', version, VERSIONS)
        self.versions = tuple(versions) if split == 'training' else ('gs',)
        self.bbox_mode = bbox_mode
        self.with_vertices = with_vertices
        self._order = reorder_by_name(joint_names(keypoint_names))
        super().__init__(
            data_root=data_root, split=split, hand_model=hand_model, **kwargs
        )

    def load_views(self) -> dict[str, np.ndarray]:
        """Read the label files of the split, one row for each image."""
        self._labels = labels = dict(K=self._read('K', (3, 3)))
        count = len(labels['K'])
        wanted = dict(xyz=(NUM_JOINTS, 3), scale=())
        if self.with_vertices:
            wanted['verts'] = (NUM_VERTICES, 3)
        elif self.hand_model is not None:
            wanted['mano'] = (1, NUM_MANO)
        for kind, shape in wanted.items():
            # the truth of the evaluation is not needed to predict
            needed = kind == 'mano' or (
                kind in ('xyz', 'verts') and self.split == 'training'
            )
            if not (needed or osp.isfile(self._label_path(kind))):
                continue
            labels[kind] = self._read(kind, shape)
            if len(labels[kind]) != count:
                raise ValueError(
                    f'{self._label_path(kind)} has {len(labels[kind])} '
                    f'entries, {self._label_path("K")} has {count}'
                )
        usable = self._usable(labels)
        if 'xyz' in labels:
            labels['xyz'] = labels['xyz'][:, self._order]

        offsets = [VERSIONS.index(version) for version in self.versions]
        sample = np.tile(np.arange(count), len(offsets))
        image = sample + count * np.repeat(offsets, count)
        for first in image[:: max(count, 1)]:
            self.need_file(self.split, 'rgb', f'{first:08d}.jpg')
        return dict(
            frame=image,
            sample=sample,
            camera=np.zeros_like(image),
            usable=usable[sample],
        )

    def _usable(self, labels: dict[str, np.ndarray]) -> np.ndarray:
        """Which samples have a camera and, in training, true joints, bool (N, ).

        Truth that cannot be right becomes NaN.
        """
        without_camera = self._implausible(
            'K', labels, is_camera, 'images left out: no camera has such numbers'
        )
        without_joints = self._implausible(
            'xyz',
            labels,
            is_hand,
            'images without true joints: no hand has such joints (metres are expected)',
        )
        self._implausible(
            'verts',
            labels,
            is_part_of_hand,
            'images without vertices: no hand has such (metres are expected)',
        )
        self._implausible(
            'mano',
            labels,
            _is_fit,
            'images without vertices: no hand has such a fit',
        )
        if self.split == 'evaluation':
            return ~without_camera
        return ~(without_camera | without_joints)

    def _implausible(
        self,
        kind: str,
        labels: dict[str, np.ndarray],
        is_right: Callable[[np.ndarray], bool],
        reason: str,
    ) -> np.ndarray:
        """Which rows are not right, bool (N, ); they become NaN."""
        wrong = np.zeros(len(labels['K']), bool)
        for row, value in enumerate(labels.get(kind, ())):
            wrong[row] = not is_right(value)
        for row in np.flatnonzero(wrong):
            self.notes.add(f'{self._label_path(kind)}, entry {row}', reason)
            labels[kind][row] = np.nan
        return wrong

    def make_info(self, row: int) -> dict:
        """The item of one image."""
        image = int(self.views['frame'][row])
        sample = int(self.views['sample'][row])
        labels = {
            kind: array[sample]
            for kind, array in self._labels.items()
            if np.isfinite(array[sample]).all()
        }
        bbox = (0, 0, *IMAGE_SIZE) if self.bbox_mode == 'image' else None
        info = self.view_info(
            row=row,
            img_path=self.path(self.split, 'rgb', f'{image:08d}.jpg'),
            frame_id=f'{self.split}/{image:08d}',
            camera_id=0,
            sequence=self.split,
            image_size=IMAGE_SIZE,
            hand_side='right',  # there are no left hands
            K=labels['K'],
            joints=labels.get('xyz'),
            vertices=self._vertices(labels),
            bbox=bbox,
        )
        if 'scale' in labels:
            info['raw_ann_info'] = dict(scale=float(labels['scale']))
        return info

    def has_truth(self) -> bool:
        return bool(np.isfinite(self._labels.get('xyz', np.nan)).any())

    def _vertices(self, labels: dict[str, np.ndarray]) -> np.ndarray | None:
        if 'mano' in labels and self.hand_model is not None:
            return self._fitted_vertices(labels['mano'][0], labels['K'])
        return labels.get('verts')

    def _fitted_vertices(self, mano: np.ndarray, K: np.ndarray) -> np.ndarray:
        """The mesh of a MANO label in the camera frame, metres, (778, 3).

        The label places joint 9, as the kinematic chain has it, where a
        camera of scaled orthography sees it: at ``scale`` pixels a metre and
        the pixel ``uv``, with the mean of both focal lengths.
        """
        pose, betas, uv, scale = np.split(
            mano, (NUM_POSE, NUM_POSE + NUM_BETAS, NUM_MANO - 1)
        )
        focal = (K[0, 0] + K[1, 1]) / 2
        root = np.array([*(uv - K[:2, 2]), focal]) / scale
        vertices = self.vertices_of_fit(np.concatenate([pose, betas, np.zeros(3)]))
        return vertices + (root - _knuckle(self.model_data(), pose[:3], betas))

    def _label_path(self, kind: str) -> Path:
        return Path(self.path(f'{self.split}_{kind}.json'))

    def _read(self, kind: str, shape: tuple[int, ...]) -> np.ndarray:
        self.need_file(f'{self.split}_{kind}.json')
        return read_array(self._label_path(kind), shape)


def _is_fit(mano: np.ndarray) -> bool:
    """Whether a label (1, 61) has angles and a shape of a hand, and a place in front
    of a camera."""
    fit, place = mano[0].copy(), mano[0, -3:]
    fit[-3:] = 0  # metres in others
    return is_hand_fit(fit) and bool(np.abs(place).max() < 1e5) and place[-1] > 0


def _knuckle(
    model: HandModelData, rotation: np.ndarray, betas: np.ndarray
) -> np.ndarray:
    """Joint 9 of the kinematic chain, (3, ), for a hand at the origin.

    Its parent is the wrist, so that finger angles do not move it.
    """
    rest = model.J_regressor @ (model.v_template + model.shapedirs @ betas)
    R = axis_angle_to_matrix(torch.as_tensor(rotation).double()).numpy()
    return R @ (rest[_MIDDLE_KNUCKLE] - rest[0]) + rest[0]
