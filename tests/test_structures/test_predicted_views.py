"""Predictions as a file of plain arrays, and hands placed in the world."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from mmpose.registry import METRICS
from scipy.spatial.transform import Rotation

from hamuco_mm.evaluation.world_hands import place_in_world, truth_in_world
from hamuco_mm.hand_model import ROOT_JOINT
from hamuco_mm.structures import PredictedViews, Stage

K = np.array([[500.0, 0, 112], [0, 500, 112], [0, 0, 1]])


@pytest.fixture
def calibrated(make_batch):
    """Two time steps of two and three views of one hand each, all exact."""
    batch = make_batch([2, 3])
    rng = np.random.default_rng(0)
    hands = [batch[row].gt_instances.keypoints_cam[0] for row in (0, 2)]
    for sample in batch:
        joints = hands[int(sample.frame_id[-8:])]
        R = Rotation.from_rotvec(0.5 * rng.normal(size=3)).as_matrix()
        t = rng.normal(size=3) * 0.1 + [0, 0, 0.5]
        in_camera = joints @ R.T + t
        root = in_camera[ROOT_JOINT]
        sample.set_metainfo(
            dict(img_path=f'{sample.frame_id}.jpg', camera_param=dict(K=K, R=R, t=t))
        )
        pixels = in_camera @ K.T
        sample.gt_instances.keypoints_cam = in_camera[None]
        sample.pred_instances.keypoints = (pixels[:, :2] / pixels[:, 2:])[None]
        sample.pred_instances.keypoints_interact = sample.pred_instances.keypoints
        sample.pred_instances.keypoints_cam_fused = (in_camera - root)[None]
    return batch


def test_file_gives_back_what_was_predicted(calibrated, tmp_path):
    del calibrated[1].pred_instances.vertices_fused
    calibrated[3].set_metainfo(dict(camera_param=dict(K=K)))
    path = tmp_path / 'folder' / 'views.npz'
    PredictedViews.from_samples(calibrated).save(path)
    views = PredictedViews.load(path)
    assert len(views) == 5 and views.item.tolist() == [0, 0, 1, 1, 1]
    assert [rows.tolist() for rows in views.time_steps()] == [[0, 1], [2, 3, 4]]
    assert views.calibrated.tolist() == [True, True, True, False, True]
    assert np.isnan(views.predictions['vertices_fused'][1]).all()
    for row, sample in enumerate(calibrated):
        assert views.frame_id[row] == sample.frame_id
        assert views.camera_id[row] == str(sample.camera_id)
        for name in ('keypoints', 'keypoints_cam', 'vertices'):
            for known, arrays in (
                (sample.pred_instances, views.predictions),
                (sample.gt_instances, views.ground_truth),
            ):
                assert np.array_equal(arrays[name][row], known.get(name)[0])
    with np.load(path) as file:
        assert 'metres' in str(file['conventions'])
    chosen = views.select([4, 0])
    assert chosen.frame_id.tolist() == views.frame_id[[4, 0]].tolist()
    t = views.cameras.t_world2cam
    assert torch.equal(chosen.cameras.t_world2cam, t[[4, 0]])


def test_dump_views_writes_it(make_batch, evaluate, tmp_path):
    path = str(tmp_path / 'views.npz')
    batch = make_batch([2, 1, 3])
    metric = METRICS.build(dict(type='DumpViews', out_file_path=path))
    # Three items, of which the last is padding.
    assert evaluate(metric, [batch[:3], batch[3:]], size=2) == {}
    views = PredictedViews.load(path)
    assert views.item.tolist() == [0, 0, 1]
    assert np.array_equal(
        views.predictions['vertices'][1], batch[1].pred_instances.vertices[0]
    )


def test_joints_of_the_metric_are_read(make_batch, evaluate, tmp_path):
    batch = make_batch([2, 1])
    batch[0].set_metainfo(dict(camera_param=dict(K=K, R=np.eye(3), t=np.zeros(3))))
    metric = METRICS.build(
        dict(
            type='HandMeshMetric',
            f_thresholds=(),
            outfile_prefix=str(tmp_path / 'joints'),
        )
    )
    evaluate(metric, [batch], size=2)
    views = PredictedViews.load(tmp_path / 'joints.predictions.npz')
    assert views.calibrated.tolist() == [True, False, False]
    assert views.item.tolist() == [0, 0, 1]
    np.testing.assert_array_equal(
        views.predictions['keypoints'][1], batch[1].pred_instances.keypoints[0]
    )
    np.testing.assert_array_equal(
        views.predictions['keypoints_cam_fused'][2],
        batch[2].pred_instances.keypoints_cam_fused[0],
    )


def test_bad_files(tmp_path):
    with pytest.raises(FileNotFoundError):
        PredictedViews.load(tmp_path / 'none.npz')
    (tmp_path / 'text.npz').write_text('hello')
    with pytest.raises(ValueError, match='text.npz is no .npz file'):
        PredictedViews.load(tmp_path / 'text.npz')
    # what is left of a file that was cut off
    np.savez(tmp_path / 'cut.npz', frame_id=np.arange(99))
    whole = (tmp_path / 'cut.npz').read_bytes()
    (tmp_path / 'cut.npz').write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match='cut.npz is no .npz file'):
        PredictedViews.load(tmp_path / 'cut.npz')
    np.save(tmp_path / 'array.npy', np.zeros(3))
    with pytest.raises(ValueError, match='array.npy is no .npz file'):
        PredictedViews.load(tmp_path / 'array.npy')
    np.savez(tmp_path / 'other.npz', frame_id=[1])
    with pytest.raises(ValueError, match='camera_id.*camera_K'):
        PredictedViews.load(tmp_path / 'other.npz')
    # an array of objects would be a pickle
    np.savez(tmp_path / 'objects.npz', frame_id=np.array([{}, []], object))
    with pytest.raises(ValueError, match='no .npz file of plain arrays'):
        PredictedViews.load(tmp_path / 'objects.npz')
    with pytest.raises(ValueError, match='no predictions'):
        PredictedViews.from_samples([])


def test_hand_is_placed_in_the_world(calibrated):
    views = PredictedViews.from_samples(calibrated)
    assert views.latest_stage == 'fusion'
    for rows in views.time_steps():
        hand = place_in_world(views, rows, Stage.FUSION)
        truth = truth_in_world(views, rows, 'keypoints_cam')
        np.testing.assert_allclose(hand.joints, truth, atol=1e-5)
        np.testing.assert_allclose(hand.root, truth[ROOT_JOINT], atol=1e-5)
        assert hand.reprojection_error.shape == (len(rows), 21)
        assert np.nanmax(hand.reprojection_error) < 0.01
        assert hand.vertices.shape == (778, 3)


@pytest.mark.parametrize(
    'model, dist',
    [
        ('opencv', [-0.3, 0.1, 0.002, -0.001, 0.0]),
        ('fisheye', [0.2, -0.05, 0.01, 0.0]),
    ],
)
def test_lenses_are_accounted_for(calibrated, model, dist):
    """OpenCV's pixels of a distorted image are as exact as the others."""
    for sample in calibrated:
        joints = sample.gt_instances.keypoints_cam
        project = cv2.fisheye if model == 'fisheye' else cv2
        pixels, _ = project.projectPoints(
            joints.reshape(-1, 1, 3), np.zeros(3), np.zeros(3), K, np.array(dist)
        )
        sample.pred_instances.keypoints = pixels.reshape(1, 21, 2)
        del sample.pred_instances.keypoints_interact
        sample.set_metainfo(
            dict(
                camera_param=dict(
                    sample.camera_param, dist=dist, distortion_model=model
                )
            )
        )
    views = PredictedViews.from_samples(calibrated)
    hand = place_in_world(views, np.arange(2, 5), Stage.FUSION)
    np.testing.assert_allclose(
        hand.joints, truth_in_world(views, np.arange(2, 5), 'keypoints_cam'), atol=1e-4
    )
    assert np.nanmax(hand.reprojection_error) < 0.1


def test_place_of_the_model_is_used(calibrated):
    """Where the file has it, whatever a fit would say; without cameras."""
    rng = np.random.default_rng(0)
    joints, mesh = rng.normal(size=(1, 21, 3)), rng.normal(size=(1, 778, 3))
    # the first view had no camera when it was predicted
    calibrated[2].pred_instances.keypoints_world = np.full_like(joints, np.nan)
    calibrated[2].pred_instances.vertices_world = np.full_like(mesh, np.nan)
    for sample in calibrated[3:]:
        sample.pred_instances.keypoints_world = joints
        sample.pred_instances.vertices_world = mesh
    views = PredictedViews.from_samples(calibrated)
    first, second = views.time_steps()
    hand = place_in_world(views, second, Stage.FUSION)
    assert np.array_equal(hand.joints, joints[0])
    assert np.array_equal(hand.vertices, mesh[0])
    camera = calibrated[3].camera_param
    seen = cv2.projectPoints(
        joints[0], cv2.Rodrigues(camera['R'])[0], camera['t'], K, None
    )[0][:, 0]
    np.testing.assert_allclose(
        hand.reprojection_error[1],
        np.linalg.norm(seen - calibrated[3].pred_instances.keypoints[0], axis=-1),
        rtol=1e-5,
    )
    # other stages, and time steps without it, are fitted
    for rows, stage in ((second, Stage.SINGLE), (first, Stage.FUSION)):
        hand = place_in_world(views, rows, stage)
        assert abs(hand.joints - joints[0]).max() > 0.1
    views = replace(views, cameras=views.cameras.map(lambda x, _: x * torch.nan))
    hand = place_in_world(views, second, Stage.FUSION)
    assert np.array_equal(hand.vertices, mesh[0])
    assert np.isnan(hand.reprojection_error).all()
    with pytest.raises(ValueError, match='0 calibrated views of 2'):
        place_in_world(views, first, Stage.FUSION)


def test_resolution_does_not_matter(calibrated):
    """A joint that is off counts by its share of the hand, and a larger
    image shows the same hand: as the model's Opt-Center has it."""
    rng = np.random.default_rng(0)
    for sample in calibrated:
        points = sample.pred_instances.keypoints
        del sample.pred_instances.keypoints_interact
        # up to two tenths of the hand
        off = rng.uniform(-0.2, 0.2, points.shape) * np.ptp(points, axis=1).max()
        sample.pred_instances.keypoints = points + off
    hands = []
    for zoom in (1, 8):
        for sample in calibrated:
            camera = dict(sample.camera_param)
            camera['K'] = np.diag([zoom, zoom, 1]) @ K
            sample.set_metainfo(dict(camera_param=camera))
            sample.pred_instances.keypoints = zoom * sample.pred_instances.keypoints
        views = PredictedViews.from_samples(calibrated)
        hands.append(place_in_world(views, np.arange(2, 5), Stage.FUSION))
    small, large = hands
    np.testing.assert_allclose(large.joints, small.joints, atol=1e-6)
    np.testing.assert_allclose(large.vertices, small.vertices, atol=1e-6)
    np.testing.assert_allclose(
        large.reprojection_error, 8 * small.reprojection_error, rtol=1e-3
    )


def test_interaction_is_what_the_fused_hand_is_fitted_to(calibrated):
    """As in the model; the single views' hands take their own pixels."""
    for sample in calibrated:
        pred = sample.pred_instances
        pred.keypoints = pred.keypoints + 40
        pred.keypoints_cam = pred.keypoints_cam_fused
    views = PredictedViews.from_samples(calibrated)
    rows = np.arange(2, 5)
    truth = truth_in_world(views, rows, 'keypoints_cam')
    hand = place_in_world(views, rows, Stage.FUSION)
    np.testing.assert_allclose(hand.joints, truth, atol=1e-5)
    np.testing.assert_allclose(hand.reprojection_error, np.hypot(40, 40), rtol=1e-3)
    other = place_in_world(views, rows, Stage.SINGLE)
    assert abs(other.joints - truth).max() > 1e-3


def test_what_cannot_be_placed(calibrated):
    views = PredictedViews.from_samples(calibrated)
    with pytest.raises(ValueError, match='1 calibrated views of 1'):
        place_in_world(views, np.array([0]), Stage.FUSION)
    del views.predictions['keypoints_cam_interact']
    with pytest.raises(ValueError, match='no keypoints_cam_interact'):
        place_in_world(views, np.arange(2), Stage.INTERACT)
    views.ground_truth.clear()
    assert truth_in_world(views, np.arange(2), 'keypoints_cam') is None
