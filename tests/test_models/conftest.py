"""Small real models and samples of known geometry."""

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from mmengine.structures import InstanceData
from mmpose.structures import PoseDataSample
from scipy.spatial.transform import Rotation

import hamuco_mm  # noqa: F401, registers the components

SIZE = 64
CODEC = dict(type='WeakPerspectiveLabel', input_size=(SIZE, SIZE))


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('mmpose')
    torch.manual_seed(0)


@pytest.fixture
def config():
    """A HaMuCo with every part, narrow enough for unit tests."""
    return dict(
        type='HaMuCo',
        backbone=dict(
            type='ResNet',
            depth=18,
            stem_channels=8,
            base_channels=8,
            out_indices=(0, 1, 2, 3),
        ),
        head=dict(type='MANOHead', in_channels=64, hidden_channels=32, decoder=CODEC),
        view_neck=dict(
            type='CVINet',
            in_channels=(8, 16, 32, 64),
            location_channels=8,
            global_channels=8,
            local_channels=16,
            grid_size=2,
            num_blocks=2,
        ),
        view_head=dict(type='GraphMANOHead', in_channels=32, hidden_channels=32),
        loss_consistency_2d=dict(type='ViewConsistency2DLoss'),
        loss_consistency_fusion=dict(type='FusedPointsLoss'),
        loss_distill=dict(type='FusedPointsLoss'),
    )


def make_samples(sizes, calibrated=True, seed=0):
    """Samples of time steps with ``sizes`` views and random labels."""
    rng = np.random.default_rng(seed)
    samples = []
    for frame, num_views in enumerate(sizes):
        for view in range(num_views):
            sample = PoseDataSample()
            sample.gt_instance_labels = InstanceData(
                keypoint_labels=torch.from_numpy(
                    rng.uniform(-1, 1, (1, 21, 2)).astype(np.float32)
                ),
                keypoint_weights=torch.from_numpy(
                    rng.uniform(0, 1, (1, 21)).astype(np.float32)
                ),
            )
            sample.set_metainfo(
                dict(
                    frame_id=f'0000/{frame:08d}',
                    view_index=view,
                    num_views=num_views,
                    input_size=(SIZE, SIZE),
                    input_center=np.array([50.0, 60.0]),
                    input_scale=np.array([80.0, 80.0]),
                    bbox_rotation=np.array([rng.uniform(-90, 90)]),
                )
            )
            if calibrated:
                R = Rotation.random(random_state=rng).as_matrix()
                sample.set_metainfo(
                    dict(camera_param=dict(K=np.eye(3), R=R, t=np.array([0, 0, 0.7])))
                )
            samples.append(sample)
    return samples


def make_inputs(sizes, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(sum(sizes), 3, SIZE, SIZE, generator=generator)
