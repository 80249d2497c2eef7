import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation
from view_batches import make_samples

from hamuco_mm.structures import ViewFrames


def test_all_calibrated():
    frames = ViewFrames.from_data_samples(make_samples([2, 1]))
    assert frames.calibrated is None
    rotations, calibrated = frames.padded_rotations()
    assert calibrated is None and rotations.shape == (2, 2, 3, 3)
    assert torch.equal(rotations[1, 0], frames.R_world2crop[2])


def test_a_time_step_is_calibrated_if_all_its_views_are():
    known, unknown = make_samples([2, 2, 1]), make_samples([2, 2, 1], calibrated=False)
    frames = ViewFrames.from_data_samples([*known[:3], *unknown[3:]])
    assert frames.calibrated.tolist() == [True, True, True, False, False]
    assert frames.padded_rotations()[1].tolist() == [True, False, False]


@pytest.mark.parametrize(
    'camera_param',
    (
        None,
        {},
        dict(K=np.eye(3), R=None, t=None),
        dict(R=np.full((3, 3), np.nan), t=np.zeros(3)),
    ),
)
def test_a_rotation_that_is_none_or_nan_is_not_known(camera_param):
    samples = make_samples([2])
    samples[1].set_metainfo(dict(camera_param=camera_param))
    frames = ViewFrames.from_data_samples(samples)
    assert frames.calibrated.tolist() == [True, False]
    assert frames.R_world2crop.isfinite().all()


@pytest.mark.parametrize('R', (np.full((3, 3), np.inf), np.eye(2)))
def test_a_malformed_rotation_is_refused_with_its_view(R):
    samples = make_samples([2])
    samples[1].set_metainfo(dict(img_path='cam1/7.jpg', camera_param=dict(R=R)))
    with pytest.raises(ValueError, match=r"camera_param\['R'\] of view .*cam1/7.jpg"):
        ViewFrames.from_data_samples(samples)


def test_rotations_are_exact_under_autocast():
    samples = make_samples([3])
    with torch.autocast('cpu', torch.bfloat16):
        found = ViewFrames.from_data_samples(samples).R_world2crop
    for R_world2crop, sample in zip(found.numpy(), samples):
        angle = -sample.metainfo['bbox_rotation'][0]
        R_cam2crop = Rotation.from_euler('z', angle, degrees=True).as_matrix()
        expected = R_cam2crop @ sample.metainfo['camera_param']['R']
        np.testing.assert_allclose(R_world2crop, expected, atol=1e-6)
