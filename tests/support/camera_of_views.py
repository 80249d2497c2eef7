"""The camera of the test images."""

import numpy as np

K = np.array([[1000.0, 0, 112], [0, 1000, 112], [0, 0, 1]])


def to_pixels(points_cam):
    return (points_cam @ K.T)[:, :2] / points_cam[:, 2:]
