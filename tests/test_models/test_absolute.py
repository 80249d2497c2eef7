"""Hands in the world from root-relative predictions of calibrated views."""

import copy

import cv2
import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample
from mmpose.structures.bbox import get_warp_matrix
from original_pixels import in_image
from scipy.spatial.transform import Rotation
from view_batches import SIZE, make_inputs, make_samples

from hamuco_mm.hand_model import NUM_BETAS, NUM_ROTATIONS, MANOLayer
from hamuco_mm.models import OptCenter
from hamuco_mm.models.absolute.opt_center import robust_mean
from hamuco_mm.structures import HandEstimate, HandMesh

LENS = np.array([-0.12, 0.05, 0.001, -0.002, 0.01])
FISHEYE = np.array([0.05, -0.02, 0.01, -0.003])
FIELDS = (
    'keypoints_world',
    'vertices_world',
    'keypoints_world_ransac',
    'reprojection_error',
    'world_scores',
    'views_agree',
)


def posed_hand(seed=0):
    """World vertices and joints of a hand near the origin, metres."""
    rng = np.random.default_rng(seed)
    rotations = Rotation.from_rotvec(
        0.3 * rng.normal(size=(NUM_ROTATIONS, 3))
    ).as_matrix()
    rotations[0] = Rotation.random(random_state=seed).as_matrix()
    mesh = MANOLayer().double()(
        torch.from_numpy(rotations), torch.zeros(NUM_BETAS).double()
    )
    place = rng.uniform(-0.05, 0.05, 3)
    return mesh.vertices.numpy() + place, mesh.joints.numpy() + place


def make_views(num_views=4, seed=0, frame=0, distorted=True):
    """A hand, real cameras around it, and samples with rotated crops.

    Returns:
        tuple: vertices, joints (world), samples with exact predictions.
    """
    rng = np.random.default_rng(seed)
    vertices, joints = posed_hand(seed)
    samples = []
    for view in range(num_views):
        R = Rotation.random(random_state=rng).as_matrix()
        t = np.array([*rng.uniform(-0.05, 0.05, 2), rng.uniform(0.5, 0.8)])
        f = rng.uniform(400, 900)
        camera = dict(
            K=np.array([[f, 0, 320.5], [0, 1.02 * f, 239.3], [0, 0, 1]]), R=R, t=t
        )
        turn = cv2.Rodrigues(R)[0]
        lens = None
        if distorted and view % 3 == 0:
            lens = camera['dist'] = LENS
        if distorted and view % 3 == 1:
            camera.update(dist=FISHEYE, distortion_model='fisheye')
            pixels, _ = cv2.fisheye.projectPoints(
                joints[:, None], turn, t, camera['K'], FISHEYE
            )
        else:
            pixels, _ = cv2.projectPoints(joints, turn, t, camera['K'], lens)
        pixels = pixels[:, 0]
        side = 1.3 * np.ptp(pixels, 0).max()
        sample = PoseDataSample()
        sample.set_metainfo(
            dict(
                frame_id=f'0000/{frame:08d}',
                camera_id=view,
                view_index=view,
                num_views=num_views,
                camera_param=camera,
                input_size=(SIZE, SIZE),
                input_center=pixels.mean(0) + rng.uniform(-9, 9, 2),
                input_scale=np.array([side, side]),
                bbox_rotation=np.array([rng.uniform(-180, 180)]),
            )
        )
        local = joints @ R.T
        root = local[9]
        sample.pred_instances = InstanceData(
            keypoints_interact=pixels[None],
            keypoints_cam_fused=(local - root)[None],
            vertices_fused=(vertices @ R.T - root)[None],
        )
        samples.append(sample)
    return vertices, joints, samples


def get(sample, field):
    return sample.pred_instances.get(field)[0]


@pytest.mark.parametrize('num_views', [2, 5])
@pytest.mark.parametrize('with_scale', [False, True])
def test_exact_predictions_give_the_exact_hand(num_views, with_scale):
    vertices, joints, samples = make_views(num_views)
    OptCenter(with_scale=with_scale).predict(samples)
    for sample in samples:
        np.testing.assert_allclose(get(sample, 'keypoints_world'), joints, atol=1e-6)
        np.testing.assert_allclose(get(sample, 'vertices_world'), vertices, atol=1e-6)
        np.testing.assert_allclose(
            get(sample, 'keypoints_world_ransac'), joints, atol=1e-6
        )
        assert get(sample, 'reprojection_error').max() < 1e-3
        assert get(sample, 'world_scores').min() > 1 - 1e-6
        assert get(sample, 'views_agree')
        for field in FIELDS:
            assert sample.pred_instances.get(field).shape[0] == 1


def test_exact_through_the_models_prediction(config):
    """Undoing crop, rotation and viewing ray, fusing and placing lose nothing:
    a model whose network knows the truth returns it."""
    config.update(view_neck=None, view_head=None, absolute=dict(type='OptCenter'))
    for name in list(config):
        if name.startswith('loss_'):
            config[name] = None
    model = MODELS.build(config).eval()
    vertices, joints, samples = make_views(4, seed=3)
    exact = []
    for sample in samples:
        meta = sample.metainfo
        R, t = (meta['camera_param'][key] for key in 'Rt')
        angle = -np.deg2rad(meta['bbox_rotation'][0])
        turn = Rotation.from_euler('z', angle).as_matrix()
        if meta['view_index'] % 2:
            # as the pipeline leaves it for crops off the optical axis
            ray = Rotation.from_rotvec([0.2, -0.1, 0]).as_matrix()
            sample.set_metainfo(dict(R_cam2ray=ray))
            turn = turn @ ray
        turn = turn @ R
        warp = get_warp_matrix(
            meta['input_center'],
            meta['input_scale'],
            meta['bbox_rotation'][0],
            output_size=(SIZE, SIZE),
        )
        pixels = get(sample, 'keypoints_interact')
        crop = np.c_[pixels, np.ones(21)] @ warp.T
        root = joints[9]
        exact.append(
            ((vertices - root) @ turn.T, (joints - root) @ turn.T, crop / SIZE * 2 - 1)
        )
        sample.pred_instances = InstanceData()
    vertices_crop, joints_crop, keypoints_2d = (
        torch.from_numpy(np.stack(x)).float() for x in zip(*exact)
    )
    # the network's place is taken by the truth, all else is the real code
    model.head.forward = lambda feats: HandEstimate(
        HandMesh(vertices_crop, joints_crop),
        torch.eye(3).repeat(4, 16, 1, 1),
        torch.zeros(4, 10),
        torch.ones(4, 3),
        keypoints_2d,
        torch.zeros(4, 3),
    )
    with torch.no_grad():
        results = model.predict(make_inputs([4]), samples)
    for result in results:
        for field in ('keypoints_world', 'keypoints_world_ransac'):
            np.testing.assert_allclose(get(result, field), joints, atol=2e-6)
        np.testing.assert_allclose(get(result, 'vertices_world'), vertices, atol=2e-6)


@pytest.mark.parametrize('sizes', [(1,), (3, 1, 2), (4, 4)])
def test_any_batch_of_a_real_network(config, sizes):
    """Fields are there exactly for calibrated steps of several views, and
    what one step gets does not depend on the others."""
    config['absolute'] = dict(type='OptCenter', with_scale=True)
    model = MODELS.build(config).eval()
    samples, inputs = make_samples(sizes), make_inputs(sizes)
    for sample in samples:
        sample.metainfo['camera_param'].update(
            K=np.array([[300.0, 0, 50], [0, 300, 60], [0, 0, 1]])
        )
    bare = make_samples(sizes, calibrated=False)
    # the last step of several is not calibrated
    if len(sizes) > 2:
        samples[-2:] = bare[-2:]
    with torch.no_grad():
        together = model.predict(inputs, copy.deepcopy(samples))
        assert not any(
            field in result.pred_instances
            for field in FIELDS
            for result in model.predict(inputs, bare)
        )
    start = 0
    for step, size in enumerate(sizes):
        rows = slice(start, start + size)
        placed = size > 1 and not (len(sizes) > 2 and step == 2)
        with torch.no_grad():
            alone = model.predict(inputs[rows], copy.deepcopy(samples[rows]))
        for one, same in zip(alone, together[rows]):
            for field in FIELDS:
                assert (field in same.pred_instances) == placed
                if placed:
                    assert np.isfinite(get(same, field)).all()
                    if field == 'keypoints_world':
                        np.testing.assert_allclose(
                            get(one, field), get(same, field), atol=1e-3
                        )
        start += size


def test_views_that_contradict_each_other_say_so():
    _, joints, samples = make_views(4, seed=5)
    wrong = get(samples[1], 'keypoints_interact')
    side = samples[1].metainfo['input_scale'][0]
    wrong += [0.5 * side, -0.4 * side]
    OptCenter().predict(samples)
    # one of four is outvoted
    assert all(get(sample, 'views_agree') for sample in samples)
    np.testing.assert_allclose(get(samples[0], 'keypoints_world'), joints, atol=1e-3)
    assert get(samples[1], 'reprojection_error').min() > 0.4 * side
    assert get(samples[0], 'reprojection_error').max() < 0.05 * side
    assert 0 < get(samples[0], 'world_scores').max() < 0.8
    # two of four, each in its own way
    other = get(samples[2], 'keypoints_interact')
    other -= [0.3 * side, -0.7 * side]
    OptCenter().predict(samples)
    assert not any(get(sample, 'views_agree') for sample in samples)


def test_two_views_do_not_outvote_a_third():
    """Which of three is wrong cannot be told: two exchanged cameras may fit each
    other."""
    _, _, samples = make_views(3, seed=5)
    wrong = get(samples[1], 'keypoints_interact')
    wrong += 0.5 * samples[1].metainfo['input_scale'][0]
    OptCenter().predict(samples)
    near = [get(sample, 'reprojection_error').max() < 10 for sample in samples]
    assert near == [True, False, True]
    assert not any(get(sample, 'views_agree') for sample in samples)


def test_hands_that_are_turned_against_each_other_do_not_agree():
    """However well the fused hand fits the 2D joints: the cameras of the views may
    have been exchanged."""
    _, joints, samples = make_views(3, seed=5)
    for sample in samples:
        R = sample.metainfo['camera_param']['R']
        own = (joints - joints[9]) @ R.T
        sample.pred_instances.set_field(own[None], 'keypoints_cam_interact')
    OptCenter().predict(samples)
    assert all(get(sample, 'views_agree') for sample in samples)
    for sample, angle in zip(samples, (70, -70)):
        turn = Rotation.from_euler('y', angle, degrees=True).as_matrix()
        own = sample.pred_instances.keypoints_cam_interact
        sample.pred_instances.keypoints_cam_interact = own @ turn.T
    OptCenter().predict(samples)
    assert not any(get(sample, 'views_agree') for sample in samples)
    assert max(get(sample, 'reprojection_error').max() for sample in samples) < 1e-3


def test_one_wrong_joint_has_the_lowest_score():
    _, joints, samples = make_views(5, seed=6)
    for angle, sample in enumerate(samples):
        side = sample.metainfo['input_scale'][0]
        get(sample, 'keypoints_interact')[4] += [
            0.3 * side * np.cos(angle),
            0.3 * side * np.sin(angle),
        ]
    OptCenter().predict(samples)
    scores = get(samples[0], 'world_scores')
    assert scores.argmin() == 4 and scores[4] < 0.5
    assert np.delete(scores, 4).min() > 0.99


def test_the_unit_of_the_thresholds_is_the_crop():
    """The same rig at three times the resolution gives the same."""
    _, _, samples = make_views(4, seed=7, distorted=False)
    rng = np.random.default_rng(0)
    for sample in samples:
        get(sample, 'keypoints_interact')[:] += rng.normal(0, 8, (21, 2))
    finer = copy.deepcopy(samples)
    for sample in finer:
        sample.metainfo['camera_param']['K'][:2] *= 3
        sample.set_metainfo(dict(input_scale=3 * sample.metainfo['input_scale']))
        get(sample, 'keypoints_interact')[:] *= 3
    OptCenter().predict(samples)
    OptCenter().predict(finer)
    for a, b in zip(samples, finer):
        for field in FIELDS:
            factor = 3 if field == 'reprojection_error' else 1
            np.testing.assert_allclose(
                get(b, field), factor * get(a, field), rtol=1e-4, atol=1e-6
            )


def test_views_without_a_camera_are_passed_over():
    _, joints, samples = make_views(4, seed=8)
    del samples[2].metainfo['camera_param']['t']
    get(samples[2], 'keypoints_interact')[:] = 0
    OptCenter().predict(samples)
    assert 'keypoints_world' not in samples[2].pred_instances
    np.testing.assert_allclose(get(samples[3], 'keypoints_world'), joints, atol=1e-6)


@pytest.mark.parametrize(
    'key, value, message',
    [
        ('R', np.diag([1.0, 1, -1]), 'no rotation'),
        ('R', np.zeros(3), r"'R'.*shape \(3, 3\)"),
        ('t', np.full(3, np.nan), "'t'.*finite"),
        ('dist', np.zeros(6), "'dist'.*4 coefficients"),
    ],
)
def test_bad_cameras_are_named(key, value, message):
    samples = make_views(3)[2]
    samples[1].metainfo['camera_param'][key] = value
    with pytest.raises(ValueError, match=message) as error:
        OptCenter().predict(samples)
    assert 'camera_id=1' in str(error.value)


def test_bad_thresholds_are_named():
    with pytest.raises(ValueError, match='ransac_threshold'):
        MODELS.build(dict(type='OptCenter', ransac_threshold=0))


def test_robust_mean_outvotes_a_wrong_view():
    points = torch.randn(1, 30, 3, dtype=torch.double) * 0.05
    views = points[:, None].repeat(1, 5, 1, 1)
    views[:, 2] = views[:, 2].flip(-1)
    views[:, 4] = 9  # absent
    mask = torch.tensor([[1, 1, 1, 1, 0]]).bool()
    wrong = (robust_mean(views, mask) - points).norm(dim=-1).mean()
    plain = (views[:, :4].mean(1) - points).norm(dim=-1).mean()
    assert wrong < plain / 5


def test_pixels_return_to_the_image_by_the_inverse_of_mmposes_warp():
    """For any centre, size and rotation, to the precision of the warp."""
    rng = np.random.default_rng(0)
    for _ in range(50):
        size = rng.integers(32, 300, 2)
        width = rng.uniform(30, 700)
        meta = dict(
            input_center=rng.uniform(-50, 900, 2),
            input_scale=np.array([width, width * size[1] / size[0]]),
            input_size=tuple(size.tolist()),
            bbox_rotation=np.array([rng.uniform(-360, 360)]),
        )
        warp = get_warp_matrix(
            meta['input_center'],
            meta['input_scale'],
            meta['bbox_rotation'][0],
            output_size=meta['input_size'],
        )
        image = meta['input_center'] + rng.uniform(-width, width, (21, 2))
        crop = np.c_[image, np.ones(21)] @ warp.T
        np.testing.assert_allclose(in_image(crop, meta), image, atol=2e-3)
