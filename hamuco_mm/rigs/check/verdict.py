"""When cameras and labels fit, and when a mistake explains that they do not."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .noise import label_noise
from .observations import RigObservations
from .scoring import Fit

# Errors below are no fault: pixels of an image of 640 px, in proportion for
# larger ones.
FLOOR_PX, _FLOOR_IMAGE = 1.0, 640
# A fit is quiet, which needs no explanation, if besides no label is far off.
_QUIET_MISFIT = 0.05
# Misfit (see `Fit`) above which nothing fits. Right rigs are at 0.05 to 0.15
# with good labels, and up to 0.5 with labels as wrong as OpenPose's on HanCo.
BAD_FIT = 0.55
# Median errors of independent noise are below this many of its deviations.
_NOISE_ALONE = 1.5
# A mistake explains the misfit if mending it leaves less than a part of the misfit, of
# all views or of those that it concerns, and errors that are, in most views, no larger
# than this many deviations of the labels' noise or, third, this share of the hand's
# size. What explains nearly all may leave more. Right rigs leave 1 deviation of
# independent noise. Of a detector's errors, which last for several time steps, they
# leave up to 5: mistakes of such labels may stay unnamed, but none is named wrongly.
_EXPLAINS = ((0.8, 1.3, 0.0), (0.6, 3.2, 0.0), (0.35, 3.2, 0.05))
# Numbers that are fitted make nearly everything better: they have to do more.
_FITTED_EXPLAINS = ((0.6, _NOISE_ALONE, 0.0), (0.2, 3.2, 0.03))
# Errors of any one view are no larger than those of most views, times this.
_WORST_VIEW = 3.0
# Something is wrong with a rig if the errors of most views, or of any one, are above
# this many deviations, and above this share of the hand's size.
_UNFIT_MOST, _UNFIT_ANY, _UNFIT_SHARE = 6.0, 10.0, 0.03


@dataclass(frozen=True, eq=False)
class Verdict:
    """What errors are to be expected of these labels.

    Attributes:
        floor (np.ndarray): Errors that are no fault, pixels, (V, ).
        noise (np.ndarray): See :func:`label_noise`.
    """

    floor: np.ndarray
    noise: np.ndarray

    @classmethod
    def of(cls, rig: RigObservations) -> 'Verdict':
        """For the labels of a rig."""
        floor = np.full(rig.num_views, FLOOR_PX)
        if rig.image_sizes is not None:
            longer = np.nan_to_num(rig.image_sizes).max(-1)
            floor = floor * np.maximum(1, longer / _FLOOR_IMAGE)
        return cls(floor, label_noise(rig))

    def quiet(self, fit: Fit) -> bool:
        """Whether there is nothing to explain."""
        small = (
            fit.pixels[np.isfinite(fit.per_view)]
            <= (self.floor[np.isfinite(fit.per_view)])
        )
        return bool(small.all()) and fit.misfit < _QUIET_MISFIT

    def has_excess(self, fit: Fit) -> bool:
        """Whether there are errors that noise alone, from one time step to the next,
        would not make."""
        excess = fit.pixels > _largest(self.floor, _NOISE_ALONE * self.noise)
        return bool(excess.any())

    def is_bad(self, fit: Fit) -> bool:
        """Whether something must be wrong."""
        seen = np.isfinite(fit.per_view)
        most, one = (
            (fit.pixels > _largest(self.floor, times * self.noise, least))[seen]
            for times, least in (
                (_UNFIT_MOST, _UNFIT_SHARE * fit.size),
                (_UNFIT_ANY, _UNFIT_SHARE * fit.size),
            )
        )
        return fit.misfit > BAD_FIT or most.mean() > 0.5 or bool(one.any())

    def explains(
        self, given: Fit, mended: Fit, views: Sequence[int], fitted: bool = False
    ) -> bool:
        """Whether mending something explains the misfit of the given fit.

        Args:
            given (Fit), mended (Fit): Without and with it.
            views (Sequence[int]): That it concerns.
            fitted (bool): Whether numbers were fitted for it.
        """
        seen = np.isfinite(mended.per_view)
        chosen = [view for view in views if seen[view]]
        if not chosen or not mended.misfit < given.misfit:
            return False
        # points may follow the view that is wrong, and leave the errors to another
        ratio = min(
            np.mean(mended.per_view[chosen]) / np.nanmean(given.per_view[chosen]),
            mended.misfit / given.misfit,
        )
        # labels may have been scaled: noise and error in the same pixels
        pixels = (mended.pixels * given.size / mended.size)[seen]
        floor, noise, size = self.floor[seen], self.noise[seen], given.size[seen]
        for part, deviations, share in _FITTED_EXPLAINS if fitted else _EXPLAINS:
            most = _largest(floor, deviations * noise, share * size)
            one = _largest(floor, _WORST_VIEW * most)
            if ratio < part and np.median(pixels / most) <= 1 and (pixels <= one).all():
                return True
        return False


def _largest(*arrays: np.ndarray) -> np.ndarray:
    return np.max(arrays, axis=0)
