import math

import cv2
import numpy as np
from mmpose.datasets.transforms import TopdownAffine
from mmpose.registry import TRANSFORMS


@TRANSFORMS.register_module()
class FastTopdownAffine(TopdownAffine):
    """:class:`TopdownAffine` with its matrix in closed form.

    The crop is the same up to rounding. The work around the warp, a third of
    the time for a hand's crop, becomes small. ``use_udp``, lists of images and
    items without keypoints are left to the parent.

    Required Keys, Modified Keys, Added Keys:

        - as :class:`TopdownAffine`

    Args:
        input_size (Tuple[int, int]): Width and height of the crop.
        use_udp (bool): See :class:`TopdownAffine`. Defaults to False.
    """

    def transform(self, results: dict) -> dict | None:
        if (
            self.use_udp
            or isinstance(results['img'], list)
            or results.get('keypoints') is None
            or 'transformed_keypoints' in results
            or len(results['bbox_center']) != 1
        ):
            return super().transform(results)
        box_width, box_height = results['bbox_scale'][0].tolist()
        if not (box_width > 0 and box_height > 0):
            return super().transform(results)
        width, height = (int(side) for side in self.input_size)
        center = results['bbox_center'][0]
        box_width = max(box_width, box_height * width / height)
        scale = np.array(
            [box_width, box_width * height / width], results['bbox_scale'].dtype
        )
        rotation = results['bbox_rotation'][0] if 'bbox_rotation' in results else 0.0

        matrix = crop_matrix(center, box_width, rotation, width, height)
        self._warp(results, matrix, width, height)
        keypoints = results['keypoints'].copy()
        keypoints[..., :2] = cv2.transform(keypoints[..., :2], matrix)
        results.update(
            transformed_keypoints=keypoints,
            bbox_scale=scale[None],
            input_size=(width, height),
            input_center=center,
            input_scale=scale,
        )
        return results

    def _warp(self, results: dict, matrix: np.ndarray, width: int, height: int) -> None:
        results['img'] = cv2.warpAffine(
            results['img'], matrix, (width, height), flags=cv2.INTER_LINEAR
        )


@TRANSFORMS.register_module()
class DeviceTopdownAffine(FastTopdownAffine):
    """:class:`FastTopdownAffine` that leaves the warp to the GPU.

    The image stays whole, and
    :class:`~hamuco_mm.models.HandDataPreprocessor` crops the batch on its
    device by ``warp_matrix``, which :class:`PackHandInputs` passes on. Nearly
    half of the time of the data loader's workers is saved. It pays on a GPU
    and for images not much larger than their crops, all of one size, as in
    HanCo. Colours are not rounded after the warp, so that the crops differ by
    half a grey level.

    Added Keys:

        - those of :class:`TopdownAffine`
        - warp_matrix (np.ndarray): Pixels of the image to pixels of the
          crop, (2, 3)

    Args:
        input_size (Tuple[int, int]): Width and height of the crop.

    Raises:
        ValueError: For what only :class:`TopdownAffine` can do, see
            :class:`FastTopdownAffine`.
    """

    def __init__(self, input_size: tuple[int, int]) -> None:
        super().__init__(input_size)

    def transform(self, results: dict) -> dict | None:
        cropped = super().transform(results)
        if cropped is not None and 'warp_matrix' not in cropped:
            raise ValueError(
                'DeviceTopdownAffine takes one image with keypoints and one box '
                'with an area: use FastTopdownAffine'
            )
        return cropped

    def _warp(self, results: dict, matrix: np.ndarray, width: int, height: int) -> None:
        results['warp_matrix'] = matrix


def crop_matrix(
    center: np.ndarray, box_width: float, rotation: float, width: int, height: int
) -> np.ndarray:
    """Pixels of the image to pixels of the crop.

    Args:
        center (np.ndarray): Of the box, (2, ), goes to the crop's centre.
        box_width (float): Goes to the crop's width.
        rotation (float): Of the box, in degrees, clockwise in the image.
        width (int): Of the crop.
        height (int): Of the crop.

    Returns:
        np.ndarray: (2, 3) float64.
    """
    angle = math.radians(rotation)
    zoom = width / box_width
    cos, sin = zoom * math.cos(angle), zoom * math.sin(angle)
    x, y = float(center[0]), float(center[1])
    return np.array(
        [
            [cos, sin, width / 2 - cos * x - sin * y],
            [-sin, cos, height / 2 + sin * x - cos * y],
        ]
    )
