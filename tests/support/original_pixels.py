"""Pixels of crops in the images that they were cut out of."""

import numpy as np

from hamuco_mm.models.prediction import square_to_image


def in_image(pixels, metainfo):
    """Crop pixels (..., 2) in the original image, by the model's map."""
    square = 2 * pixels / np.asarray(metainfo['input_size']) - 1
    affine = square_to_image([metainfo])[0]
    return square @ affine[:, :2].T + affine[:, 2]
