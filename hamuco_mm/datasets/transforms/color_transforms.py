import cv2
import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms.utils import cache_randomness
from mmpose.registry import TRANSFORMS

_BYTES = np.arange(256, dtype=np.uint8)[:, None]


@TRANSFORMS.register_module()
class RandomChannelGain(BaseTransform):
    """Multiply each colour channel by its own random gain.

    Required Keys:

        - img

    Modified Keys:

        - img

    Args:
        gain (Tuple[float, float]): Range of the gains. Defaults to
            (0.8, 1.2), as in HaMuCo.
    """

    def __init__(self, gain: tuple[float, float] = (0.8, 1.2)) -> None:
        super().__init__()
        self.gain = gain

    @cache_randomness
    def _draw(self, num_channels: int) -> np.ndarray:
        return np.random.uniform(*self.gain, num_channels).astype(np.float32)

    def transform(self, results: dict) -> dict:
        img = results['img']
        gains = self._draw(img.shape[-1])
        if img.dtype == np.uint8:
            # a byte has 256 values: look their products up
            results['img'] = cv2.LUT(img, _scale(_BYTES, gains)[:, None])
        else:
            results['img'] = _scale(img, gains)
        return results

    def __repr__(self) -> str:
        return f'{self.__class__.__name__}(gain={self.gain})'


def _scale(values: np.ndarray, gains: np.ndarray) -> np.ndarray:
    return (values * gains).clip(0, 255).astype(values.dtype)
