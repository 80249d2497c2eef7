"""Pictures of 12 bits in files of 16 are said to be nearly black."""

import warnings

import cv2
import mmcv
import numpy as np
import pytest

from hamuco_mm.datasets.storage import read_image


def encoded(values: np.ndarray, suffix: str) -> bytes:
    return cv2.imencode(suffix, values)[1].tobytes()


@pytest.fixture
def bright() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 4096, (8, 9, 3))


@pytest.mark.parametrize('suffix', ['.png', '.tiff'])
@pytest.mark.parametrize('bits', [10, 12])
def test_the_lower_bits_of_16_are_said(bright, suffix, bits):
    values = (bright >> (12 - bits)).astype(np.uint16)
    with pytest.warns(UserWarning, match='nearly black in 8 bits: multiply'):
        image = mmcv.imfrombytes(encoded(values, suffix))
    assert image.dtype == np.uint8 and image.max() <= 16


def test_rigs_and_labelling_say_so_too(bright, tmp_path):
    path = tmp_path / '0.png'
    path.write_bytes(encoded(bright.astype(np.uint16), '.png'))
    with pytest.warns(UserWarning, match='nearly black in 8 bits: multiply'):
        image = read_image(path)
    assert image.dtype == np.uint8 and image.max() <= 16


@pytest.mark.parametrize('suffix', ['.png', '.tiff'])
def test_all_of_16_bits_and_8_bits_are_not(bright, suffix):
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        full = mmcv.imfrombytes(encoded((16 * bright).astype(np.uint16), suffix))
        mmcv.imfrombytes(encoded((bright >> 10).astype(np.uint8), suffix))  # dark
        mmcv.imfrombytes(encoded(np.zeros((8, 9, 3), np.uint16), suffix))
        mmcv.imfrombytes(encoded((bright >> 10).astype(np.uint8), '.jpg'))
    np.testing.assert_allclose(full, bright / 16, atol=2)  # as the decoder rounds
