"""What a camera does to the light: balance, blur, noise, 8 bits."""

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class SensorConfig:
    """How different the cameras are; the defaults are those of one good rig.

    Attributes:
        exposure (Tuple[float, float]): Least and most brightness.
        white_balance (float): Standard deviation of the channels' gains.
        contrast (Tuple[float, float]): About middle grey.
        blur (Tuple[float, float]): Standard deviation in pixels of a 256 px
            image.
        noise (Tuple[float, float]): Standard deviation in grey levels.
        jpeg_quality (Tuple[int, int]): Least, and one more than most.
        motion_blur (float): Share of the images that are smeared.
        motion_length (Tuple[float, float]): Of the smear, pixels of a 256 px
            image.
    """

    exposure: tuple[float, float] = (0.8, 1.15)
    white_balance: float = 0.035
    contrast: tuple[float, float] = (0.8, 1.15)
    blur: tuple[float, float] = (0.0, 1.6)
    noise: tuple[float, float] = (1.0, 6.0)
    jpeg_quality: tuple[int, int] = (82, 96)
    motion_blur: float = 0.0
    motion_length: tuple[float, float] = (4.0, 24.0)

    def __post_init__(self) -> None:
        if not 0 <= self.motion_blur <= 1:
            raise ValueError(f'motion_blur is a share, 0 to 1, got {self.motion_blur}')
        if not 1 <= self.jpeg_quality[0] < self.jpeg_quality[1] <= 101:
            raise ValueError(
                'jpeg_quality is the least, and one more than most, of 1 to '
                f'100, got {self.jpeg_quality}'
            )


@dataclass(frozen=True, eq=False)
class Sensor:
    """One camera's flaws.

    Attributes:
        gain (np.ndarray): (3,) white balance and exposure, BGR.
        contrast (float): About middle grey.
        blur (float): Standard deviation in pixels of a 256 px image.
        noise (float): Standard deviation in grey levels.
        jpeg_quality (int): Of the files written.
        motion_blur (float): Share of the images that are smeared.
        motion_length (Tuple[float, float]): Of the smear, pixels of a 256 px
            image.
    """

    gain: np.ndarray
    contrast: float
    blur: float
    noise: float
    jpeg_quality: int
    motion_blur: float = 0.0
    motion_length: tuple[float, float] = (4.0, 24.0)

    def expose(self, rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
        """Turn an ideal image (H, W, 3), 0..255, into uint8."""
        exposed: np.ndarray = image * (self.gain * self.contrast).astype(np.float32)
        exposed += np.float32(128 * (1 - self.contrast))
        sigma = self.blur * len(exposed) / 256
        if sigma > 0.25:
            exposed = cv2.GaussianBlur(exposed, (0, 0), sigma)
        noise = rng.standard_normal(exposed.shape, dtype=np.float32)
        if self.motion_blur and rng.random() < self.motion_blur:
            length = rng.uniform(*self.motion_length) * len(exposed) / 256
            exposed = smear(exposed, length, rng.uniform(0, np.pi))
        noise *= np.float32(self.noise)
        exposed += noise
        return np.clip(exposed, 0, 255, out=exposed).astype(np.uint8)


def smear(image: np.ndarray, length: float, angle: float) -> np.ndarray:
    """Blur along a line, as a hand that moves while the shutter is open.

    Args:
        image (np.ndarray): (H, W, 3) float32.
        length (float): Of the line in pixels.
        angle (float): Of the line to the image's x axis, radians.
    """
    reach = int(np.ceil(length / 2))
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    along = np.linspace(-length / 2, length / 2, 4 * len(kernel))
    x = np.rint(reach + along * np.cos(angle)).astype(int)
    y = np.rint(reach + along * np.sin(angle)).astype(int)
    np.add.at(kernel, (y, x), 1)
    return cv2.filter2D(image, -1, kernel / kernel.sum())


def sample_sensor(
    rng: np.random.Generator, config: SensorConfig | None = None
) -> Sensor:
    """Draw a camera's flaws."""
    config = config or SensorConfig()
    return Sensor(
        gain=rng.uniform(*config.exposure) * rng.normal(1, config.white_balance, 3),
        contrast=rng.uniform(*config.contrast),
        blur=rng.uniform(*config.blur),
        noise=rng.uniform(*config.noise),
        jpeg_quality=int(rng.integers(*config.jpeg_quality)),
        motion_blur=config.motion_blur,
        motion_length=config.motion_length,
    )
