"""Lenses of both of OpenCV's models, which may share a batch."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from . import fisheye, opencv

# Model -> how many coefficients it may have.
LENS_MODELS = dict(
    opencv=opencv.NUM_COEFFICIENTS, fisheye=tuple(range(fisheye.NUM_COEFFICIENTS + 1))
)


@dataclass(frozen=True, eq=False)
class Lens:
    """Lenses; leading dimensions are free.

    Attributes:
        dist (Tensor): Coefficients, (..., 14): those of
            :mod:`~hamuco_mm.cameras.lenses.opencv`, or of a fisheye, whose four
            (:mod:`~hamuco_mm.cameras.lenses.fisheye`) come first, before zeros.
        is_fisheye (Tensor): Which lenses are fisheyes, bool (...,).
    """

    dist: Tensor
    is_fisheye: Tensor

    @classmethod
    def of(cls, dist: Tensor, model: str = 'opencv') -> 'Lens':
        """Lenses of one model.

        Args:
            dist (Tensor): Coefficients (..., k).
            model (str): A key of :data:`LENS_MODELS`.

        Raises:
            ValueError: If the model is unknown or has not k coefficients.
        """
        if model not in LENS_MODELS:
            raise ValueError(
                f'distortion_model {model!r} is not known: it should be one of '
                f'{list(LENS_MODELS)}'
            )
        is_fisheye = model == 'fisheye'
        number = dist.shape[-1]
        if is_fisheye:
            if number not in LENS_MODELS[model]:
                raise ValueError(f'a fisheye has 4 coefficients, not {number}')
            dist = torch.nn.functional.pad(dist, (0, fisheye.NUM_COEFFICIENTS - number))
        return cls(
            opencv.pad_distortion(dist),
            torch.full(dist.shape[:-1], is_fisheye, device=dist.device),
        )

    @property
    def bends(self) -> Tensor:
        """Whether there is any lens, bool (...,); a fisheye always is one."""
        return self.dist.any(-1) | self.is_fisheye

    def distort(self, points: Tensor) -> Tensor:
        """Where the lenses put ideal points of the plane at depth 1, (..., P, 2)."""
        return self._by_model(opencv.distort, fisheye.distort_fisheye, points)

    def undistort(self, points: Tensor) -> Tensor:
        """Inverse of :meth:`distort`; NaN where a lens can see no such point."""
        return self._by_model(opencv.undistort, fisheye.undistort_fisheye, points)

    def mirror(self) -> 'Lens':
        """The lenses seen in a mirror (x -> -x).

        A fisheye is radial: nothing of it tells left from right.
        """
        return Lens(
            torch.where(
                self.is_fisheye[..., None],
                self.dist,
                opencv.mirror_distortion(self.dist),
            ),
            self.is_fisheye,
        )

    def map(self, function: Callable[[Tensor, int], Tensor]) -> 'Lens':
        """Apply a function of a tensor and its number of own dimensions."""
        return Lens(function(self.dist, 1), function(self.is_fisheye, 0))

    def _by_model(
        self,
        of_opencv: Callable[[Tensor, Tensor], Tensor],
        of_fisheye: Callable[[Tensor, Tensor], Tensor],
        points: Tensor,
    ) -> Tensor:
        if not self.is_fisheye.any():
            return of_opencv(points, self.dist)
        seen = of_fisheye(points, self.dist[..., : fisheye.NUM_COEFFICIENTS])
        if self.is_fisheye.all():
            return seen
        which = self.is_fisheye[..., None]
        # a fisheye's coefficients mean nothing in the other model
        others = of_opencv(points, self.dist.masked_fill(which, 0))
        return torch.where(which[..., None], seen, others)
