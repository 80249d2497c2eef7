"""The content of HanCo's small JSON files, the other way round from :mod:`.parsing`."""

import numpy as np


def keypoints_content(
    keypoints: np.ndarray, confidence: np.ndarray, decimals: int = 4
) -> list:
    """The 2D labels of one image, as
    :func:`~hamuco_mm.datasets.hanco.parsing.read_keypoints` reads them.

    Args:
        keypoints (np.ndarray): Pixels of the original image, (21, 2).
        confidence (np.ndarray): In [0, 1], (21,).
        decimals (int): Of the pixels.

    Returns:
        list: ``[[[x, y] * 21], [confidence * 21]]``, plain numbers.
    """
    return [keypoints.round(decimals).tolist(), confidence.round(4).tolist()]
