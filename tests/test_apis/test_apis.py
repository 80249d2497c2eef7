"""What the package of the APIs offers."""

import subprocess
import sys

import pytest

import hamuco_mm.apis


def test_all_that_is_named_is_there():
    for name in hamuco_mm.apis.__all__:
        assert getattr(hamuco_mm.apis, name).__name__ == name
    with pytest.raises(AttributeError, match='no attribute'):
        hamuco_mm.apis.none  # noqa: B018


def test_a_part_waits_for_no_other():
    """MMPose's inferencers take their time."""
    code = (
        'import sys; from hamuco_mm.apis import LiveEstimator; '
        "assert 'mmpose.apis.inferencers' not in sys.modules; "
        'from hamuco_mm.apis import HaMuCoInferencer; '
        "assert 'mmpose.apis.inferencers' in sys.modules"
    )
    subprocess.run([sys.executable, '-c', code], check=True)
