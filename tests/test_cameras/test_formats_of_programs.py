"""Calibrations of other programs project as those programs do."""

import warnings

import numpy as np
import pytest
from tool_calibrations import WRITERS, rotation, translation

from hamuco_mm.cameras import (
    CalibrationError,
    read_calibration,
)

POINTS = np.random.default_rng(0).uniform(-0.1, 0.1, (20, 3))
ALL = [
    pytest.param(name, write, id=f'{name}-{write.__name__}')
    for name, writers in WRITERS.items()
    for write in writers
]


def read(path, **options):
    """The cameras, and the line of what is not used."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter('always')
        found = read_calibration(path, **options)
    assert len(said) <= 1
    return found.cameras, str(said[0].message) if said else ''


@pytest.mark.parametrize('format, write', ALL)
def test_projection_is_the_programs(tmp_path, format, write):
    written = write(tmp_path)
    cameras, _ = read(written.path, **written.options)
    points = POINTS if written.posed else POINTS + [0, 0, 0.5]
    expected = written.pixels(points)
    assert list(cameras) == list(expected)
    first = next(iter(cameras.values()))
    for name, camera in cameras.items():
        assert camera.has_pose == written.posed
        seen = points
        if written.posed and format in ('mc_calib', 'kalibr', 'stereo'):
            # their world is the first camera
            assert np.allclose(first.R, np.eye(3)) and np.allclose(first.t, 0)
            seen = first_frame(points)
        if written.posed:
            seen = camera.to_camera(seen)
        np.testing.assert_allclose(camera.project(seen), expected[name], atol=1e-6)


def first_frame(points):
    return points @ rotation(0).T + translation(0)


@pytest.mark.parametrize('format, write', ALL)
def test_format_may_be_named(tmp_path, format, write):
    written = write(tmp_path)
    expected, _ = read(written.path, **written.options)
    found, _ = read(written.path, format=format, **written.options)
    for name, camera in expected.items():
        np.testing.assert_array_equal(found[name].K, camera.K)
    other = 'hanco' if format != 'hanco' else 'ros'
    with pytest.raises(CalibrationError, match='has not the form of'):
        read(written.path, format=other, **written.options)
