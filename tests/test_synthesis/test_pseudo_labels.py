import dataclasses

import numpy as np
import pytest

from hamuco_mm.synthesis import LabelErrorModel, SceneConfig, SceneGenerator
from hamuco_mm.synthesis.calibration import statistics
from hamuco_mm.synthesis.occlusion import joint_occlusion
from hamuco_mm.synthesis.pseudo_labels import sample_labels

QUIET = LabelErrorModel(
    **{field.name: 0.0 for field in dataclasses.fields(LabelErrorModel)}
)


def draw(model, num_frames=60, num_views=8, occlusion=0.0, seed=0, size=256):
    """Labels of fingers 20 px apart, their error and their confidence."""
    exact = np.zeros((num_frames, num_views, 21, 2)) + 100.0
    finger = np.repeat(np.arange(5), 4)
    exact[..., 1:, 0] = 60 + 20 * finger
    exact[..., 1:, 1] = 60 + 20 * np.tile(np.arange(4), 5)
    exact *= size / 256
    hidden = np.full(exact.shape[:3], occlusion)
    labels = sample_labels(
        np.random.default_rng(seed), model, exact, exact, hidden, size
    )
    return labels, labels.keypoints - exact


@pytest.fixture(scope='module')
def measured():
    """Statistics of 25 test sequences of 6 frames, as labels are drawn."""
    generator = SceneGenerator(0, 'test', SceneConfig(image_size=64))
    parts = []
    for index in range(25):
        scene = generator.scene(index, 6)
        labels = generator.labels(scene)
        M = np.tile(np.eye(4), (6, 8, 1, 1))
        M[..., :3, :3] = scene.rig.R_world2cam
        M[..., :3, 3] = scene.rig.t_world2cam
        parts.append(
            (
                labels.keypoints,
                labels.confidences,
                np.tile(scene.rig.K, (6, 1, 1, 1)),
                M,
                scene.motion.joints,
            )
        )
    return statistics(*map(np.concatenate, zip(*parts)), 64)


@pytest.mark.parametrize(
    'key, low, high',
    [
        ('error_px256_mean', 19, 28),
        ('error_px256_median', 11, 17),
        ('error_px256_p99', 80, 160),
        ('missing_share', 0.01, 0.08),
        ('confidence_rank_correlation', -0.5, -0.25),
        ('dlt_PA-MPJPE', 11.2, 15.2),
        ('ransac_PA-MPJPE', 8.3, 11.3),
        ('procrustes_mean_PA-MPJPE', 15, 22),
    ],
)
def test_errors_are_those_of_the_paper(measured, key, low, high):
    assert low < measured[key] < high


def test_no_errors_give_the_exact_points():
    labels, error = draw(QUIET)
    np.testing.assert_array_equal(error, 0)
    assert (labels.confidences > 0).all()


def test_errors_scale_with_the_image():
    model = dataclasses.replace(QUIET, finger_drift=3.0, joint_noise=3.0)
    _, error = draw(model)
    _, half = draw(model, size=128)
    np.testing.assert_allclose(half, error / 2, atol=1e-9)


def test_errors_stay_and_concern_whole_fingers():
    _, error = draw(dataclasses.replace(QUIET, finger_drift=5.0, persistence=0.8))
    now, then = error[1:].ravel(), error[:-1].ravel()
    assert np.corrcoef(now, then)[0, 1] == pytest.approx(0.8, abs=0.06)
    tip, middle = error[:, :, 4].ravel(), error[:, :, 3].ravel()
    assert np.corrcoef(tip, middle)[0, 1] > 0.99
    assert np.abs(tip).mean() > np.abs(error[:, :, 1]).mean()
    assert abs(np.corrcoef(tip, error[:, :, 8].ravel())[0, 1]) < 0.2


def test_errors_grow_with_occlusion():
    model = LabelErrorModel()
    seen = np.linalg.norm(draw(model)[1], axis=-1)
    labels, hidden = draw(model, occlusion=1.0)
    hidden = np.linalg.norm(hidden, axis=-1)
    assert np.median(hidden) > 1.4 * np.median(seen)
    assert (labels.confidences == 0).mean() == pytest.approx(
        model.missing_rate_occluded, abs=0.04
    )


def test_mixed_up_fingers_land_on_each_other():
    labels, error = draw(dataclasses.replace(QUIET, swap_rate=0.3, burst_frames=5.0))
    moved = error[:, :, 1:, 0].reshape(60, 8, 5, 4)
    assert (np.ptp(moved, axis=-1) == 0).all()  # whole fingers
    moved = moved[..., 0]
    assert (np.abs(moved) % 20 == 0).all()
    share = (moved != 0).mean()
    assert 0.1 < share < 0.7
    # bursts: a frame is far more often like the one before than by chance
    assert (moved[1:] == moved[:-1])[moved[1:] != 0].mean() > 0.6


def test_outliers_lost_hands_and_reversals():
    _, error = draw(dataclasses.replace(QUIET, outlier_rate=0.1, outlier_spread=45.0))
    far = np.linalg.norm(error, axis=-1) > 0
    assert far.mean() == pytest.approx(0.1, abs=0.03)
    _, error = draw(dataclasses.replace(QUIET, lost_rate=0.2, lost_spread=20.0))
    assert (np.ptp(error, axis=2) < 1e-9).all()  # rigidly
    assert (np.abs(error[:, :, 0, 0]) > 0).mean() == pytest.approx(0.2, abs=0.1)
    _, error = draw(dataclasses.replace(QUIET, reversal_rate=0.2))
    index = error[:, :, 5, 0]
    assert set(np.unique(index)) == {0.0, 60.0}
    assert (error[:, :, :5] == 0).all()  # wrist and thumb stay


def test_confidences_and_coordinates_are_valid():
    labels, _ = draw(LabelErrorModel(), occlusion=0.7)
    assert np.isfinite(labels.keypoints).all()
    assert labels.keypoints.min() >= 0 and labels.keypoints.max() <= 256
    assert labels.confidences.min() >= 0 and labels.confidences.max() <= 1


def test_labels_in_the_corner_are_missing():
    """As files of labels mean it: none of them claims to be there."""
    labels, _ = draw(dataclasses.replace(QUIET, hand_shift=150.0))
    corner = (labels.keypoints == 0).all(-1)
    assert 20 < corner.sum() < corner.size / 2
    assert (labels.confidences[corner] == 0).all()
    assert (labels.confidences[~corner] > 0).all()


def test_occlusion_by_a_plate():
    corners = np.array([[10.0, 10], [10, 50], [50, 50], [50, 10]])
    faces = np.array([[0, 1, 2], [0, 2, 3]])
    joints = np.array([[30.0, 30], [30, 30], [30, 30], [60, 60]])
    depth = np.array([0.9, 1.005, 1.05, 1.05])
    hidden = joint_occlusion(corners, np.ones(4), faces, joints, depth, 64)
    np.testing.assert_array_equal(hidden, [0, 0, 1, 0])


def test_negative_parameters_are_refused():
    with pytest.raises(ValueError, match='joint_noise'):
        LabelErrorModel(joint_noise=-1)
