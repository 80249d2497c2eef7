"""Joints that are not known weigh nothing; the others stay."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hamuco_mm.datasets.missing_joints import at_origin, zero_missing

NUMBERS = st.floats(width=32)


@given(arrays(np.float32, (2, 21, 3), elements=NUMBERS))
def test_missing_joints_are_zero(joints):
    before = joints.copy()
    keypoints, confidence = zero_missing(joints[..., :2], joints[..., 2])
    assert np.isfinite(keypoints).all()
    assert (confidence >= 0).all() and (confidence <= 1).all()
    known = np.isfinite(joints).all(-1) & joints[..., :2].any(-1)
    assert (keypoints[known] == joints[known][:, :2]).all()
    assert (confidence[known] == joints[known][:, 2].clip(0, 1)).all()
    assert not keypoints[~known].any() and not confidence[~known].any()
    assert keypoints.dtype == confidence.dtype == np.float32
    assert np.array_equal(before, joints, equal_nan=True)


def test_a_joint_at_the_origin_is_missing():
    """Where programs put what they have not found, with a confidence of 1."""
    keypoints = np.array([[0.0, 0], [0, 7], [5, 0]])
    _, confidence = zero_missing(keypoints, np.ones(3))
    assert confidence.tolist() == [0, 1, 1]
    assert at_origin(keypoints, np.ones(3)).tolist() == [True, False, False]
    assert not at_origin(keypoints, np.zeros(3)).any()
