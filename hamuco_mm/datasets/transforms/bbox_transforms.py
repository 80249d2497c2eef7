from typing import Dict, Optional, Tuple

import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms.utils import cache_randomness
from mmpose.registry import TRANSFORMS


@TRANSFORMS.register_module()
class RandomCropBox(BaseTransform):
    """Shift, resize and rotate the box, uniformly and in pixels.

    MMPose's ``RandomBBoxTransform`` draws from a truncated normal
    distribution and in parts of the box; HaMuCo's crops are uniform and in
    pixels of the image, whatever the size of the box.

    Required Keys:

        - bbox_center
        - bbox_scale
        - bbox_rotation (optional)

    Modified Keys:

        - bbox_center
        - bbox_scale

    Added Keys:

        - bbox_rotation

    Args:
        shift (float): Largest shift in x and in y, in pixels of the original
            image. Defaults to 0.
        side (Tuple[float, float], optional): Range of the side in pixels,
            which replaces that of the box. Defaults to None: keep it.
        scale (Tuple[float, float]): Range of a factor on the side.
            Defaults to (1, 1).
        rotation (float): Largest rotation in degrees. Defaults to 0.
    """

    def __init__(self,
                 shift: float = 0.,
                 side: Optional[Tuple[float, float]] = None,
                 scale: Tuple[float, float] = (1., 1.),
                 rotation: float = 0.) -> None:
        super().__init__()
        self.shift = shift
        self.side = side
        self.scale = scale
        self.rotation = rotation

    @cache_randomness
    def _draw(self) -> Tuple[np.ndarray, Optional[float], float, float]:
        shift = np.random.uniform(-self.shift, self.shift, 2)
        side = None if self.side is None else np.random.uniform(*self.side)
        scale = np.random.uniform(*self.scale)
        rotation = np.random.uniform(-self.rotation, self.rotation)
        return shift, side, scale, rotation

    def transform(self, results: Dict) -> dict:
        shift, side, scale, rotation = self._draw()
        size = results['bbox_scale']
        if side is not None:
            size = np.full_like(size, side)
        before = results.get('bbox_rotation', np.zeros(len(size)))
        results['bbox_scale'] = (size * scale).astype(np.float32)
        results['bbox_center'] = (results['bbox_center'] + shift).astype(
            np.float32)
        results['bbox_rotation'] = (before + rotation).astype(np.float32)
        return results

    def __repr__(self) -> str:
        return (f'{self.__class__.__name__}(shift={self.shift}, '
                f'side={self.side}, scale={self.scale}, '
                f'rotation={self.rotation})')
