"""A small real network, and views from random cameras."""

import numpy as np
import torch
from mmengine.registry import init_default_scope
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample
from scipy.spatial.transform import Rotation

import hamuco_mm  # noqa: F401, registers the components

SIZE = (64, 64)


def model_config(input_size: tuple[int, int] = SIZE, **changes) -> dict:
    """A HaMuCo with every part, narrow enough for unit tests."""
    config = dict(
        type='HaMuCo',
        data_preprocessor=dict(
            type='PoseDataPreprocessor',
            mean=[123.675, 116.28, 103.53],
            std=[58.395, 57.12, 57.375],
            bgr_to_rgb=True,
        ),
        backbone=dict(
            type='ResNet',
            depth=18,
            stem_channels=8,
            base_channels=8,
            out_indices=(0, 1, 2, 3),
        ),
        head=dict(
            type='MANOHead',
            in_channels=64,
            hidden_channels=32,
            decoder=dict(type='WeakPerspectiveLabel', input_size=input_size),
        ),
        view_neck=dict(
            type='CVINet',
            in_channels=(8, 16, 32, 64),
            location_channels=8,
            global_channels=8,
            local_channels=16,
            grid_size=3,
            num_blocks=1,
        ),
        view_head=dict(type='GraphMANOHead', in_channels=32, hidden_channels=32),
        alignment=dict(scale='symmetric', num_reweightings=2),
    )
    config.update(changes)
    return config


def build_model(config: dict):
    """The network with weights that bend the hands and move the cameras."""
    init_default_scope('mmpose')
    torch.manual_seed(0)
    model = MODELS.build(config).eval()
    for head in (model.head, getattr(model, 'view_head', None)):
        if head is not None:
            for name, parameter in head.named_parameters():
                if 'hand_decoder' not in name and parameter.ndim == 2:
                    torch.nn.init.normal_(parameter, std=0.15)
    return model


def time_step(num_views: int, seed: int = 0):
    """BGR crops as MMPose has them, their samples, and the rotations."""
    rng = np.random.default_rng(seed)
    width, height = SIZE
    crops = rng.integers(0, 256, (num_views, height, width, 3), np.uint8)
    rotations = Rotation.random(num_views, random_state=seed).as_matrix()
    samples = [
        PoseDataSample(
            metainfo=dict(
                frame_id='0000/00000000',
                view_index=view,
                num_views=num_views,
                input_size=SIZE,
                # the crop is the image
                input_center=np.array(SIZE) / 2,
                input_scale=np.array(SIZE, float),
                camera_param=dict(
                    K=np.eye(3), R=rotations[view], t=np.array([0, 0, 1.0])
                ),
            )
        )
        for view in range(num_views)
    ]
    return crops, samples, rotations
