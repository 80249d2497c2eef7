"""What a camera does to the light: balance, blur, noise, 8 bits."""

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True, eq=False)
class Sensor:
    """One camera's flaws.

    Attributes:
        gain (np.ndarray): (3,) white balance and exposure, BGR.
        contrast (float): About middle grey.
        blur (float): Standard deviation in pixels of a 256 px image.
        noise (float): Standard deviation in grey levels.
        jpeg_quality (int): Of the files written.
    """

    gain: np.ndarray
    contrast: float
    blur: float
    noise: float
    jpeg_quality: int

    def expose(self, rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
        """Turn an ideal image (H, W, 3), 0..255, into uint8."""
        exposed: np.ndarray = image * (self.gain * self.contrast).astype(np.float32)
        exposed = exposed + np.float32(128 * (1 - self.contrast))
        sigma = self.blur * len(exposed) / 256
        if sigma > 0.25:
            exposed = cv2.GaussianBlur(exposed, (0, 0), sigma)
        noise = rng.standard_normal(exposed.shape, dtype=np.float32)
        exposed = exposed + np.float32(self.noise) * noise
        return np.clip(exposed, 0, 255).astype(np.uint8)


def sample_sensor(rng: np.random.Generator) -> Sensor:
    """Draw a camera's flaws."""
    return Sensor(
        gain=rng.uniform(0.8, 1.15) * rng.normal(1, 0.035, 3),
        contrast=rng.uniform(0.8, 1.15),
        blur=rng.uniform(0, 1.6),
        noise=rng.uniform(1, 6),
        jpeg_quality=int(rng.integers(82, 96)),
    )
