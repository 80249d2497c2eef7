"""Files of every kind that the package reads, each with its reader, for fuzzing."""

import io
import json
import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from label_formats import deeplabcut_h5, mediapipe_points, mmpose_instance
from mmpose.registry import DATASETS
from published_layouts import (
    write_assemblyhands,
    write_dexycb,
    write_freihand,
    write_h2o,
    write_ho3d,
    write_interhand,
)
from small_networks import model_config

from hamuco_mm.apis.inferencers.stored_parts import network_parts
from hamuco_mm.cameras import read_calibration
from hamuco_mm.datasets.hanco.meta import read_meta
from hamuco_mm.datasets.hanco.parsing import (
    read_cameras,
    read_hand_fit,
    read_joints_3d,
    read_keypoints,
)
from hamuco_mm.datasets.hanco.problems import ProblemReport
from hamuco_mm.datasets.hanco.splits import read_splits
from hamuco_mm.datasets.image_size import image_size
from hamuco_mm.datasets.labels.notes import LabelNotes
from hamuco_mm.datasets.labels.reading import read_hands, read_recording
from hamuco_mm.datasets.rig.annotation_reading import cameras_of, read_annotations
from hamuco_mm.datasets.storage.file_backend import read_image
from hamuco_mm.hand_model import load_hand_model
from hamuco_mm.hand_model.pickled_arrays import load_pickled_arrays
from hamuco_mm.labelling.hand_image import HandImage
from hamuco_mm.labelling.landmark_files import LandmarkFiles
from hamuco_mm.labelling.openpose_files import OpenPoseFiles
from hamuco_mm.rigs.hanco_files import read_hanco_intrinsics
from hamuco_mm.structures.inferencer_files import read_inferencer_file
from hamuco_mm.structures.prediction_files import read_views
from hamuco_mm.utils.compat import load_from_local
from hamuco_mm.utils.npz_files import read_npz
from hamuco_mm.utils.stored_config import config_from_checkpoint
from hamuco_mm.visualization.training_log import log_records


class FuzzedFile(NamedTuple):
    """A file that is right, and what reads it.

    Attributes:
        read: Given its path.
        whole: Its content.
        beside: Files that the reader needs, too: name -> content.
    """

    read: Callable[[Path], Any]
    whole: bytes
    beside: dict[str, bytes] = {}


K = [[300.0, 0, 64], [0, 300, 48], [0, 0, 1]]
POSE = dict(R=np.eye(3).tolist(), t=[0.0, 0, 1])
HAND = [[10.0 + i, 20.0 + i, 0.9] for i in range(21)]


def _npz(**arrays) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def _pth(content: dict) -> bytes:
    file = io.BytesIO()
    torch.save(content, file)
    return file.getvalue()


def _image(suffix: str) -> bytes:
    return cv2.imencode(suffix, np.full((20, 30, 3), 99, np.uint8))[1].tobytes()


def _network(path: Path) -> None:
    with open(path, errors='replace') as file:
        config = config_from_checkpoint(dict(meta=dict(cfg=file.read())), str(path))
    try:
        network_parts(config)
    except ValueError as error:
        raise ValueError(str(path)) from error


CALIBRATION = dict(cam0=dict(K=K, **POSE), cam1=dict(K=K, **POSE))
RIG = dict(
    images=[
        dict(id=1, file_name='a.jpg', width=9, height=9, frame_id='0', camera='cam0')
    ],
    annotations=[dict(id=1, image_id=1, keypoints=np.ravel(HAND).tolist())],
    cameras=CALIBRATION,
)
YAML = '%YAML:1.0\n---\nK: !!opencv-matrix\n  rows: 3\n  cols: 3\n  dt: d\n  data: [1,0,0,0,1,0,0,0,1]\n'
TOML = f'[cam_0]\nname = "a"\nsize = [640, 480]\nmatrix = {K}\ndistortions = [0.0]\n'
XML = (
    '<?xml version="1.0"?><opencv_storage><K type_id="opencv-matrix"><rows>3</rows>'
    '<cols>3</cols><dt>d</dt><data>1 0 0 0 1 0 0 0 1</data></K></opencv_storage>'
)
NETWORK = (
    f'model = {model_config()!r}\ntest_dataloader = dict(dataset=dict(pipeline=[]))'
)
ARRAYS = dict(v=np.arange(6.0).reshape(2, 3), f=np.arange(4, dtype=np.uint32))
CHECKPOINT = dict(state_dict=dict(a=torch.ones(3)), meta=dict(b=np.ones(2)))


def _rig(path: Path) -> None:
    cameras_of(str(path), read_annotations(path))


def _openpose(path: Path) -> None:
    image = HandImage('s/cam0/0', path, known_size=(640, 480))
    OpenPoseFiles(path.parents[2]).read(image)


def _landmarks(path: Path) -> None:
    image = HandImage('s/cam0/0', path, known_size=(640, 480))
    LandmarkFiles(path.parents[2], normalized=True).read(image)


def _colmap_model(path: Path) -> None:
    read_calibration(path.parent, unit='m')


def _meta(path: Path) -> None:
    problems = ProblemReport()
    read_meta(path, np.arange(2), np.arange(2), problems)
    if problems.lines():
        raise ValueError(problems.lines()[0])


def _stored(write: Callable[[Path], Any], name: str) -> bytes:
    """The content of a file that something writes."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / name)
        return (Path(folder) / name).read_bytes()


def _hdf5() -> bytes:
    points = np.stack([np.arange(21.0), np.arange(21.0)], 1) + 5
    frames = [(points, np.full(21, 0.9))] * 2
    return _stored(lambda path: deeplabcut_h5(path, frames), 'a.h5')


COLMAP = {
    'cameras.txt': b'1 PINHOLE 640 480 300 300 320 240\n',
    'images.txt': b'1 1 0 0 0 0 0 1 1 cam0.jpg\n\n',
}
OPENPOSE = dict(people=[dict(hand_right_keypoints_2d=np.ravel(HAND).tolist())])
MEDIAPIPE = dict(hand_landmarks=[mediapipe_points()])
FIT = dict(poses=[[0.0] * 48], shapes=[[0.0] * 10], global_t=[[[0.0, 0, 1]]])
META = {key: [[1, 1], [0, 0]] for key in ('is_train', 'subject_id', 'has_fit')}
HAND_3D = [[0.01 * i, 0, 0.5] for i in range(21)]


def _colmap(number: int) -> tuple[bytes, dict[str, bytes]]:
    names = list(COLMAP)
    other = names[1 - number]
    return COLMAP[names[number]], {other: COLMAP[other]}


_FILES: dict[str, tuple] = {
    'calibration.json': (read_calibration, json.dumps(CALIBRATION)),
    'calibration.yml': (read_calibration, YAML),
    'calibration.toml': (read_calibration, TOML),
    'calibration.xml': (read_calibration, XML),
    'calibration.npz': (read_calibration, _npz(K=K, R=POSE['R'], t=POSE['t'])),
    'rig.json': (_rig, json.dumps(RIG)),
    'label.json': (
        lambda path: read_hands(path, LabelNotes()),
        json.dumps(dict(keypoints=HAND)),
    ),
    'label.csv': (
        lambda path: read_recording(path, LabelNotes()),
        'scorer,a,a,a\nbodyparts,wrist,wrist,wrist\ncoords,x,y,likelihood\n0,1,2,0.5\n',
    ),
    'keypoints.json': (
        read_keypoints,
        json.dumps([np.asarray(HAND)[:, :2].tolist(), [1.0] * 21]),
    ),
    'cameras.json': (read_cameras, json.dumps(dict(K=[K], M=[np.eye(4).tolist()]))),
    'predictions.json': (
        read_inferencer_file,
        json.dumps([dict(keypoints=[[1, 2]] * 21, keypoint_scores=[1.0] * 21)]),
    ),
    'predictions.npz': (read_views, _npz(item=[0], frame_id=['a'], camera_id=[0])),
    'arrays.npz': (read_npz, _npz(**ARRAYS)),
    'MANO_RIGHT.pkl': (load_pickled_arrays, pickle.dumps(ARRAYS, protocol=2)),
    'epoch_1.pth': (load_from_local, _pth(CHECKPOINT)),
    'config.py': (_network, NETWORK),
    'image.jpg': (image_size, _image('.jpg')),
    'image.png': (image_size, _image('.png')),
    'image.webp': (read_image, _image('.webp')),
    'colmap/cameras.txt': (_colmap_model, *_colmap(0)),
    'colmap/images.txt': (_colmap_model, *_colmap(1)),
    'openpose/s/cam0/0_keypoints.json': (_openpose, json.dumps(OPENPOSE)),
    'mediapipe/s/cam0/0.json': (_landmarks, json.dumps(MEDIAPIPE)),
    'mmpose.json': (
        lambda path: read_hands(path, LabelNotes()),
        json.dumps(dict(instance_info=[mmpose_instance()])),
    ),
    'deeplabcut.h5': (lambda path: read_recording(path, LabelNotes()), _hdf5()),
    'meta.json': (_meta, json.dumps(META)),
    'splits.json': (read_splits, json.dumps(dict(train=[0], test=[1]))),
    'xyz.json': (read_joints_3d, json.dumps(HAND_3D)),
    'shape.json': (read_hand_fit, json.dumps(FIT)),
    'intrinsics.json': (read_hanco_intrinsics, json.dumps(dict(K=[K]))),
    'scalars.json': (log_records, '{"loss": 1.0, "step": 1}\n'),
    'hand.npz': (lambda path: load_hand_model(str(path)), _npz(**ARRAYS)),
}
READERS = {
    name: FuzzedFile(read, whole.encode() if isinstance(whole, str) else whole, *rest)
    for name, (read, whole, *rest) in _FILES.items()
}


class PublishedTree(NamedTuple):
    """A data set as its authors publish it, and files of it that are read."""

    write: Callable[[Path], Any]
    type: str
    arguments: dict
    files: tuple[str, ...]

    def read(self, root: Path) -> None:
        """All that is read of it; the first thing that is not right is an error."""
        dataset = DATASETS.build(
            dict(type=self.type, data_root=str(root), strict=True, **self.arguments)
        )
        for i in range(len(dataset)):
            dataset.get_data_info(i)


_SEQUENCE = '20200709-weiy/20200709_141750'
PUBLISHED = {
    'freihand': PublishedTree(
        write_freihand,
        'FreiHAND3DDataset',
        {},
        ('training_K.json', 'training_xyz.json', 'training_scale.json'),
    ),
    'interhand': PublishedTree(
        lambda root: write_interhand(root, frames=1, cameras=1),
        'InterHand26MDataset',
        {},
        tuple(
            f'annotations/train/InterHand2.6M_train_{kind}.json'
            for kind in ('data', 'camera', 'joint_3d')
        ),
    ),
    'dexycb': PublishedTree(
        lambda root: write_dexycb(root, np.eye(45), cameras=1),
        'DexYCBDataset',
        {},
        (
            f'{_SEQUENCE}/meta.yml',
            f'{_SEQUENCE}/pose.npz',
            f'{_SEQUENCE}/836212060125/labels_000001.npz',
            'calibration/extrinsics_20200702/extrinsics.yml',
            'calibration/intrinsics/836212060125_640x480.yml',
            'calibration/mano_20200709-subject-01_right/mano.yml',
        ),
    ),
    'ho3d': PublishedTree(
        write_ho3d,
        'HO3DDataset',
        {},
        ('evaluation.txt', 'evaluation_xyz.json', 'evaluation/SM1/meta/0000.pkl'),
    ),
    'h2o': PublishedTree(
        write_h2o,
        'H2ODataset',
        {},
        tuple(
            f'subject1/h1/0/cam1/{name}.txt'
            for name in ('cam_intrinsics', 'cam_pose/000000', 'hand_pose/000000')
        ),
    ),
    'assemblyhands': PublishedTree(
        write_assemblyhands,
        'AssemblyHandsDataset',
        dict(split='val'),
        tuple(
            f'annotations/val/assemblyhands_val_{kind}_v1-1.json'
            for kind in ('ego_data', 'ego_calib', 'joint_3d')
        ),
    ),
}
