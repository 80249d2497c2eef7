"""A rig of three cameras, and the demo's networks."""

import cv2
import numpy as np
import pytest
import torch
from made_images import make_image
from mmengine.runner import load_checkpoint

from hamuco_mm.apis import HaMuCoInferencer
from hamuco_mm.utils.weight_loading import quiet_loading

WEIGHTS = 'hamuco_mm://res18w32_generated-hands.pth'


@pytest.fixture(scope='session')
def rig(tmp_path_factory):
    """A folder with three cameras' folders of two images each."""
    root = tmp_path_factory.mktemp('rig')
    for camera in range(3):
        (root / f'cam{camera}').mkdir()
        for frame in range(2):
            cv2.imwrite(
                str(root / f'cam{camera}' / f'{frame:04d}.png'),
                make_image(10 * camera + frame),
            )
    return root


@pytest.fixture(scope='session')
def single_view():
    return HaMuCoInferencer('hamuco-demo', device='cpu', det_model='whole_image')


@pytest.fixture(scope='session')
def multi_view(repository):
    """The demo's network; its cross-view part has random weights, always the
    same ones."""
    torch.manual_seed(0)
    inferencer = HaMuCoInferencer(
        str(repository / 'configs/hamuco_demo.py'),
        device='cpu',
        det_model='whole_image',
    )
    with quiet_loading():
        load_checkpoint(inferencer.model, WEIGHTS)
    return inferencer


@pytest.fixture(scope='session')
def calibration():
    """Three cameras around the origin."""
    cameras = {}
    for index, angle in enumerate((0.0, 0.8, -0.8)):
        R = cv2.Rodrigues(np.array([0, angle, 0]))[0]
        cameras[f'cam{index}'] = dict(
            K=[[300, 0, 63.5], [0, 300, 63.5], [0, 0, 1]], R=R.tolist(), t=[0, 0, 0.7]
        )
    return cameras
