"""Changed and made-up files leave readers by their documented errors alone.

``FUZZ_EXAMPLES`` says how many files each reader gets.
"""

import io
import json
import os
import pickle
import warnings

import cv2
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_networks import model_config

from hamuco_mm.apis.inferencers.stored_config import config_from_checkpoint
from hamuco_mm.apis.inferencers.stored_parts import network_parts
from hamuco_mm.cameras import read_calibration
from hamuco_mm.datasets.hanco.parsing import read_cameras, read_keypoints
from hamuco_mm.datasets.image_size import image_size
from hamuco_mm.datasets.labels.notes import LabelNotes
from hamuco_mm.datasets.labels.reading import read_hands, read_recording
from hamuco_mm.datasets.rig.annotation_reading import read_annotations
from hamuco_mm.datasets.storage.file_backend import read_image
from hamuco_mm.hand_model.pickled_arrays import load_pickled_arrays
from hamuco_mm.structures.inferencer_files import read_inferencer_file
from hamuco_mm.structures.prediction_files import read_views
from hamuco_mm.utils.compat import load_from_local
from hamuco_mm.utils.npz_files import read_npz

EXAMPLES = int(os.environ.get('FUZZ_EXAMPLES', '30'))
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


def _network(path: str) -> None:
    with open(path, errors='replace') as file:
        config = config_from_checkpoint(dict(meta=dict(cfg=file.read())), path)
    try:
        network_parts(config)
    except ValueError as error:
        raise ValueError(path) from error


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
# reader, name of the file, a whole file
READERS = {
    'calibration.json': (read_calibration, json.dumps(CALIBRATION)),
    'calibration.yml': (read_calibration, YAML),
    'calibration.toml': (read_calibration, TOML),
    'calibration.xml': (read_calibration, XML),
    'calibration.npz': (read_calibration, _npz(K=K, R=POSE['R'], t=POSE['t'])),
    'rig.json': (read_annotations, json.dumps(RIG)),
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
}
_PIECES = st.sampled_from(
    [
        *(b'[' * 200, b'{"a":' * 200, b'1' * 400, b'-', b'1e400', b'NaN', b'null'),
        *(b'"', b'[]', b'{}', b'0', b'..', b'/etc/passwd', b'\xff' * 8, b'\0' * 8),
    ]
)


@st.composite
def changed(draw: st.DrawFn, whole: bytes) -> bytes:
    """A file that was cut, or has other pieces in some places."""
    content = whole
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        removed = draw(st.sampled_from([0, 1, 2, 8, 50, len(content)]))
        piece = draw(_PIECES | st.binary(max_size=8) | st.just(b''))
        content = content[:start] + piece + content[start + removed :]
    return content


@pytest.mark.parametrize('name', READERS)
def test_only_documented_errors(name, tmp_path):
    read, whole = READERS[name]
    whole = whole.encode() if isinstance(whole, str) else whole
    path = tmp_path / name

    @settings(
        max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None
    )
    @given(changed(whole) | st.binary(max_size=60))
    def leaves_by_documented_errors(content: bytes) -> None:
        path.write_bytes(content)
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            try:
                read(path if name != 'config.py' else str(path))
            except (ValueError, OSError, pickle.UnpicklingError) as error:
                assert not isinstance(error, UnicodeError)
                assert name in str(error)

    leaves_by_documented_errors()
