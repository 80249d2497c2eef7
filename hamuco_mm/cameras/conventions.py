"""What R, t and lengths mean in a calibration file.

Most files do not say it, and programs differ. ``(R, t)`` below are as they stand in
the file.
"""

from dataclasses import dataclass

import numpy as np

# Name -> how the file's R and t relate camera and world points.
EXTRINSICS = dict(
    world2cam='x_cam = R x_world + t (OpenCV, COLMAP, Anipose, HanCo)',
    cam2world='x_world = R x_cam + t (a pose of the camera)',
    centre='x_cam = R (x_world - t): t is where the camera stands',
    transposed='x_cam = R^T x_world + t: rows and columns of R exchanged',
)
# Name -> the camera's axes in OpenCV's.
AXES = dict(
    opencv=np.diag([1.0, 1.0, 1.0]),  # x right, y down, z forward
    opengl=np.diag([1.0, -1.0, -1.0]),
)  # x right, y up, z backward
UNITS = dict(m=1.0, cm=1e-2, mm=1e-3)


@dataclass(frozen=True)
class Convention:
    """How to read extrinsics.

    Attributes:
        extrinsics (str): A key of ``EXTRINSICS``.
        axes (str): A key of ``AXES``.
        metres_per_unit (float): Of the translations.
    """

    extrinsics: str = 'world2cam'
    axes: str = 'opencv'
    metres_per_unit: float = 1.0

    def __post_init__(self):
        if self.extrinsics not in EXTRINSICS:
            raise ValueError(
                f'extrinsics should be one of '
                f'{sorted(EXTRINSICS)}, got {self.extrinsics!r}'
            )
        if self.axes not in AXES:
            raise ValueError(f'axes should be one of {sorted(AXES)}, got {self.axes!r}')

    def to_world2cam(
        self, R: np.ndarray, t: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """From the file's meaning to ours, leading dimensions free.

        Args:
            R (np.ndarray): (..., 3, 3).
            t (np.ndarray): (..., 3), the file's unit.

        Returns:
            tuple: ``R_world2cam`` (..., 3, 3), ``t_world2cam`` (..., 3)
            metres, in OpenCV's axes.
        """
        t = np.asarray(t) * self.metres_per_unit
        R = np.asarray(R)
        if self.extrinsics in ('cam2world', 'transposed'):
            R = np.swapaxes(R, -1, -2)
        if self.extrinsics in ('cam2world', 'centre'):
            t = -_turn(R, t)
        return AXES[self.axes] @ R, _turn(AXES[self.axes], t)

    def from_world2cam(
        self, R: np.ndarray, t: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Inverse of :meth:`to_world2cam`: what stood in the file."""
        flip = AXES[self.axes]
        R, t = flip @ np.asarray(R), _turn(flip, np.asarray(t))
        if self.extrinsics in ('cam2world', 'centre'):
            t = -_turn(np.swapaxes(R, -1, -2), t)
        if self.extrinsics in ('cam2world', 'transposed'):
            R = np.swapaxes(R, -1, -2)
        return R, t / self.metres_per_unit


def parse_unit(unit: str | float) -> float:
    """Metres per unit of 'm', 'cm', 'mm' or a number.

    Raises:
        ValueError: If it is none of them, or not positive.
    """
    if unit in UNITS:
        return UNITS[unit]
    try:
        metres = float(unit)
    except ValueError:
        metres = -1
    if not 0 < metres < np.inf:
        raise ValueError(
            f'a unit should be one of {list(UNITS)} or the '
            f'metres that one unit has, got {unit!r}'
        )
    return metres


def _turn(R: np.ndarray, t: np.ndarray) -> np.ndarray:
    return (R @ t[..., None])[..., 0]
