"""Predicted views of a known hand between known cameras."""

import cv2
import numpy as np
import torch
from scipy.spatial.transform import Rotation

from hamuco_mm.geometry import look_at
from hamuco_mm.hand_model import ROOT_JOINT, MANOLayer
from hamuco_mm.structures import PredictedViews

SIZE = 64
K = np.array([[80.0, 0, 31.5], [0, 80, 31.5], [0, 0, 1]])
EYES = np.array([[0.5, 0, 0], [0, 0.1, 0.5], [-0.4, 0.2, -0.4]])
PLACE = np.array([0.02, -0.01, 0.03])
NUM_STEPS = 2
# Where the truth stands beside the hand, so that both are seen.
TRUTH_OFFSET = np.array([0, 0.05, 0])


def true_hand(step: int):
    """World vertices (778, 3) and joints (21, 3); it turns in time."""
    turn = Rotation.from_euler('xyz', [30, 60 * step, 10], degrees=True)
    rotations = torch.eye(3).repeat(16, 1, 1)
    rotations[0] = torch.as_tensor(turn.as_matrix())
    mesh = MANOLayer()(rotations, torch.zeros(10)).root_relative()
    return mesh.vertices.numpy() + PLACE, mesh.joints.numpy() + PLACE


def make_views(folder) -> PredictedViews:
    """Exact fusion and 2D joints; the truth is beside them, single views are
    flattened."""
    samples = []
    for step in range(NUM_STEPS):
        vertices, joints = true_hand(step)
        for camera, eye in enumerate(EYES):
            R = look_at(
                *(torch.as_tensor(v) for v in (eye, PLACE, np.array([0.0, 1, 0])))
            ).numpy()
            t = -R @ eye
            path = folder / f'{step}_{camera}.png'
            color = np.array([200, 40, 40]) if camera else [30, 30, 220]
            cv2.imwrite(str(path), np.full((SIZE, SIZE, 3), color, np.uint8))
            in_camera = {
                'keypoints_cam': joints @ R.T + t,
                'vertices': vertices @ R.T + t,
            }
            pixels = in_camera['keypoints_cam'] @ K.T
            pred = dict(keypoints=(pixels[:, :2] / pixels[:, 2:])[None])
            root = in_camera['keypoints_cam'][ROOT_JOINT]
            for name, points in in_camera.items():
                relative = points - root
                pred[f'{name}_fused'] = relative[None]
                flat = relative * [1, 1, 0.8]
                pred[name] = flat[None]
            samples.append(
                dict(
                    frame_id=f'0007/{step:08d}',
                    camera_id=camera + 2,
                    view_index=camera,
                    num_views=len(EYES),
                    img_path=str(path),
                    camera_param=dict(K=K, R=R, t=t),
                    pred_instances=pred,
                    gt_instances={
                        name: (points + R @ TRUTH_OFFSET)[None]
                        for name, points in in_camera.items()
                    },
                )
            )
    return PredictedViews.from_samples(samples)
