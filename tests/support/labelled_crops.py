"""Turned crops of a rig, labelled with the joints of their images."""

import numpy as np
import torch
from mmengine.structures import InstanceData
from mmpose.structures import PoseDataSample
from ring_rig import RingRig

from hamuco_mm.models.prediction import square_to_image

SIZE = (64, 64)


def crops(joints_world, num_views=4, seed=0):
    """Samples of turned crops, labelled with the joints of their images."""
    rng = np.random.default_rng(seed)
    samples = []
    for view in RingRig(joints_world, num_views).views():
        pixels = view['keypoints'][0]
        meta = dict(
            frame_id=view['frame_id'],
            view_index=view['camera_id'],
            num_views=num_views,
            camera_param=view['camera_param'],
            input_size=SIZE,
            input_center=pixels.mean(0) + rng.uniform(-5, 5, 2),
            input_scale=np.full(2, rng.uniform(300, 400)),
            bbox_rotation=np.array([rng.uniform(-180, 180)]),
        )
        affine = square_to_image([meta])[0].astype(float)
        square = np.linalg.solve(affine[:, :2], (pixels - affine[:, 2]).T).T
        sample = PoseDataSample(metainfo=meta)
        sample.gt_instance_labels = InstanceData(
            keypoint_labels=torch.from_numpy(square[None]).float(),
            keypoint_weights=torch.ones(1, 21),
        )
        samples.append(sample)
    return samples


def labels_of(samples):
    """In the crops' squares, (N, 21, 2)."""
    return torch.cat([s.gt_instance_labels.keypoint_labels for s in samples])


def features(number, seed=0):
    """The last maps of a backbone, of 8 channels, for so many crops."""
    generator = torch.Generator().manual_seed(seed)
    return (torch.randn(number, 8, 2, 2, generator=generator),)
