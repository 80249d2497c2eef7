"""Small data sets, and a small 2D model, for tests of pseudo labels."""

from pathlib import Path

import cv2
import numpy as np
import torch
from json_writing import write_json
from mmpose.apis import init_model

from hamuco_mm.cameras import Camera
from hamuco_mm.datasets.rig import (
    HandLabel,
    empty_annotations,
    make_annotation,
    write_annotations,
)

SIZE = (64, 48)  # width, height

# Joints in the order of RHD: from the tip to the base of each finger. A head
# of random weights, whose heatmaps are about 0.5 high.
CONFIG = """
default_scope = 'mmpose'
codec = dict(
    type='MSRAHeatmap', input_size=(32, 32), heatmap_size=(8, 8), sigma=1)
model = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(
        type='PoseDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True),
    backbone=dict(
        type='ResNet', depth=18, stem_channels=8, base_channels=8,
        num_stages=1, strides=(1, ), dilations=(1, ), out_indices=(0, )),
    head=dict(
        type='HeatmapHead', in_channels=8, out_channels=21,
        deconv_out_channels=None,
        loss=dict(type='KeypointMSELoss', use_target_weight=True),
        decoder=codec),
    test_cfg=dict(flip_test=True, flip_mode='heatmap', shift_heatmap=True))
train_dataloader = dict(
    dataset=dict(metainfo=dict(from_file='configs/_base_/datasets/{meta}')))
test_dataloader = dict(
    dataset=dict(pipeline=[
        dict(type='LoadImage'),
        dict(type='GetBBoxCenterScale'),
        dict(type='TopdownAffine', input_size=codec['input_size']),
        dict(type='PackPoseInputs')
    ]))
"""


def write_model(directory: Path) -> tuple:
    """Config and checkpoint of a top-down model."""
    config = directory / 'tiny.py'
    config.write_text(CONFIG.format(meta='rhd2d.py'))
    torch.manual_seed(0)
    model = init_model(str(config), device='cpu')
    final = model.head.final_layer
    torch.nn.init.normal_(final.weight, std=0.1)
    torch.nn.init.constant_(final.bias, 0.5)
    checkpoint = directory / 'tiny.pth'
    torch.save(dict(state_dict=model.state_dict(), meta={}), checkpoint)
    return config, checkpoint


def camera(index: int, number: int = 4) -> Camera:
    """One of a ring of cameras, 0.8 m from the origin."""
    angle = 2 * np.pi * index / number
    return Camera(
        np.array([[60.0, 0, 32], [0, 60, 24], [0, 0, 1]]),
        cv2.Rodrigues(np.array([0.1, angle, 0.0]))[0],
        np.array([0.0, 0, 0.3]),
    )


class LabelTree:
    """The same images and exact labels as a rig and in HanCo's layout.

    Args:
        root (Path): Where to write ``hanco`` and ``rig``.
        frames (int), cameras (int): Their numbers.
    """

    def __init__(self, root: Path, frames: int = 3, cameras: int = 4):
        self.hanco, self.rig = root / 'hanco', root / 'rig'
        rng = np.random.default_rng(0)
        self.cameras = [camera(i, cameras) for i in range(cameras)]
        self.names, self.uv = [], {}
        for frame in range(frames):
            xyz = rng.normal(scale=0.04, size=(21, 3))
            for i, view in enumerate(self.cameras):
                name = f'0000/cam{i}/{frame:08d}'
                self.names.append(name)
                self.uv[name] = view.project(xyz @ view.R.T + view.t)
                noise = rng.integers(0, 255, (6, 8, 3), np.uint8)
                image = cv2.resize(noise, SIZE)
                for path in (
                    self.hanco / f'rgb/{name}.jpg',
                    self.rig / f'images/{name}.jpg',
                ):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    assert cv2.imwrite(str(path), image)

    def image(self, name: str) -> Path:
        return self.hanco / f'rgb/{name}.jpg'

    def write_hanco_labels(self, moved=(), confidence=0.9):
        """``moved``: pairs of a name and a joint, which go 40 px aside."""
        M = [
            np.block([[c.R, c.t[:, None]], [np.zeros(3), 1]]).tolist()
            for c in self.cameras
        ]
        K = [c.K.tolist() for c in self.cameras]
        for name in self.names:
            points = self.labels(name, moved)
            write_json(
                self.hanco / f'rgb_2D_keypoints/{name}.json',
                [points.tolist(), [confidence] * 21],
            )
            frame = name.split('/')[-1]
            write_json(self.hanco / f'calib/0000/{frame}.json', dict(K=K, M=M))

    def write_rig(self, labelled=True, moved=(), cameras=True) -> Path:
        rig = empty_annotations(
            {f'cam{i}': c for i, c in enumerate(self.cameras)} if cameras else {}
        )
        for number, name in enumerate(self.names):
            sequence, camera_name, frame = name.split('/')
            rig['images'].append(
                dict(
                    id=number,
                    file_name=f'images/{name}.jpg',
                    width=SIZE[0],
                    height=SIZE[1],
                    frame_id=f'{sequence}/{frame}',
                    camera=camera_name,
                )
            )
            if labelled:
                label = HandLabel(self.labels(name, moved), np.full(21, 0.9))
                rig['annotations'].append(make_annotation(10 + number, number, label))
        write_annotations(self.rig / 'rig.json', rig)
        return self.rig / 'rig.json'

    def labels(self, name: str, moved=()) -> np.ndarray:
        points = self.uv[name].copy()
        for other, joint in moved:
            if other == name:
                points[joint] += (24, -32)
        return points
