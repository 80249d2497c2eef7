"""Hands as a table: CSV, one row a hand."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from ..hand_model import HAND_JOINT_NAMES, MANO_JOINT_NAMES, NUM_BETAS
from ..structures import Stage
from ..utils.growing_file import GrowingFile
from .parameters import WORLD

_METRE, _RADIAN = 'm', 'rad'
#: Columns in front, which say whose row it is.
IDENTITY = (
    'frame_id',
    'time_step',
    'time_s',
    'camera',
    'hand',
    'hand_side',
    'bbox_origin',
    'stage',
)


def _points(place: str, axes: str, unit: str, joints: Iterable[str]) -> list[str]:
    return ['_'.join(filter(None, (j, place, x, unit))) for j in joints for x in axes]


def _parameters(frame: str) -> dict[str, list[str]]:
    """Columns of the hand model's parameters by field."""
    start = f'{frame}_'
    return dict(
        global_orient=_points('', 'xyz', _RADIAN, [f'{start}global_orient']),
        hand_pose=_points(
            '', 'xyz', _RADIAN, [f'{start}pose_{name}' for name in MANO_JOINT_NAMES[1:]]
        ),
        betas=[f'{start}beta_{i}' for i in range(NUM_BETAS)],
        transl=_points('', 'xyz', _METRE, [f'{start}transl']),
        fit_error=[f'{start}fit_error_{_METRE}'],
    )


# Fields of predictions, and the columns of their numbers. Those of the first
# group end with the stage's suffix.
_OF_STAGE: dict[str, list[str]] = dict(
    keypoints=_points('', 'xy', 'px', HAND_JOINT_NAMES),
    keypoints_cam=_points('cam', 'xyz', _METRE, HAND_JOINT_NAMES),
    **_parameters('cam'),
)
_OF_ALL: dict[str, list[str]] = dict(
    bboxes=[f'bbox_{side}_px' for side in ('x1', 'y1', 'x2', 'y2')],
    bbox_scores=['bbox_score'],
    hand_scores=['hand_score'],
    views_agree=['views_agree'],
    reprojection_error=['reprojection_error_px'],
    keypoint_scores=[f'{name}_score' for name in HAND_JOINT_NAMES],
    keypoints_world=_points('world', 'xyz', _METRE, HAND_JOINT_NAMES),
    **{name + WORLD: columns for name, columns in _parameters('world').items()},
)
# Of 21 joints the table has the mean.
_MEANS = ('reprojection_error',)
# Which are 1 and 0.
_FLAGS = ('views_agree',)
#: All columns; those whose values are not known stay empty.
COLUMNS = (
    *IDENTITY,
    *(x for of in (_OF_STAGE, _OF_ALL) for xs in of.values() for x in xs),
)


class HandTable:
    """A CSV file that is complete after each row.

    The header is always the same. ``cam`` stands for the camera's frame, in
    which hands are root-relative; units are metres, radians and pixels of the
    image.

    Args:
        path (str | Path): Overwritten by the first hand; its folder is made.
    """

    def __init__(self, path: str | Path) -> None:
        self._file = GrowingFile(Path(path), _row(COLUMNS))

    def write(
        self,
        identity: Mapping[str, object],
        fields: Mapping[str, np.ndarray],
        stage: Stage,
    ) -> None:
        """Add a hand.

        Args:
            identity (Mapping): Of ``IDENTITY``, but the stage; ``time_s`` is a
                number, None or NaN where it is not known.
            fields (Mapping): Arrays of one hand by the names of
                ``pred_instances``; those that are no columns are left out.
            stage (Stage): Whose results stand in the camera's columns.
        """
        time = identity.get('time_s')
        identity = {**identity, 'time_s': '' if time is None else _number(time)}
        names = [str(identity.get(name, '')) for name in IDENTITY[:-1]]
        self._file.add(_row([*names, stage, *_cells(fields, stage)]))

    def close(self, complete: bool = True) -> None:
        """End it; ``complete`` as of :meth:`GrowingFile.close`."""
        self._file.close(complete)

    def __enter__(self) -> 'HandTable':
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close(complete=kind is None)


def _row(cells: Iterable[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator='\n').writerow(cells)
    return text.getvalue().encode()


def _cells(fields: Mapping[str, np.ndarray], stage: Stage) -> Iterator[str]:
    for names, suffix in ((_OF_STAGE, stage.suffix), (_OF_ALL, '')):
        for name, columns in names.items():
            values = fields.get(name + suffix)
            if values is None:
                values = np.full(len(columns), np.nan)
            if name in _MEANS:
                values = np.mean(values, dtype=float)
            decimals = 0 if name in _FLAGS else 6
            for _, value in zip(columns, np.ravel(values), strict=True):
                yield _number(value, decimals)


def _number(value: Any, decimals: int = 6) -> str:
    """Empty where not known."""
    return f'{value:.{decimals}f}' if np.isfinite(value) else ''
