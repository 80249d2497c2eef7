"""Eight calibrated cameras around a hand, as HanCo's rig has them."""

from dataclasses import dataclass, replace

import numpy as np
import torch

from hamuco_mm.cameras import Cameras, Lens, pinhole_pixels, points_in_camera
from hamuco_mm.geometry import look_at


@dataclass(frozen=True)
class RigConfig:
    """How the cameras are placed.

    Attributes:
        num_views (int): Cameras, 1 to 8; the corners of a cube in turn.
        half_side (Tuple[float, float]): Half the cube's side, metres.
        corner_jitter (float): Standard deviation of each camera's place,
            metres.
        aim_jitter (float): Standard deviation of the point it looks at,
            metres; moves the principal point off the image's centre.
        roll_deg (float): Standard deviation of the rotation about the axis.
        fill (Tuple[float, float]): Longer side of the hand's box, as a share
            of the image, mean over a sequence.
        max_fill (float): Upper bound of that share in any frame.
        off_centre (float): Standard deviation of the hand's place in the
            image, as a share of the image.
        distortion (Tuple[float, float]): Least and most radial distortion of the
            lenses, OpenCV's k1: negative ones are barrels, positive ones
            pincushions. k2 is half its square, with which no point of the picture
            is seen twice, however far from its middle. Defaults to ideal lenses.
    """

    num_views: int = 8
    half_side: tuple[float, float] = (0.34, 0.46)
    corner_jitter: float = 0.03
    aim_jitter: float = 0.012
    roll_deg: float = 4.0
    fill: tuple[float, float] = (0.56, 0.74)
    max_fill: float = 0.92
    off_centre: float = 0.015
    distortion: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        if not 1 <= self.num_views <= len(_CORNERS):
            raise ValueError(
                f'num_views must be 1 to {len(_CORNERS)}, got {self.num_views}'
            )
        least, most = self.distortion
        if not -1 <= least <= most <= 1:
            raise ValueError(
                'distortion should be two numbers from -1 to 1, the lesser first, got '
                f'{self.distortion}'
            )


# Neighbours in this list are far apart, so that the first two, three or four
# cameras alone already see the hand from all sides. The world's y is up.
_CORNERS = np.array(
    [
        (-1, 1, 1),
        (1, -1, -1),
        (1, 1, -1),
        (-1, -1, 1),
        (1, 1, 1),
        (-1, -1, -1),
        (-1, 1, -1),
        (1, -1, 1),
    ],
    float,
)


@dataclass(frozen=True, eq=False)
class Rig:
    """Cameras of one sequence: world to camera to pixels.

    Attributes:
        K (np.ndarray): (V, 3, 3) intrinsics in pixels.
        R_world2cam (np.ndarray): (V, 3, 3).
        t_world2cam (np.ndarray): (V, 3) metres.
        image_size (int): Side of the square images in pixels.
        dist (np.ndarray): (V, 5) OpenCV's k1 k2 p1 p2 k3, zero for ideal lenses.
    """

    K: np.ndarray
    R_world2cam: np.ndarray
    t_world2cam: np.ndarray
    image_size: int
    dist: np.ndarray

    def to_cameras(self, points: np.ndarray) -> np.ndarray:
        """World points (..., P, 3) in each camera's frame (..., V, P, 3)."""
        return points_in_camera(
            points[..., None, :, :], self.R_world2cam, self.t_world2cam
        )

    def project(self, points: np.ndarray) -> np.ndarray:
        """World points (..., P, 3) to pixels (..., V, P, 2)."""
        return self.pixels(self.to_cameras(points))

    def pixels(self, points_cam: np.ndarray) -> np.ndarray:
        """Points of the cameras' frames (..., V, P, 3) to pixels (..., V, P, 2)."""
        if not self.dist.any():
            return pinhole_pixels(points_cam, self.K)
        K, dist, points = map(torch.from_numpy, (self.K, self.dist, points_cam))
        return Cameras(K, lens=Lens.of(dist)).project(points).numpy()

    def camera(self, view: int) -> 'Rig':
        """The rig of one camera."""
        one = slice(view, view + 1)
        return replace(
            self,
            K=self.K[one],
            R_world2cam=self.R_world2cam[one],
            t_world2cam=self.t_world2cam[one],
            dist=self.dist[one],
        )


def make_rig(
    rng: np.random.Generator,
    config: RigConfig,
    image_size: int,
    vertices: np.ndarray,
    aim: np.ndarray | None = None,
) -> Rig:
    """Draw a rig whose cameras frame a moving hand.

    The cameras stand still; each one's focal length and principal point are
    such that the hand stays in the image over the whole sequence, as in
    HanCo's crops.

    Args:
        rng (np.random.Generator): Source of randomness.
        config (RigConfig): Placement.
        image_size (int): Side of the square images in pixels.
        vertices (np.ndarray): (T, N, 3) world metres, the hand over time.
        aim (np.ndarray, optional): (3,) world metres, what the cameras look at;
            by default the hand, wherever it is.

    Returns:
        Rig: The cameras.
    """
    num_views = config.num_views
    eye = _CORNERS[:num_views] * rng.uniform(*config.half_side)
    eye = eye + config.corner_jitter * rng.normal(size=eye.shape)
    target = config.aim_jitter * rng.normal(size=eye.shape)
    target = target + (vertices.mean((0, 1)) if aim is None else aim)
    roll = np.radians(config.roll_deg) * rng.normal(size=num_views)
    up = np.stack([np.sin(roll), np.cos(roll), np.zeros(num_views)], -1)
    rotation = look_at(*map(torch.from_numpy, (eye, target, up))).numpy()
    translation = -np.einsum('vij,vj->vi', rotation, eye)
    fill = rng.uniform(*config.fill, size=num_views)
    place = 0.5 + config.off_centre * rng.normal(size=(num_views, 2))
    dist = np.zeros((num_views, 5))
    if any(config.distortion):
        dist[:, 0] = rng.uniform(*config.distortion, size=num_views)
        dist[:, 1] = dist[:, 0] ** 2 / 2
    K = np.tile(np.eye(3), (num_views, 1, 1))
    rig = Rig(K, rotation, translation, image_size, dist)

    spots = rig.project(vertices)  # (T, V, N, 2), focal length 1
    low, high = spots.min(2), spots.max(2)
    side = (high - low).max(-1)
    centre = (low + high).mean(0) / 2
    # Reach from the mean centre to the farthest point in any frame.
    reach = np.maximum(high - centre, centre - low).max((0, 2))
    focal = image_size * np.minimum(fill / side.mean(0), config.max_fill / (2 * reach))
    rig.K[:, 0, 0] = rig.K[:, 1, 1] = focal
    rig.K[:, :2, 2] = image_size * place - focal[:, None] * centre
    return rig
