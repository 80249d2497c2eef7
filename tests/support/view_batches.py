"""Batches of random crops whose cameras and labels are known."""

import numpy as np
import torch
from mmengine.structures import InstanceData
from mmpose.structures import PoseDataSample
from scipy.spatial.transform import Rotation

SIZE = 64


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
