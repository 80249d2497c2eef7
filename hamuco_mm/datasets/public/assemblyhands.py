import re
from pathlib import Path
from typing import Dict

import numpy as np
from mmpose.registry import DATASETS

from ...hand_model import NUM_JOINTS
from ..hanco.parsing import MalformedFileError, read_json
from ..joint_order import (JointNames, joint_names, names_of_side,
                           reorder_by_name)
from ..metainfo import HAND_METAINFO
from .flat_hand_dataset import SIDES, FlatHandDataset
from .json_arrays import as_array, take

MM_PER_M = 1000


@DATASETS.register_module()
class AssemblyHandsDataset(FlatHandDataset):
    """AssemblyHands: both hands, from 4 calibrated cameras on the head.

    `AssemblyHands (CVPR'2023) <https://assemblyhands.github.io>`__: the
    rectified egocentric images. The layout is in
    ``docs/datasets/assemblyhands.md``. Items are those of
    :class:`FlatHandDataset`. A joint that the image's annotation calls valid
    weighs 1 in 2D; hands with all 21 joints valid in 3D have
    ``keypoints_cam``.

    Args:
        data_root (str): Directory of the data set.
        split (str): 'train', 'val', 'test' or 'demo'. Defaults to 'train'.
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
            container='IEEE/CVF Conference on Computer Vision and Pattern '
            'Recognition',
            year='2023',
            homepage='https://assemblyhands.github.io'))
    SPLITS = ('train', 'val', 'test', 'demo')
    DOCS = 'docs/datasets/assemblyhands.md'

    def __init__(self,
                 data_root: str,
                 split: str = 'train',
                 version: str = 'v1-1',
                 min_joints: int = 10,
                 keypoint_names: JointNames = dict(
                     from_file='configs/_base_/datasets/interhand3d.py'),
                 **kwargs):
        self.version = version
        self.min_joints = min_joints
        names = joint_names(keypoint_names)
        self._rows = {}
        for side in SIDES:
            rows = names_of_side(names, side)
            order = reorder_by_name([names[i] for i in rows])
            self._rows[side] = np.array(rows)[order]
        super().__init__(data_root=data_root, split=split, **kwargs)

    def load_views(self) -> Dict[str, np.ndarray]:
        """Read the JSON files, one row a hand in an image."""
        data = read_json(self._file('ego_data'))
        calibration = _Calibration(self._file('ego_calib'))
        joint_path = self._file('joint_3d')
        truth = take(read_json(joint_path), ('annotations', ), joint_path)
        images = {image['id']: image for image in data['images']}
        views = dict(
            path=[], size=[], frame=[], camera=[], side=[], visible=[], K=[],
            R=[], t=[], joints=[], labelled=[])
        self._frame_ids = {}
        for annotation in data['annotations']:
            image = images[annotation['image_id']]
            sequence, frame = image['seq_name'], f'{image["frame_idx"]:06d}'
            if frame not in truth.get(sequence, {}):
                continue
            visible = np.asarray(annotation['joint_valid'],
                                 np.uint8).reshape(-1)
            entry = truth[sequence][frame]
            for side in SIDES:
                rows = self._rows[side]
                if (annotation['bbox'].get(side) is None
                        or visible[rows].sum() < self.min_joints):
                    continue
                K, R, t = calibration.camera(sequence, frame, image['camera'])
                joints = as_array(entry['world_coord'], (2 * NUM_JOINTS, 3),
                                  joint_path, f'{sequence} > {frame}')
                valid = np.asarray(entry['joint_valid']).reshape(-1) > 0
                frame_id = f'{sequence}/{frame}/{side}'
                views['path'].append(image['file_name'])
                views['size'].append((image['width'], image['height']))
                views['frame'].append(
                    self._frame_ids.setdefault(frame_id, len(self._frame_ids)))
                views['camera'].append(_camera_number(image['camera']))
                views['side'].append(SIDES.index(side))
                views['visible'].append(visible[rows])
                views['labelled'].append(valid[rows])
                views['joints'].append(joints[rows] / MM_PER_M @ R.T + t)
                views['K'].append(K)
                views['R'].append(R)
                views['t'].append(t)
        self._frame_ids = list(self._frame_ids)
        views['path'] = np.array(views['path'], np.bytes_)
        return {name: np.array(values) for name, values in views.items()}

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
            visible=view['visible'])

    def has_truth(self) -> bool:
        return bool(
            self.views['labelled'][self.data_list.rows].all(-1).any())

    def _file(self, kind: str) -> Path:
        return Path(
            self.need_file(
                'annotations', self.split,
                f'assemblyhands_{self.split}_{kind}_{self.version}.json'))


class _Calibration:
    """K, R and t (metres, from world to camera) of each frame's cameras."""

    def __init__(self, path: Path):
        self._path = path
        self._content = take(read_json(path), ('calibration', ), path)

    def camera(self, sequence: str, frame: str, name: str):
        intrinsics = take(self._content, (sequence, 'intrinsics'), self._path)
        extrinsics = take(self._content, (sequence, 'extrinsics', frame),
                          self._path)
        # The images' names of the cameras lack the end, '_mono10bit'.
        matches = [key for key in intrinsics if re.match(f'{name}(_|$)', key)]
        if len(matches) != 1:
            raise MalformedFileError(
                self._path, f'{sequence} has {len(matches)} cameras of the '
                f'name {name!r}: {sorted(intrinsics)}')
        key = matches[0]
        K = as_array(intrinsics[key], (3, 3), self._path,
                     f'{sequence} > intrinsics > {key}')
        Rt = as_array(
            take(extrinsics, (key, ), self._path), (3, 4), self._path,
            f'{sequence} > extrinsics > {frame} > {key}')
        return K, Rt[:, :3], Rt[:, 3] / MM_PER_M


def _camera_number(name: str) -> int:
    """The number in a name like HMC_21179183."""
    numbers = re.findall(r'\d{4,}', name)
    if len(numbers) != 1:
        raise ValueError(f'the camera name {name!r} has no serial number')
    return int(numbers[0])
