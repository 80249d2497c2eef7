from dataclasses import dataclass, field, replace

import cv2
import numpy as np

DISTORTION_MODELS = ('opencv', 'fisheye')


@dataclass(frozen=True, eq=False)
class Camera:
    """One camera: lens and place.

    Attributes:
        K (np.ndarray): Intrinsics in pixels whose centres are integers,
            (3, 3).
        R (np.ndarray | None): World to camera, (3, 3); None without extrinsics.
        t (np.ndarray | None): World to camera in metres, (3, ).
        dist (np.ndarray): Coefficients, (0, ) for none. Of 'opencv': k1 k2 p1
            p2 k3 k4 k5 k6 s1 s2 s3 s4 tau_x tau_y, or fewer; of 'fisheye':
            k1 k2 k3 k4.
        distortion_model (str): 'opencv' (``cv2.projectPoints``) or 'fisheye'
            (``cv2.fisheye``).
        image_size (tuple | None): Width and height that K is meant for.
    """

    K: np.ndarray
    R: np.ndarray | None = None
    t: np.ndarray | None = None
    dist: np.ndarray = field(default_factory=lambda: np.zeros(0))
    distortion_model: str = 'opencv'
    image_size: tuple[int, int] | None = None

    @property
    def has_pose(self) -> bool:
        return self.R is not None

    def project(self, points_cam: np.ndarray) -> np.ndarray:
        """Points (P, 3) in the camera's frame to pixels (P, 2)."""
        points = np.ascontiguousarray(points_cam, np.float64)[:, None]
        origin = np.zeros(3)
        if self.distortion_model == 'fisheye':
            pixels, _ = cv2.fisheye.projectPoints(
                points, origin, origin, self.K, self._fisheye()
            )
        else:
            pixels, _ = cv2.projectPoints(
                points, origin, origin, self.K, self.dist if self.dist.size else None
            )
        return pixels[:, 0]

    def undistort(self, pixels: np.ndarray) -> np.ndarray:
        """Where pixels (..., 2) would be without distortion, with equal K."""
        pixels = np.asarray(pixels, np.float64)
        if not self.dist.any():
            return pixels.copy()
        flat = np.ascontiguousarray(pixels.reshape(-1, 1, 2))
        if self.distortion_model == 'fisheye':
            straight = cv2.fisheye.undistortPoints(
                flat, self.K, self._fisheye(), P=self.K
            )
        else:
            # OpenCV's default of 5 rounds leaves errors of whole pixels
            # where the distortion is strong
            done = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 50, 1e-9)
            straight = cv2.undistortPointsIter(
                flat, self.K, self.dist, None, self.K, done
            )
        return straight.reshape(pixels.shape)

    def as_dict(self) -> dict:
        """For JSON, and for the ``cameras`` of a rig's annotations."""
        entry = dict(K=self.K.tolist())
        if self.has_pose:
            entry.update(R=self.R.tolist(), t=self.t.tolist())
        if self.dist.any():
            entry.update(
                dist=self.dist.tolist(), distortion_model=self.distortion_model
            )
        if self.image_size is not None:
            entry.update(width=self.image_size[0], height=self.image_size[1])
        return entry

    def as_camera_param(self) -> dict:
        """For a data item: K, R, t and, where there is any, ``dist``.

        Raises:
            ValueError: Without extrinsics.
        """
        if not self.has_pose:
            raise ValueError('a camera without extrinsics is no calibration')
        param = dict(
            K=self.K.astype(np.float32),
            R=self.R.astype(np.float32),
            t=self.t.astype(np.float32),
        )
        if self.dist.any():
            param['dist'] = self.dist.astype(np.float32)
            if self.distortion_model != 'opencv':
                param['distortion_model'] = self.distortion_model
        return param

    @classmethod
    def from_camera_param(cls, camera_param: dict) -> 'Camera':
        """Inverse of :meth:`as_camera_param`."""
        double = {
            key: np.asarray(camera_param[key], np.float64) for key in ('K', 'R', 't')
        }
        dist = np.asarray(camera_param.get('dist', ()), np.float64).ravel()
        return cls(
            **double,
            dist=dist,
            distortion_model=camera_param.get('distortion_model', 'opencv'),
        )

    def _fisheye(self) -> np.ndarray:
        return np.pad(self.dist, (0, 4 - len(self.dist)))


def rescale_camera(camera: Camera, image_size: tuple[int, int]) -> Camera:
    """The same camera when its images are resized.

    Args:
        camera (Camera): With an ``image_size``.
        image_size (tuple): New width and height.
    """
    x, y = (new / old for new, old in zip(image_size, camera.image_size))
    # Pixel centres are integers: the image's edge is at -0.5.
    resize = np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]])
    return replace(camera, K=resize @ camera.K, image_size=tuple(map(int, image_size)))
