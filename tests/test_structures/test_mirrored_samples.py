"""What a data set's left hands, which a network sees in a mirror, are in files."""

import numpy as np
import pytest
from mmpose.registry import METRICS
from scipy.spatial.transform import Rotation

from hamuco_mm.cameras.mirroring import mirror_camera
from hamuco_mm.datasets.mirroring import mirror_item
from hamuco_mm.rigs.calibration import calibrate_rig
from hamuco_mm.structures import PredictedViews

SHAPE = (120, 160)
K = np.array([[200.0, 0, 70], [0, 210, 66], [0, 0, 1]])
FIELDS = ('keypoints', 'keypoints_cam', 'vertices')
STAGES = ('', '_interact', '_fused')


def camera(number):
    R = Rotation.from_euler('y', 25 * number, degrees=True).as_matrix()
    return dict(K=K, R=R, t=np.array([0.1 * number, 0.02, 0.7]))


def mirrored(sample):
    """The view as a network sees it that knows right hands alone."""
    for instances in (sample.gt_instances, sample.pred_instances):
        known = dict(instances.items())
        for suffix in STAGES:
            names = [name + suffix for name in FIELDS if name + suffix in known]
            item = {name.removesuffix(suffix): known[name] for name in names}
            for name, value in mirror_item(item, SHAPE[1]).items():
                if name != 'mirrored':
                    instances.set_field(value, name + suffix)
    sample.set_metainfo(
        dict(
            camera_param=mirror_camera(sample.camera_param, SHAPE[1]),
            mirrored=True,
            hand_side='left',
        )
    )
    return sample


@pytest.fixture
def make_views(make_batch):
    """Samples of time steps of three cameras, as they were photographed."""

    def make(time_steps=2):
        batch = make_batch([3] * time_steps, noise=(0.002, 0.002, 0.001))
        for sample in batch:
            sample.set_metainfo(
                dict(ori_shape=SHAPE, camera_param=camera(sample.camera_id))
            )
        return batch

    return make


def test_files_hold_left_hands_as_they_were_photographed(
    make_views, evaluate, tmp_path
):
    expected = PredictedViews.from_samples(make_views())
    assert expected.hand_sides == set()
    path = tmp_path / 'views.npz'
    metric = METRICS.build(dict(type='DumpViews', out_file_path=str(path)))
    # the right hand of the second time step is no mirror image
    batch = [
        sample if row >= 3 else mirrored(sample)
        for row, sample in enumerate(make_views())
    ]
    evaluate(metric, [batch])
    views = PredictedViews.load(path)
    sides = views.predictions['hand_sides'].tolist()
    assert sides == ['left'] * 3 + ['right'] * 3
    for group in ('predictions', 'ground_truth'):
        arrays = getattr(views, group)
        for name, values in getattr(expected, group).items():
            np.testing.assert_allclose(arrays[name], values, atol=1e-5, err_msg=name)
    for name, values in expected.cameras.as_arrays().items():
        found = views.cameras.as_arrays()[name]
        np.testing.assert_allclose(found, values, atol=1e-12, err_msg=name)
    assert views.of_side('left').frame_id.tolist() == ['0000/00000000'] * 3


def test_cameras_are_estimated_as_they_stand(make_views):
    batch = make_views(8)
    hands = [batch[row].gt_instances.keypoints_cam[0] for row in range(0, 24, 3)]
    for row, sample in enumerate(batch):
        param = sample.camera_param
        points = hands[row // 3] @ param['R'].T + param['t']
        pixels = points @ K.T
        sample.gt_instances.keypoints = (pixels[:, :2] / pixels[:, 2:])[None]
        sample.pred_instances.keypoints_cam_interact = (points - points[9])[None]
    expected = [sample.camera_param['R'] for sample in batch[:3]]
    views = PredictedViews.from_samples([mirrored(sample) for sample in batch])
    R = calibrate_rig(views).estimate.R_world2cam.numpy()
    np.testing.assert_allclose(
        R[1:] @ R[0].T, np.array(expected[1:]) @ expected[0].T, atol=0.01
    )
