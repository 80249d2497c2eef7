import cv2
import numpy as np
import pytest
from camera_of_views import K, to_pixels
from mmengine.structures import InstanceData
from mmpose.structures import PoseDataSample
from shown_hand import shown_hand

from hamuco_mm.hand_model import ROOT_JOINT, MANOLayer


@pytest.fixture(scope='session')
def faces():
    return MANOLayer().faces.numpy()


@pytest.fixture
def hand():
    return shown_hand()


@pytest.fixture
def sample(hand, tmp_path):
    """A view whose predictions are exact, over a grey image."""
    vertices, joints = hand
    path = str(tmp_path / 'view.png')
    cv2.imwrite(path, np.full((224, 224, 3), 100, np.uint8))
    keypoints = to_pixels(joints)
    low, high = keypoints.min(axis=0), keypoints.max(axis=0)
    sample = PoseDataSample(
        metainfo=dict(
            img_path=path,
            frame_id='0003/00000012',
            camera_id=2,
            input_center=(low + high) / 2,
            input_scale=np.repeat(1.15 * (high - low).max(), 2),
            camera_param=dict(K=K),
        )
    )
    sample.gt_instances = InstanceData(
        keypoints=keypoints[None],
        keypoints_visible=np.ones((1, len(joints))),
        keypoints_cam=joints[None],
        vertices=vertices[None],
    )
    sample.pred_instances = InstanceData(keypoints=keypoints[None])
    for suffix in ('', '_fused'):
        fields = dict(keypoints_cam=joints, vertices=vertices)
        for name, points in fields.items():
            sample.pred_instances.set_field(
                (points - joints[ROOT_JOINT])[None], name + suffix
            )
        sample.pred_instances.set_field(keypoints[None], 'keypoints' + suffix)
    return sample
