"""From a metric's file to the errors of labels and stages."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from hand_samples import posed_hands
from test_baselines import make_time_step

from hamuco_mm.evaluation import HandMeshMetric
from hamuco_mm.evaluation.keypoint_errors import (
    distance_errors,
    pixel_errors,
    summarize_errors,
)
from hamuco_mm.hand_model import ROOT_JOINT, load_hand_model
from hamuco_mm.structures import PredictedViews
from hamuco_mm.visualization.pck_figure import PCKPanel, pck_figure

SIZES = (6, 5)
DIST = np.array([-0.2, 0.05, 1e-3, 2e-3])


def as_sample(view, frame, index, num_views):
    """A view as the evaluator passes it; the single-view prediction is 2 px
    beside the hand and 4 mm wrong at the wrist, the fused one exact."""
    camera = dict(view['camera_param'], dist=DIST)
    joints = view['keypoints_cam'][0]
    pixels = cv2.projectPoints(joints, np.zeros(3), np.zeros(3), camera['K'], DIST)[0][
        :, 0
    ]
    relative = joints - joints[ROOT_JOINT]
    single = relative.copy()
    single[0, 2] += 0.004
    return dict(
        img_id=10 * frame + index,
        frame_id=f'0/{frame}',
        camera_id=index,
        view_index=index,
        num_views=num_views,
        camera_param=camera,
        ori_shape=(224, 224),
        input_scale=np.array([128.0, 128.0]),
        gt_instances=dict(
            keypoints=pixels[None] + 1,
            keypoints_visible=np.ones((1, 21)),
            keypoints_cam=joints[None],
        ),
        pred_instances=dict(
            keypoints=pixels[None] + [0, 2],
            keypoints_cam=single[None],
            keypoints_fused=pixels[None],
            keypoints_cam_fused=relative[None],
        ),
    )


@pytest.fixture(scope='module')
def samples():
    hands = zip(*posed_hands(2))
    steps = [make_time_step(*hand, num_views=size) for hand, size in zip(hands, SIZES)]
    return [
        as_sample(view, frame, index, len(step))
        for frame, step in enumerate(steps)
        for index, view in enumerate(step)
    ]


@pytest.fixture(scope='module')
def views(samples, tmp_path_factory):
    prefix = str(tmp_path_factory.mktemp('test') / 'run')
    metric = HandMeshMetric(outfile_prefix=prefix, f_thresholds=())
    samples[0]['gt_instances']['keypoints_visible'][0, 3] = 0
    metric.process(None, samples)
    metric.evaluate(len(SIZES))
    return PredictedViews.load(f'{prefix}.predictions.npz')


def test_pixels(views):
    errors = pixel_errors(views)
    assert set(errors) == {'labels', 'single', 'fusion'}
    # 2 px of a crop of 128 px are 4 px of one of 256
    np.testing.assert_allclose(errors['single'], 4, atol=1e-5)
    np.testing.assert_allclose(errors['fusion'], 0, atol=1e-5)
    assert np.isnan(errors['labels'][0, 3])
    assert np.isnan(errors['labels']).sum() == 1
    original = pixel_errors(views, resolution=0)
    np.testing.assert_allclose(np.nanmax(original['labels']), np.sqrt(2), atol=1e-5)


def test_fisheye(samples):
    """The model of the lens is in the file, and is used."""
    camera = dict(
        samples[0]['camera_param'],
        dist=np.array([0.05, -0.02, 0.01, -0.003]),
        distortion_model='fisheye',
    )
    joints = samples[0]['gt_instances']['keypoints_cam'].reshape(21, 1, 3)
    pixels = cv2.fisheye.projectPoints(
        joints, np.zeros(3), np.zeros(3), camera['K'], camera['dist']
    )[0]
    sample = dict(
        samples[0],
        camera_param=camera,
        pred_instances=dict(keypoints=pixels.reshape(1, 21, 2)),
    )
    view = PredictedViews.from_samples([dict(sample, num_views=1)])
    np.testing.assert_allclose(pixel_errors(view)['single'], 0, atol=1e-5)
    view.cameras.lens.is_fisheye[:] = False
    assert pixel_errors(view)['single'].max() > 0.1


def test_distances(views):
    errors = distance_errors(views, 'root')
    assert set(errors) == {'labels, ransac', 'labels, pictorial', 'single', 'fusion'}
    np.testing.assert_allclose(errors['single'][:, 0], 4, atol=1e-4)
    np.testing.assert_allclose(errors['single'][:, 1:], 0, atol=1e-4)
    # a pixel at the focal length of 400 px, 1.1 m away, and undistorted
    for name in ('labels, ransac', 'labels, pictorial'):
        assert 0 < np.nanmean(errors[name]) < 4
        assert np.isfinite(errors[name]).all()
    aligned = distance_errors(views, 'procrustes')
    assert aligned['single'][:, 0].max() < 4


def test_bones_are_those_of_the_hand_model(views, tmp_path):
    """Most views take the wrist for the tip of the index finger. It is too
    far off for a hand, not for that of a giant."""
    labels = views.ground_truth['keypoints'].copy()
    labels[:4, 8] = labels[:4, 0]
    views = replace(views, ground_truth=dict(views.ground_truth, keypoints=labels))
    hand = load_hand_model()
    path = tmp_path / 'giant.npz'
    giant = replace(hand, v_template=6 * hand.v_template)
    np.savez(path, **giant.mano_arrays())
    own = distance_errors(views, 'root')
    giant = distance_errors(views, 'root', dict(path=str(path)))
    name = 'labels, pictorial'
    assert own[name][:4, 8].max() < 20
    assert giant[name][:4, 8].min() > 50
    np.testing.assert_array_equal(giant['labels, ransac'], own['labels, ransac'])


def test_without_cameras_nothing_is_triangulated(views):
    K = torch.full_like(views.cameras.K, torch.nan)
    uncalibrated = replace(views, cameras=replace(views.cameras, K=K))
    assert set(distance_errors(uncalibrated)) == {'single', 'fusion'}
    assert pixel_errors(uncalibrated) == {}


def test_summary_and_curve(views, tmp_path):
    errors = pixel_errors(views)
    summaries = {
        name: summarize_errors(values, views.camera_id, 8)
        for name, values in errors.items()
    }
    single = summaries['single']
    assert single['mean'] == pytest.approx(4, abs=1e-5)
    assert single['AUC'] == pytest.approx(0.5, abs=0.01)
    assert single['count'] == 21 * sum(SIZES)
    assert len(single['per_joint']) == 21
    assert 'thumb_tip' in single['per_joint']
    assert list(single['per_camera']) == [f'cam{i}' for i in range(6)]
    assert summaries['labels']['count'] == 21 * sum(SIZES) - 1
    figure = pck_figure([PCKPanel('2D', 'px', errors, summaries, 8)])
    lines = figure.axes[0].get_lines()
    assert [line.get_label().split(':')[0] for line in lines] == list(errors)
    curve = lines[1]
    share = np.interp([3.9, 4.1], curve.get_xdata(), curve.get_ydata())
    np.testing.assert_allclose(share, [0, 1], atol=1e-6)
    figure.savefig(tmp_path / 'auc.png')


def test_other_files_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match='outfile_prefix'):
        PredictedViews.load(tmp_path / 'none.npz')
    np.savez(tmp_path / 'other.npz', img_id=np.zeros(3))
    with pytest.raises(ValueError, match='other.npz has no .*single_joints'):
        PredictedViews.load(tmp_path / 'other.npz')
    np.savez(tmp_path / 'code.npz', img_id=np.array([dict()], object))
    with pytest.raises(ValueError, match='code.npz is no file of predict'):
        PredictedViews.load(tmp_path / 'code.npz')
    (tmp_path / 'text.npz').write_text('hello')
    with pytest.raises(ValueError, match='text.npz is no file of predict'):
        PredictedViews.load(tmp_path / 'text.npz')
