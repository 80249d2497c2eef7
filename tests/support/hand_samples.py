"""Data samples as a model returns them: posed hands seen from cameras."""

import copy

import numpy as np
import torch
from mmengine.structures import InstanceData
from mmpose.structures import PoseDataSample
from scipy.spatial.transform import Rotation

from hamuco_mm.hand_model import NUM_BETAS, NUM_ROTATIONS, ROOT_JOINT, MANOLayer

SUFFIXES = ('', '_interact', '_fused')


def posed_hands(n, amount=0.3, seed=0):
    """Hands (float64 vertices, joints) in random poses, turned at random."""
    rng = np.random.default_rng(seed)
    rotations = Rotation.from_rotvec(
        amount * rng.normal(size=(n * NUM_ROTATIONS, 3))
    ).as_matrix()
    rotations = rotations.reshape(n, NUM_ROTATIONS, 3, 3)
    rotations[:, 0] = Rotation.random(n, random_state=seed).as_matrix()
    mesh = MANOLayer().double()(
        torch.as_tensor(rotations), torch.zeros(n, NUM_BETAS).double()
    )
    return mesh.vertices.numpy(), mesh.joints.numpy()


def make_sample(
    vertices, joints, frame=0, view=0, num_views=1, noise=(0.0, 0.0, 0.0), seed=0
):
    """One view; noise (metres) of single, interact and fusion."""
    rng = np.random.default_rng(seed)
    sample = PoseDataSample(
        metainfo=dict(
            img_id=100 * frame + view,
            frame_id=f'0000/{frame:08d}',
            camera_id=view,
            view_index=view,
            num_views=num_views,
        )
    )
    place = np.array([0.1, 0, 0.8])
    labels = 500 * joints[:, :2] + 112
    sample.gt_instances = InstanceData(
        keypoints=labels[None],
        keypoints_visible=np.ones((1, len(joints))),
        keypoints_cam=(joints + place)[None],
        vertices=(vertices + place)[None],
    )
    pred = InstanceData()
    for suffix, level in zip(SUFFIXES, noise):
        offset = level * rng.normal(size=joints.shape)
        moved = joints + offset
        root = moved[ROOT_JOINT]
        pred.set_field((moved - root)[None], 'keypoints_cam' + suffix)
        moved_mesh = vertices + level * rng.normal(size=vertices.shape)
        pred.set_field((moved_mesh - root)[None], 'vertices' + suffix)
        pred.set_field((labels + 500 * offset[:, :2])[None], 'keypoints' + suffix)
    sample.pred_instances = pred
    return sample


def in_windows(steps, sizes):
    """Time steps, each a list of samples, as windows of so many each."""
    rest = iter(copy.deepcopy(steps))
    windows = []
    for size in sizes:
        window = [next(rest) for _ in range(size)]
        for index, views in enumerate(window):
            for view in views:
                view.set_metainfo(dict(frame_index=index, num_frames=size))
        windows.append([view for views in window for view in views])
    return windows
