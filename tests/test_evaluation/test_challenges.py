"""FreiHAND's and HO-3D's measures against their definition in numpy and
scipy, and the files for their servers."""

import json

import numpy as np
import pytest
import torch
from hand_samples import make_sample, posed_hands
from mmpose.registry import METRICS
from scipy.integrate import trapezoid
from scipy.linalg import orthogonal_procrustes
from scipy.spatial import cKDTree

import hamuco_mm  # noqa: F401, registers the metrics
from hamuco_mm.evaluation.challenges import align_as_challenge, align_scale_translation
from hamuco_mm.evaluation.metrics.absolute_hands import absolute_hand, fit_translation

K = np.array([[480.0, 0, 112], [0, 475, 108], [0, 0, 1]])
PLACE = np.array([0.04, -0.03, 0.7])
# ours -> HO-3D's order, as its documentation has it
MANO_FIRST = [0, 5, 6, 7, 9, 10, 11, 17, 18, 19, 13, 14, 15, 1, 2, 3, 4, 8, 12, 16, 20]


def see(points):
    homogeneous = points @ K.T
    return homogeneous[:, :2] / homogeneous[:, 2:]


@pytest.fixture(scope='module')
def samples():
    """Predictions with errors of 5 mm, of hands in front of a camera."""
    made = []
    for i, (vertices, joints) in enumerate(zip(*posed_hands(4))):
        sample = make_sample(vertices, joints, frame=i, noise=(0.005, 0, 0), seed=i)
        place = PLACE - joints.mean(0)
        truth = sample.gt_instances
        truth.keypoints_cam = (joints + place)[None]
        truth.vertices = (vertices + place)[None]
        pred = sample.pred_instances
        where = pred.keypoints_cam[0] + joints[9] + place
        pred.keypoints = see(where)[None]
        sample.set_metainfo(
            dict(
                img_id=i,
                camera_param=dict(K=K),
                raw_ann_info=dict(
                    scale=np.linalg.norm(joints[9] - joints[10]),
                    wrist=joints[0] + place,
                ),
            )
        )
        made.append(sample.to_dict())
    return made


def run(metric, samples):
    for sample in samples:  # batches of one
        metric.process({}, [sample])
    return metric.evaluate(len(samples))


def numpy_alignment(target, points):
    """The alignment that the challenges publish, for one hand."""
    target_mean, points_mean = target.mean(0), points.mean(0)
    target, points = target - target_mean, points - points_mean
    size = np.linalg.norm(target) + 1e-8
    target, points = target / size, points / (np.linalg.norm(points) + 1e-8)
    R, scale = orthogonal_procrustes(target, points)
    return points @ R.T * scale * size + target_mean


def numpy_f_score(points, target, threshold):
    precision = (cKDTree(target).query(points)[0] < threshold).mean()
    recall = (cKDTree(points).query(target)[0] < threshold).mean()
    return 2 * precision * recall / max(precision + recall, 1e-9)


def numpy_auc(errors):
    thresholds = np.linspace(0, 0.05, 100)
    areas = [
        trapezoid([(e <= t).mean() for t in thresholds], thresholds) / 0.05
        for e in errors.T  # joint by joint
    ]
    return np.mean(areas)


@pytest.mark.parametrize('mirrored', [False, True])
def test_alignment(mirrored):
    rng = np.random.default_rng(0)
    target = rng.normal(size=(3, 21, 3))
    points = 2 * target + 0.1 * rng.normal(size=target.shape) + 5
    if mirrored:  # which the challenges forgive
        points[..., 0] *= -1
    aligned = align_as_challenge(*map(torch.as_tensor, (points, target)))
    for found, p, t in zip(aligned.numpy(), points, target):
        np.testing.assert_allclose(found, numpy_alignment(t, p), atol=1e-9)
    assert np.abs(aligned.numpy() - target).mean() < 0.1


def test_freihand(samples):
    metric = METRICS.build(dict(type='FreiHANDMetric', use_scale=False))
    found = run(metric, samples)
    hands = [absolute_hand(sample) for sample in samples]
    truths = [
        (s['gt_instances']['keypoints_cam'][0], s['gt_instances']['vertices'][0])
        for s in samples
    ]
    for part, name in enumerate(('xyz', 'mesh')):
        errors, aligned_errors = [
            np.array(
                [
                    np.linalg.norm(align(t[part], h[part]) - t[part], axis=-1)
                    for h, t in zip(hands, truths)
                ]
            )
            for align in (lambda t, p: p, numpy_alignment)
        ]
        expected = {
            f'{name}_mean3d': 100 * errors.mean(),
            f'{name}_al_mean3d': 100 * aligned_errors.mean(),
            f'{name}_auc3d': numpy_auc(errors),
            f'{name}_al_auc3d': numpy_auc(aligned_errors),
        }
        for key, value in expected.items():
            assert found[f'FreiHAND/{key}'] == pytest.approx(value, abs=1e-6)
    for threshold in (5, 15):
        for key, align in (
            ('f_score', lambda t, p: p),
            ('f_al_score', numpy_alignment),
        ):
            expected = np.mean(
                [
                    numpy_f_score(align(t[1], h[1]), t[1], threshold / 1000)
                    for h, t in zip(hands, truths)
                ]
            )
            assert found[f'FreiHAND/{key}_{threshold}'] == pytest.approx(
                expected, abs=2e-3
            )
    assert len(found) == 12


def test_ho3d_aligns_wrist_and_palm(samples):
    found = run(METRICS.build(dict(type='HO3DMetric')), samples)
    joints = np.stack([absolute_hand(s, root='wrist')[0] for s in samples])
    target = np.stack([s['gt_instances']['keypoints_cam'][0] for s in samples])
    aligned = align_scale_translation(
        torch.as_tensor(3 * joints + 1), torch.as_tensor(target)
    ).numpy()
    np.testing.assert_allclose(aligned[:, 0], target[:, 0], atol=1e-9)
    np.testing.assert_allclose(
        np.linalg.norm(aligned[:, 9] - aligned[:, 0], axis=-1),
        np.linalg.norm(target[:, 9] - target[:, 0], axis=-1),
    )
    error = np.linalg.norm(aligned - target, axis=-1).mean()
    assert found['HO3D/xyz_scale_trans_al_mean3d'] == pytest.approx(100 * error)
    assert {'HO3D/xyz_procrustes_al_auc3d', 'HO3D/mesh_al_mean3d'} < set(found)


def test_a_hand_is_found_where_it_is_seen():
    rng = np.random.default_rng(0)
    points = rng.normal(scale=0.05, size=(21, 3))
    np.testing.assert_allclose(
        fit_translation(points, see(points + PLACE), K), PLACE, atol=1e-9
    )


def test_roots_and_scale(samples):
    sample = samples[0]
    truth = sample['gt_instances']['keypoints_cam'][0]
    joints, vertices = absolute_hand(sample, root='wrist', use_scale=True)
    np.testing.assert_allclose(joints[0], truth[0])
    assert np.linalg.norm(joints[9] - joints[10]) == pytest.approx(
        np.linalg.norm(truth[9] - truth[10])
    )
    relative = sample['pred_instances']['vertices'][0]
    ratio = np.linalg.norm(vertices[0] - vertices[9]) / np.linalg.norm(
        relative[0] - relative[9]
    )
    assert ratio == pytest.approx(
        np.linalg.norm(truth[9] - truth[10])
        / np.linalg.norm(
            np.subtract(*sample['pred_instances']['keypoints_cam'][0, [9, 10]])
        )
    )
    np.testing.assert_allclose(absolute_hand(sample, root='truth')[0][9], truth[9])
    lacking = dict(sample, raw_ann_info={}, camera_param=None)
    for option in (dict(root='wrist'), dict(use_scale=True), dict()):
        with pytest.raises(KeyError, match='img_id=0'):
            absolute_hand(lacking, **option)


def test_freihands_file(samples, tmp_path):
    path = tmp_path / 'results' / 'pred.json'
    metric = METRICS.build(
        dict(type='DumpFreiHAND', out_file=str(path), use_scale=False)
    )
    assert run(metric, samples[::-1]) == {}  # in whatever order they come
    xyz, verts = json.loads(path.read_text())
    assert len(xyz) == len(verts) == 4
    for sample, joints, vertices in zip(samples, xyz, verts):
        expected = absolute_hand(sample)
        np.testing.assert_allclose(joints, expected[0])
        np.testing.assert_allclose(vertices, expected[1])
    assert [p.name for p in path.parent.iterdir()] == ['pred.json']


def test_ho3ds_file(samples, tmp_path):
    path = tmp_path / 'pred.json'
    run(METRICS.build(dict(type='DumpHO3D', out_file=str(path))), samples)
    xyz, verts = map(np.array, json.loads(path.read_text()))
    # behind an OpenGL camera is in front of it
    assert xyz[..., 2].max() < 0 and verts[..., 2].max() < 0
    joints = absolute_hand(samples[1], root='wrist')[0]
    np.testing.assert_allclose(xyz[1] * [1, -1, -1], joints[MANO_FIRST])


def test_incomplete_predictions_are_refused(samples, tmp_path):
    metric = METRICS.build(
        dict(type='DumpFreiHAND', out_file=str(tmp_path / 'pred.json'))
    )
    with pytest.raises(ValueError, match='each of the 3 images'):
        run(metric, samples[1:])


def test_the_first_part_of_a_split_is_incomplete(samples, tmp_path):
    """Though its images are numbered without a gap."""
    path = tmp_path / 'pred.json'
    for name in ('DumpFreiHAND', 'DumpHO3D'):
        metric = METRICS.build(dict(type=name, out_file=str(path), use_scale=False))
        metric.dataset_meta = dict(split_size=4)
        with pytest.raises(ValueError, match='each of the 4 images .* got 3'):
            run(metric, samples[:3])
        assert not path.exists()
        metric.results.clear()
        run(metric, samples)
        assert len(json.loads(path.read_text())[0]) == 4
        path.unlink()


def test_completeness_that_nobody_knows_is_said(samples, tmp_path, logged):
    metric = METRICS.build(
        dict(type='DumpFreiHAND', out_file=str(tmp_path / 'p.json'), use_scale=False)
    )
    run(metric, samples)
    assert any('is not checked' in line for line in logged)


def test_without_truth(samples):
    metric = METRICS.build(dict(type='FreiHANDMetric'))
    with pytest.raises(ValueError, match='DumpFreiHAND'):
        metric.process({}, [dict(samples[0], gt_instances={})])


@pytest.mark.parametrize('name', ['FreiHANDMetric', 'DumpHO3D'])
def test_stage_and_its_former_name(name):
    for argument in ('stage', 'mode'):
        metric = METRICS.build({'type': name, argument: 'fusion'})
        assert metric.stage == 'fusion'
        with pytest.raises(ValueError, match='stage .*fused'):
            METRICS.build({'type': name, argument: 'fused'})
