"""Calibrations that ask for much are refused by name, at once."""

import numpy as np
import pytest
from bombs import LONG_NUMBERS, NESTED_TEXTS, npz_that_says, packed_zeros

from hamuco_mm.cameras import read_calibration
from hamuco_mm.cameras.files.errors import CalibrationError


@pytest.mark.parametrize('name', NESTED_TEXTS)
def test_levels(name, tmp_path):
    (tmp_path / name).write_text(NESTED_TEXTS[name])
    with pytest.raises(CalibrationError, match=name):
        read_calibration(tmp_path / name)


@pytest.mark.parametrize('name', LONG_NUMBERS)
def test_numbers_of_many_digits(name, tmp_path):
    (tmp_path / name).write_text(LONG_NUMBERS[name])
    with pytest.raises(CalibrationError, match=f'{name}.*digits'):
        read_calibration(tmp_path / name)


def test_entities_of_xml(tmp_path):
    text = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><opencv_storage/>'
    (tmp_path / 'a.xml').write_text(text)
    with pytest.raises(CalibrationError, match='a.xml.*DOCTYPE'):
        read_calibration(tmp_path / 'a.xml')


@pytest.mark.parametrize('kind', ['100000000', '100000000d', '"3(100000000d)"'])
def test_the_dtype_of_an_opencv_matrix_asks_for_nothing(kind, tmp_path):
    path = tmp_path / 'a.yml'
    path.write_text(
        '%YAML:1.0\n---\nK: !!opencv-matrix\n  rows: 3\n  cols: 3\n'
        f'  dt: {kind}\n  data: [300, 0, 1, 0, 300, 1, 0, 0, 1]\n'
    )
    (camera,) = read_calibration(path).cameras.values()
    np.testing.assert_array_equal(camera.K[0], [300, 0, 1])


def test_arrays_that_unpack_to_much(tmp_path):
    packed_zeros(tmp_path / 'a.npz', 'K', 2**24)
    with pytest.raises(CalibrationError, match='a.npz.*holds more than'):
        read_calibration(tmp_path / 'a.npz')
    npz_that_says(tmp_path / 'b.npz', 'K', (2**40, 2**20))
    with pytest.raises(CalibrationError, match='b.npz.*should have'):
        read_calibration(tmp_path / 'b.npz')
