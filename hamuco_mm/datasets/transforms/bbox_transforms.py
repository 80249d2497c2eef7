import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms.utils import cache_randomness
from mmpose.registry import TRANSFORMS


@TRANSFORMS.register_module()
class RandomCropBox(BaseTransform):
    """Shift, resize and rotate the box, uniformly and in pixels.

    MMPose's ``RandomBBoxTransform`` draws from a truncated normal
    distribution and relative to the size of the box. HaMuCo's crops are drawn
    uniformly, in pixels of the image, whatever the size of the box.

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

    def __init__(
        self,
        shift: float = 0.0,
        side: tuple[float, float] | None = None,
        scale: tuple[float, float] = (1.0, 1.0),
        rotation: float = 0.0,
    ) -> None:
        super().__init__()
        self.shift = shift
        self.side = side
        self.scale = scale
        self.rotation = rotation
        ranges = [(-shift, shift)] * 2 + [scale, (-rotation, rotation)]
        if side is not None:
            ranges.append(side)
        low, high = np.array(ranges, float).T
        self._low, self._span = low, high - low

    @cache_randomness
    def _draw(self) -> np.ndarray:
        return self._low + self._span * np.random.random(len(self._low))

    def transform(self, results: dict) -> dict:
        drawn = self._draw()
        size, center = results['bbox_scale'], results['bbox_center']
        if self.side is not None:
            size = np.full(size.shape, drawn[4])
        rotation = drawn[3:4]
        if 'bbox_rotation' in results:
            rotation = results['bbox_rotation'] + rotation
        elif len(size) > 1:
            rotation = rotation.repeat(len(size))
        results['bbox_scale'] = (size * drawn[2]).astype(np.float32)
        results['bbox_center'] = (center + drawn[:2]).astype(np.float32)
        results['bbox_rotation'] = rotation.astype(np.float32)
        return results

    def __repr__(self) -> str:
        return (
            f'{self.__class__.__name__}(shift={self.shift}, '
            f'side={self.side}, scale={self.scale}, '
            f'rotation={self.rotation})'
        )
