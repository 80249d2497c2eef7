"""The single-view network in MMPose's own inferencers."""

import numpy as np
import pytest
from mmpose.apis.inferencers import MMPoseInferencer, Pose2DInferencer, Pose3DInferencer

CONFIGS = 'configs/hand_3d_keypoint/hamuco/demo'
WEIGHTS = 'hamuco_mm://res18w32_generated-hands.pth'


@pytest.fixture
def path(rig):
    return str(rig / 'cam0' / '0000.png')


@pytest.fixture
def expected(single_view, path):
    return next(single_view(path))['predictions'][0][0]


def picture_of(inferencer, path):
    """With the line width that MMPose asks for."""
    result = next(inferencer(path, return_vis=True, thickness=1))
    return result['visualization'][0]


def assert_same_picture(picture, other):
    """But for rounding: batches of one tensor or of a list of images differ
    in the order in which a processor adds. At a soft edge that can cover one more
    of the four parts of a pixel."""
    difference = np.abs(picture.astype(int) - other)
    assert difference.max() <= 256 / 4 and (difference > 0).mean() < 1e-3


def test_pose2d(repository, path, expected, single_view):
    inferencer = Pose2DInferencer(
        str(repository / CONFIGS / 'td-mano_res18w32_demo-96x96.py'),
        WEIGHTS,
        device='cpu',
    )
    result = next(inferencer(path, return_datasamples=True, return_vis=True))
    hand = result['predictions'][0].pred_instances
    for field in ('keypoints', 'keypoints_cam', 'vertices'):
        assert np.allclose(hand[field][0], expected[field], atol=1e-5)
    assert_same_picture(result['visualization'][0], picture_of(single_view, path))


def test_pose3d(repository, path, expected, single_view, tmp_path):
    """``MMPoseInferencer(pose3d=...)`` takes its Hand3DInferencer."""
    inferencer = MMPoseInferencer(
        pose3d=str(repository / CONFIGS / 'td-mano_res18w32_hand3d_demo-96x96.py'),
        pose3d_weights=WEIGHTS,
        device='cpu',
    )
    result = next(
        inferencer(
            path, return_vis=True, out_dir=str(tmp_path), disable_rebase_keypoint=True
        )
    )
    points = np.array(result['predictions'][0][0]['keypoints'])
    # MMPose shows x, depth and height: pixels, millimetres, -pixels
    keypoints = np.array(expected['keypoints'])
    assert np.allclose(points[:, 0], keypoints[:, 0], atol=1e-3)
    assert np.allclose(points[:, 2], -keypoints[:, 1], atol=1e-3)
    depth = 1000 * np.array(expected['keypoints_cam'])[:, 2]
    assert np.allclose(points[:, 1], depth, atol=1e-2)
    assert_same_picture(result['visualization'][0], picture_of(single_view, path))
    assert (tmp_path / 'visualizations' / '0000.png').exists()


def test_pose3d_lifter_never_sees_the_image(repository, path):
    """Why Pose3DInferencer itself cannot: it lifts bodies' 2D joints."""
    config = str(repository / CONFIGS / 'td-mano_res18w32_demo-96x96.py')
    inferencer = Pose3DInferencer(
        config, WEIGHTS, pose2d_model=config, pose2d_weights=WEIGHTS, device='cpu'
    )
    with pytest.raises(AssertionError, match='h36m'):
        next(inferencer(path))
