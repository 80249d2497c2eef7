import cv2
import numpy as np
from mmengine.structures import InstanceData
from mmpose.structures import PoseDataSample

from hamuco_mm.structures import PredictedViews, without_meshes

K = np.array([[300.0, 0, 64], [0, 310, 60], [0, 0, 1]])
DIST = np.array([-0.2, 0.05, 0.001, -0.002])


def test_keypoints_lose_the_lens_and_meshes_stay_behind():
    """OpenCV projects with the lens; without it the pixels are straight."""
    points = np.random.default_rng(0).normal(scale=0.1, size=(21, 3)) + [0, 0, 1]
    pixels = cv2.projectPoints(points, np.zeros(3), np.zeros(3), K, DIST)[0]
    sample = PoseDataSample(
        metainfo=dict(
            frame_id='0000/00000000', camera_id=3, camera_param=dict(K=K, dist=DIST)
        )
    )
    for name in ('pred_instances', 'gt_instances'):
        sample.set_field(
            InstanceData(
                keypoints=pixels[None, :, 0],
                keypoints_cam=points[None],
                vertices=np.zeros((1, 778, 3)),
            ),
            name,
        )
    views = PredictedViews.from_samples(
        [without_meshes(sample.to_dict())]
    ).undistorted()
    straight = points @ K.T
    straight = straight[:, :2] / straight[:, 2:]
    assert np.abs(straight - pixels[:, 0]).max() > 0.2
    for fields in (views.predictions, views.ground_truth):
        np.testing.assert_allclose(fields['keypoints'][0], straight, atol=1e-3)
        np.testing.assert_array_equal(fields['keypoints_cam'][0], points)
        assert 'vertices' not in fields
