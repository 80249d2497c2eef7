"""Joints that are not known weigh nothing; the others stay."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hamuco_mm.datasets.missing_joints import zero_missing

NUMBERS = st.floats(width=32)


@given(arrays(np.float32, (2, 21, 3), elements=NUMBERS))
def test_missing_joints_are_zero(joints):
    before = joints.copy()
    keypoints, confidence = zero_missing(joints[..., :2], joints[..., 2])
    assert np.isfinite(keypoints).all()
    assert (confidence >= 0).all() and (confidence <= 1).all()
    known = np.isfinite(joints).all(-1)
    assert (keypoints[known] == joints[known][:, :2]).all()
    assert (confidence[known] == joints[known][:, 2].clip(0, 1)).all()
    assert not keypoints[~known].any() and not confidence[~known].any()
    assert keypoints.dtype == confidence.dtype == np.float32
    assert np.array_equal(before, joints, equal_nan=True)
