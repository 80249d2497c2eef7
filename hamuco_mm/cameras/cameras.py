"""Many cameras at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..geometry import projection_matrix, world_to_camera
from ..geometry.precision import check_tensors
from .lenses import Lens
from .lenses.opencv import NUM_COEFFICIENTS, pad_distortion

# Numbers of a camera in a file and their shapes; see Cameras.as_arrays.
ARRAY_SHAPES: dict[str, tuple[int, ...]] = dict(
    K=(3, 3), R=(3, 3), t=(3,), dist=(NUM_COEFFICIENTS[-1],), fisheye=()
)

# Of points: x changes its sign.
_MIRROR = torch.tensor([-1.0, 1, 1]).double()


@dataclass(frozen=True, eq=False)
class Cameras:
    """Cameras as tensors; leading dimensions are free.

    Points have one dimension more than the cameras: cameras (V,) see points
    (V, P, 3), each its own, or (P, 3), all the same.

    Attributes:
        K (Tensor): Intrinsics in pixels whose centres are integers,
            (..., 3, 3). NaN where not known.
        R_world2cam (Tensor | None): (..., 3, 3); NaN where not known, None for
            cameras of which only the intrinsics matter.
        t_world2cam (Tensor | None): Metres, (..., 3), likewise.
        lens (Lens | None): None if all are ideal.

    Raises:
        TypeError: If a matrix is no tensor.
    """

    K: Tensor
    R_world2cam: Tensor | None = None
    t_world2cam: Tensor | None = None
    lens: Lens | None = None

    def __post_init__(self) -> None:
        check_tensors(
            'Cameras',
            dict(K=self.K, R_world2cam=self.R_world2cam, t_world2cam=self.t_world2cam),
            ', or take Camera, which takes arrays',
        )

    @property
    def shape(self) -> torch.Size:
        """The leading dimensions."""
        return self.K.shape[:-2]

    @property
    def extrinsics(self) -> tuple[Tensor, Tensor]:
        """``R_world2cam`` (..., 3, 3) and ``t_world2cam`` (..., 3).

        Raises:
            ValueError: If there are none.
        """
        if self.R_world2cam is None or self.t_world2cam is None:
            raise ValueError(
                'these cameras have no extrinsics (R and t), so that nothing '
                'relates them to the world'
            )
        return self.R_world2cam, self.t_world2cam

    @property
    def calibrated(self) -> Tensor:
        """Whether R and t are known, and K with positive focal lengths, bool
        (...,)."""
        focal = self.K.diagonal(dim1=-2, dim2=-1)[..., :2]
        known = self.K.isfinite().all(-1).all(-1) & (focal > 0).all(-1)
        if self.R_world2cam is None or self.t_world2cam is None:
            return torch.zeros_like(known)
        return (
            known
            & self.R_world2cam.isfinite().all(-1).all(-1)
            & self.t_world2cam.isfinite().all(-1)
        )

    # Points and pixels

    def project(self, points_cam: Tensor) -> Tensor:
        """Where points of the cameras' own frames appear.

        Args:
            points_cam (Tensor): In front of the cameras, metres, (..., P, 3).

        Returns:
            Tensor: Pixels of the real images, (..., P, 2), as
            ``cv2.projectPoints`` and ``cv2.fisheye.projectPoints`` give them.
        """
        plane = points_cam[..., :2] / points_cam[..., 2:]
        return self.from_plane(plane if self.lens is None else self.lens.distort(plane))

    def undistort(self, pixels: Tensor) -> Tensor:
        """Pixels as the same cameras without lenses would see them.

        Args:
            pixels (Tensor): Of the real images, (..., P, 2).

        Returns:
            Tensor: Pixels of :meth:`pinhole`, (..., P, 2); NaN where a lens
            can see no such point. The same tensor if all cameras are ideal.
        """
        if self.lens is None:
            return pixels
        return self.from_plane(self.lens.undistort(self.to_plane(pixels)))

    def distort(self, pixels: Tensor) -> Tensor:
        """Inverse of :meth:`undistort`: pixels (..., P, 2) of :meth:`pinhole` as
        the lenses show them."""
        if self.lens is None:
            return pixels
        return self.from_plane(self.lens.distort(self.to_plane(pixels)))

    def to_camera(self, points_world: Tensor) -> Tensor:
        """World points (..., P, 3) in the cameras' frames, metres."""
        return world_to_camera(points_world, *self.extrinsics)

    def to_world(self, points_cam: Tensor) -> Tensor:
        """Points (..., P, 3) of the cameras' frames in the world, metres."""
        R, t = self.extrinsics
        return (points_cam - t[..., None, :]) @ R

    def turn_to_world(self, vectors_cam: Tensor) -> Tensor:
        """Vectors (..., P, 3), such as root-relative points, in the directions
        of the world."""
        return vectors_cam @ self.extrinsics[0]

    def projection_matrix(self) -> Tensor:
        """``K [R | t]`` of :meth:`pinhole`: world metres to homogeneous pixels,
        (..., 3, 4)."""
        return projection_matrix(self.K, *self.extrinsics)

    def from_plane(self, points: Tensor) -> Tensor:
        """Points (..., P, 2) of the plane at depth 1 to pixels, no lens."""
        return points @ self.K[..., :2, :2].mT + self.K[..., None, :2, 2]

    def to_plane(self, pixels: Tensor) -> Tensor:
        """Inverse of :meth:`from_plane`."""
        return torch.linalg.solve(
            self.K[..., :2, :2], (pixels - self.K[..., None, :2, 2]).mT
        ).mT

    # Cameras of other images

    def pinhole(self) -> 'Cameras':
        """The same cameras without lenses."""
        return replace(self, lens=None)

    def scale(self, factor: Tensor | float) -> 'Cameras':
        """Cameras whose pixel coordinates are multiplied by a factor (...,).

        Another unit for the same image. For an image that is resized see
        :meth:`resize`.
        """
        K = self.K.clone()
        K[..., :2, :] *= torch.as_tensor(factor).to(K)[..., None, None]
        return replace(self, K=K)

    def warp(self, matrix: Tensor) -> 'Cameras':
        """Cameras of images that are warped, as by ``cv2.warpAffine``.

        Args:
            matrix (Tensor): Pixels to pixels of the warped images, (..., 2, 3).
        """
        # The lens comes before K, so that it stays as it is.
        last = self.K.new_tensor([0.0, 0, 1]).expand(*matrix.shape[:-2], 1, 3)
        return replace(self, K=torch.cat([matrix.to(self.K), last], -2) @ self.K)

    def crop(self, corner: Tensor) -> 'Cameras':
        """Cameras of images that begin at the pixel ``corner``, (..., 2)."""
        K = self.K.clone()
        K[..., :2, 2] -= corner.to(K)
        return replace(self, K=K)

    def resize(self, factor: Tensor) -> 'Cameras':
        """Cameras of images that are resized by factors of x and y, (..., 2)."""
        # Pixel centres are integers: the image's edge is at -0.5.
        factor = factor.to(self.K)
        return self.warp(
            torch.cat([torch.diag_embed(factor), (factor[..., None] - 1) / 2], -1)
        )

    def mirror(self, width: Tensor | float) -> 'Cameras':
        """Cameras that see the mirrored world in the mirrored images.

        Pixels go from u to ``width - 1 - u``, points of the world and of the
        cameras' frames from (x, y, z) to (-x, y, z). R stays a rotation.

        Args:
            width (Tensor | float): Of the images in pixels, (...,).
        """
        K = self.K.clone()
        K[..., 0, 1] *= -1
        K[..., 0, 2] = width - 1 - K[..., 0, 2]
        R, t = self.R_world2cam, self.t_world2cam
        return Cameras(
            K,
            None if R is None else R * _MIRROR.outer(_MIRROR).to(R),
            None if t is None else t * _MIRROR.to(t),
            None if self.lens is None else self.lens.mirror(),
        )

    # Tensors

    def __getitem__(self, index: Any) -> 'Cameras':
        """Index the leading dimensions."""
        index = index if isinstance(index, tuple) else (index,)
        return self.map(lambda x, own: x[index + (slice(None),) * own])

    def reshape(self, *shape: int) -> 'Cameras':
        """Other leading dimensions."""
        return self.map(lambda x, own: x.reshape(*shape, *x.shape[x.dim() - own :]))

    def double(self) -> 'Cameras':
        """In double precision."""
        return self.map(lambda x, own: x if x.dtype == torch.bool else x.double())

    def map(self, function: Callable[[Tensor, int], Tensor]) -> 'Cameras':
        """Apply a function of a tensor and its number of own dimensions."""
        R, t = self.R_world2cam, self.t_world2cam
        return Cameras(
            function(self.K, 2),
            None if R is None else function(R, 2),
            None if t is None else function(t, 1),
            None if self.lens is None else self.lens.map(function),
        )

    # Other forms

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> 'Cameras':
        """Inverse of :meth:`as_arrays`, in double precision.

        Args:
            arrays (Mapping): ``K``, and perhaps ``R``, ``t``, ``dist`` (of as
                many coefficients as there are) and ``fisheye``.
        """
        tensors = {
            name: torch.as_tensor(np.asarray(arrays[name], np.float64))
            for name in ARRAY_SHAPES
            if name in arrays
        }
        lens = None
        if 'dist' in tensors:
            dist = tensors['dist'].nan_to_num()
            fisheye = tensors.get('fisheye', dist.new_zeros(dist.shape[:-1])) == 1
            if dist.any() or fisheye.any():
                lens = Lens(pad_distortion(dist), fisheye)
        K = tensors['K']
        shape = K.shape[:-2]
        return cls(
            K,
            tensors.get('R', torch.full_like(K, torch.nan)),
            tensors.get('t', K.new_full((*shape, 3), torch.nan)),
            lens,
        )

    def as_arrays(self) -> dict[str, np.ndarray]:
        """Plain arrays for files.

        Returns:
            dict: ``K`` (..., 3, 3), ``R`` (..., 3, 3) and ``t`` (..., 3), world
            to camera in metres, ``dist`` (..., 14) and ``fisheye`` (...,), 1
            for the lens model 'fisheye', else 0. NaN where not known.
        """
        lens = self.lens
        tensors = dict(
            K=self.K,
            R=self.R_world2cam,
            t=self.t_world2cam,
            dist=self.K.new_zeros(1) if lens is None else lens.dist,
            fisheye=self.K.new_zeros(()) if lens is None else lens.is_fisheye,
        )
        arrays = {}
        for name, own in ARRAY_SHAPES.items():
            tensor = tensors[name]
            array = np.array(np.nan) if tensor is None else tensor.cpu().numpy()
            array = np.broadcast_to(array, (*self.shape, *own))
            arrays[name] = array.astype(np.float64)
        return arrays
