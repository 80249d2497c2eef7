"""One camera."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np
import torch

from .cameras import ARRAY_SHAPES, Cameras
from .lenses import LENS_MODELS, Lens

# How far R R^T may be from the identity: files hold rounded numbers.
_ROTATION_TOLERANCE = 1e-3


@dataclass(frozen=True, eq=False)
class Camera:
    """One camera: intrinsics, lens and place, in double precision.

    :class:`Cameras` are many, as tensors.

    Attributes:
        K (np.ndarray): Intrinsics in pixels whose centres are integers,
            (3, 3); NaN where not known.
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
    def has_intrinsics(self) -> bool:
        """Whether K is known; zeros stand for one that is not, as NaN does."""
        return bool(np.isfinite(self.K).all() and self.K.any())

    @property
    def has_pose(self) -> bool:
        """Whether its place is known."""
        return self.R is not None and self.t is not None

    @property
    def has_lens(self) -> bool:
        """Whether it is not ideal; a fisheye never is."""
        return self.distortion_model == 'fisheye' or (
            self.dist.size > 0 and bool(self.dist.any())
        )

    @property
    def lens(self) -> Lens | None:
        """As tensors without leading dimensions; None where it is ideal."""
        if not self.has_lens:
            return None
        dist = torch.from_numpy(np.asarray(self.dist, np.float64))
        return Lens.of(dist, self.distortion_model)

    def project(self, points_cam: np.ndarray) -> np.ndarray:
        """Points (P, 3) in the camera's frame to pixels (P, 2)."""
        points = torch.as_tensor(np.asarray(points_cam, np.float64))
        return self.batched().project(points).numpy()

    def undistort(self, pixels: np.ndarray) -> np.ndarray:
        """Where pixels (..., 2) would be without a lens, with equal K.

        NaN where the lens can see no such pixel.
        """
        pixels = np.asarray(pixels, np.float64)
        if not self.has_lens:
            return pixels.copy()
        flat = torch.as_tensor(pixels.reshape(-1, 2))
        return self.batched().undistort(flat).numpy().reshape(pixels.shape)

    def to_camera(self, points_world: np.ndarray) -> np.ndarray:
        """World points (P, 3) in the camera's frame, metres."""
        points = torch.as_tensor(np.asarray(points_world, np.float64))
        return self.batched().to_camera(points).numpy()

    def to_world(self, points_cam: np.ndarray) -> np.ndarray:
        """Points (P, 3) of the camera's frame in the world, metres."""
        points = torch.as_tensor(np.asarray(points_cam, np.float64))
        return self.batched().to_world(points).numpy()

    def undistort_image(self, image: np.ndarray) -> np.ndarray:
        """The image as it would be without a lens, with equal K.

        Args:
            image (np.ndarray): Of this camera, (H, W, ...).

        Returns:
            np.ndarray: Of the same shape; 0 where the lens shows nothing.
        """
        if not self.has_lens:
            return image
        height, width = image.shape[:2]
        rows, columns = np.indices((height, width), np.float64).reshape(2, -1)
        straight = torch.from_numpy(np.stack([columns, rows], -1))
        seen = self.batched().distort(straight).numpy().astype(np.float32)
        x, y = seen.T.reshape(2, height, width)
        return np.asarray(cv2.remap(image, x, y, cv2.INTER_LINEAR))

    def crop(self, corner: tuple[int, int], image_size: tuple[int, int]) -> 'Camera':
        """The same camera when its images are cropped.

        Args:
            corner (tuple): Pixel x, y that becomes the first one.
            image_size (tuple): Width and height of what is left.
        """
        cropped = self.batched().crop(torch.tensor(corner))
        return self._with(cropped, image_size=image_size)

    def resize(self, image_size: tuple[int, int]) -> 'Camera':
        """The same camera when its images are resized.

        Args:
            image_size (tuple): New width and height.

        Raises:
            ValueError: If its present ``image_size`` is not known.
        """
        if self.image_size is None:
            raise ValueError(
                'the image size that K is meant for is not known, so that K '
                'cannot be scaled to another one: give it as image_size'
            )
        factor = torch.tensor(image_size).double() / torch.tensor(self.image_size)
        width, height = map(int, image_size)
        return self._with(self.batched().resize(factor), image_size=(width, height))

    def mirror(self, width: float) -> 'Camera':
        """The camera of the mirrored image, see :meth:`Cameras.mirror`."""
        return self._with(self.batched().mirror(width))

    def batched(self) -> Cameras:
        """The same camera as tensors without leading dimensions."""
        R, t = (
            None if x is None else torch.from_numpy(np.asarray(x, np.float64))
            for x in (self.R, self.t)
        )
        K = torch.from_numpy(np.asarray(self.K, np.float64))
        return Cameras(K, R, t, self.lens)

    def as_arrays(self) -> dict[str, np.ndarray]:
        """See :meth:`Cameras.as_arrays`."""
        return self.batched().as_arrays()

    def as_dict(self) -> dict[str, Any]:
        """For JSON, and for the ``cameras`` of a rig's annotations."""
        entry: dict[str, Any] = dict(K=self.K.tolist())
        if self.R is not None and self.t is not None:
            entry.update(R=self.R.tolist(), t=self.t.tolist())
        if self.has_lens:
            entry.update(
                dist=self.dist.tolist(), distortion_model=self.distortion_model
            )
        if self.image_size is not None:
            entry.update(width=self.image_size[0], height=self.image_size[1])
        return entry

    def as_camera_param(self) -> dict[str, Any]:
        """For a data item.

        Returns:
            dict: ``K``, ``R`` and ``t``, float32, and of a camera with a lens
            ``dist`` and, where it is not 'opencv', ``distortion_model``.

        Raises:
            ValueError: Without extrinsics.
        """
        if self.R is None or self.t is None:
            raise ValueError('a camera without extrinsics is no calibration')
        param: dict[str, Any] = dict(
            K=self.K.astype(np.float32),
            R=self.R.astype(np.float32),
            t=self.t.astype(np.float32),
        )
        if self.has_lens:
            param['dist'] = self.dist.astype(np.float32)
            if self.distortion_model != 'opencv':
                param['distortion_model'] = self.distortion_model
        return param

    @classmethod
    def from_camera_param(
        cls, camera_param: Mapping[str, Any], name: str = 'a view'
    ) -> 'Camera':
        """The camera of a data item, as :meth:`as_camera_param` writes it.

        Args:
            camera_param (Mapping): Any of ``K`` (3, 3), ``R`` (3, 3) and ``t``
                (3, ), and perhaps ``dist`` and ``distortion_model``. Keys that
                are missing or None are not known.
            name (str): Of the view, for messages.

        Raises:
            ValueError: If a shape is wrong, a number is not finite, or the
                lens is of no known model.
        """
        K, R, t = (_read(camera_param, key, name) for key in ('K', 'R', 't'))
        dist = camera_param.get('dist')
        dist = np.zeros(0) if dist is None else np.asarray(dist, np.float64).ravel()
        model = camera_param.get('distortion_model') or 'opencv'
        if dist.size or model != 'opencv':
            try:
                Lens.of(torch.as_tensor(dist), model)
            except ValueError as error:
                raise ValueError(f"camera_param['dist'] of {name}: {error}") from error
        return cls(
            np.full((3, 3), np.nan) if K is None else K,
            R,
            t,
            dist,
            model,
        )

    def check_rotation(self, name: str = 'a view') -> None:
        """Check that R is a rotation.

        Args:
            name (str): Of the view, for messages.

        Raises:
            ValueError: If it is not.
        """
        if self.R is None:
            return
        off = self.R @ self.R.T - np.eye(3)
        if np.abs(off).max() > _ROTATION_TOLERANCE or np.linalg.det(self.R) < 0:
            raise ValueError(
                f"camera_param['R'] of {name} is no rotation: give the 3x3 "
                'matrix from the world to the camera (OpenCV: x right, y down, '
                'z forward), not a reflection, and without a scale'
            )

    def _with(
        self, cameras: Cameras, image_size: tuple[int, int] | None = None
    ) -> 'Camera':
        """This camera with the numbers of a batched one."""
        R, t, lens = cameras.R_world2cam, cameras.t_world2cam, cameras.lens
        return replace(
            self,
            K=cameras.K.numpy(),
            R=None if R is None else R.numpy(),
            t=None if t is None else t.numpy(),
            dist=self.dist if lens is None else lens.dist[: len(self.dist)].numpy(),
            image_size=image_size or self.image_size,
        )


def calibrated_camera(
    camera_param: Mapping[str, Any] | None, name: str = 'a view'
) -> Camera | None:
    """The camera of a data item, if all of it is known.

    Args:
        camera_param (Mapping | None): See :meth:`Camera.from_camera_param`;
            None if the item has no camera.
        name (str): Of the view, for messages.

    Returns:
        Camera | None: None where K, R or t is not known.

    Raises:
        ValueError: See :meth:`Camera.from_camera_param` and
            :meth:`Camera.check_rotation`.
    """
    camera = Camera.from_camera_param(camera_param or {}, name)
    if not (camera.has_intrinsics and camera.has_pose):
        return None
    camera.check_rotation(name)
    return camera


def rotation_of(
    camera_param: Mapping[str, Any] | None, name: str = 'a view'
) -> np.ndarray | None:
    """The rotation of a data item's camera, read without the rest of it.

    Args:
        camera_param (Mapping | None): See :meth:`Camera.from_camera_param`;
            None if the item has no camera.
        name (str): Of the view, for messages.

    Returns:
        np.ndarray | None: World to camera, (3, 3) float64; None where not
        known: missing, None or NaN, as in :meth:`Cameras.as_arrays`.

    Raises:
        ValueError: If the shape is wrong or a number is infinite.
    """
    camera_param = camera_param or {}
    R = camera_param.get('R')
    if R is None or np.isnan(np.asarray(R, np.float64)).any():
        return None
    return _read(camera_param, 'R', name)


def _read(camera_param: Mapping[str, Any], key: str, name: str) -> np.ndarray | None:
    """K, R or t in double precision; None where missing or None."""
    value = camera_param.get(key)
    if value is None:
        return None
    array, shape = np.asarray(value, np.float64), ARRAY_SHAPES[key]
    if array.size != math.prod(shape) or not np.isfinite(array).all():
        raise ValueError(
            f'camera_param[{key!r}] of {name} should be finite '
            f'numbers of shape {shape}, got shape {array.shape}'
        )
    return array.reshape(shape)


def stack_cameras(cameras: Sequence[Camera]) -> Cameras:
    """Single cameras as one batch (N,), in double precision."""
    arrays = {
        # not known, until it is; a lens is ideal, unless there is one
        name: np.full(
            (len(cameras), *own), 0.0 if name in ('dist', 'fisheye') else np.nan
        )
        for name, own in ARRAY_SHAPES.items()
    }
    for row, camera in enumerate(cameras):
        for name in ('K', 'R', 't'):
            value = getattr(camera, name)
            if value is not None:
                arrays[name][row] = value
        lens = camera.lens
        if lens is not None:
            arrays['dist'][row], arrays['fisheye'][row] = lens.dist, lens.is_fisheye
    return Cameras.from_arrays(arrays)


def unstack_cameras(cameras: Cameras) -> list[Camera]:
    """Inverse of :func:`stack_cameras`."""
    arrays = cameras.as_arrays()
    found = []
    for row in range(len(arrays['K'])):
        K, R, t, dist = (arrays[name][row] for name in ('K', 'R', 't', 'dist'))
        known = np.isfinite(R).all() and np.isfinite(t).all()
        model = 'fisheye' if arrays['fisheye'][row] else 'opencv'
        number = max(LENS_MODELS[model]) if dist.any() else 0
        found.append(
            Camera(K, R if known else None, t if known else None, dist[:number], model)
        )
    return found
