"""Figures of evaluated views: pictures in a grid, with captions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib.figure import Figure

from ..structures import Stage
from .view_pictures import ViewPictures

_STAGES = (Stage.SINGLE, Stage.FUSION)
_CELL_INCHES = 1.75
_GAP_INCHES = 0.05
_TITLE_INCHES = 0.5
_ROW_TITLE_INCHES = 1.05


def comparison_figure(
    views: Sequence[ViewPictures], stages: Sequence[str] = _STAGES
) -> Figure:
    """One view per row: input, label, predictions and truth, then side views.

    Args:
        views (Sequence[ViewPictures]): The rows, at least one.
        stages (Sequence[Stage | str]): Whose hands to show.

    Returns:
        Figure: Columns without any picture are left out.
    """
    side_views = [
        _Panel(
            f'{Stage(stage).label},\nfrom the side',
            partial(ViewPictures.side, stage=stage),
        )
        for stage in stages
    ]
    side_views.append(_Panel('ground truth,\nfrom the side', ViewPictures.side_truth))
    columns = _filled(_panels(stages) + side_views, views)
    rows = [list(row) for row in zip(*(column.cells for column in columns))]
    return _draw_grid(
        rows, [_name(view) for view in views], [column.title for column in columns]
    )


def time_step_figure(
    views: Sequence[ViewPictures], stages: Sequence[str] = _STAGES
) -> Figure:
    """All views of one time step, one per column.

    Args:
        views (Sequence[ViewPictures]): The columns, at least one.
        stages (Sequence[Stage | str]): Whose hands to show.

    Returns:
        Figure: Rows without any picture are left out.
    """
    rows = _filled(_panels(stages), views)
    return _draw_grid(
        [row.cells for row in rows],
        [row.title for row in rows],
        [_name(view) for view in views],
    )


@dataclass(frozen=True)
class _Panel:
    """A kind of picture; with ``stage``, that stage's error is its caption."""

    title: str
    draw: Callable[[ViewPictures], np.ndarray | None]
    stage: str | None = None


@dataclass(frozen=True)
class _Cell:
    picture: np.ndarray
    caption: str


@dataclass(frozen=True)
class _Series:
    """One kind of picture of all views; None where a view has none."""

    title: str
    cells: list[_Cell | None]


def _panels(stages: Sequence[str]) -> list[_Panel]:
    return [
        _Panel('input', ViewPictures.image),
        _Panel('2D pseudo-label', ViewPictures.label),
        *[
            _Panel(
                Stage(stage).label,
                partial(ViewPictures.predicted, stage=stage),
                stage,
            )
            for stage in stages
        ],
        _Panel('ground truth', ViewPictures.truth),
    ]


def _filled(panels: Sequence[_Panel], views: Sequence[ViewPictures]) -> list[_Series]:
    """The panels for which at least one view has a picture."""
    series = [
        _Series(panel.title, [_cell(panel, view) for view in views]) for panel in panels
    ]
    return [s for s in series if any(cell is not None for cell in s.cells)]


def _cell(panel: _Panel, view: ViewPictures) -> _Cell | None:
    picture = panel.draw(view)
    if picture is None:
        return None
    error = view.error(panel.stage) if panel.stage else None
    return _Cell(picture, '' if error is None else f'PA {error:.1f} mm')


def _name(view: ViewPictures) -> str:
    """Frame and camera, as far as they are known."""
    frame = view.metainfo.get('frame_id')
    camera = view.metainfo.get('camera', view.metainfo.get('camera_id'))
    return '\n'.join(
        filter(
            None,
            [
                None if frame is None else str(frame),
                None if camera is None else f'camera {camera}',
            ],
        )
    )


def _draw_grid(
    rows: list[list[_Cell | None]], row_titles: list[str], column_titles: list[str]
) -> Figure:
    """A figure with one picture per cell, titles at the left and on top."""
    pitch = _CELL_INCHES + _GAP_INCHES
    width = _ROW_TITLE_INCHES + pitch * len(column_titles)
    height = _TITLE_INCHES + pitch * len(rows)
    figure = Figure(figsize=(width, height), dpi=150, facecolor='white')
    for r, row in enumerate(rows):
        bottom = height - _TITLE_INCHES - pitch * r - _CELL_INCHES
        figure.text(
            _ROW_TITLE_INCHES / 2 / width,
            (bottom + _CELL_INCHES / 2) / height,
            row_titles[r],
            ha='center',
            va='center',
            fontsize=8,
        )
        for c, cell in enumerate(row):
            if cell is None:
                continue
            left = _ROW_TITLE_INCHES + pitch * c
            axes = figure.add_axes(
                (
                    left / width,
                    bottom / height,
                    _CELL_INCHES / width,
                    _CELL_INCHES / height,
                )
            )
            axes.imshow(cell.picture, interpolation='lanczos')
            axes.set_axis_off()
            if cell.caption:
                axes.text(
                    0.03,
                    0.03,
                    cell.caption,
                    transform=axes.transAxes,
                    fontsize=8,
                    bbox=dict(facecolor='white', alpha=0.8, edgecolor='none', pad=1.5),
                )
    for c, title in enumerate(column_titles):
        figure.text(
            (_ROW_TITLE_INCHES + pitch * c + _CELL_INCHES / 2) / width,
            (height - _TITLE_INCHES + 0.06) / height,
            title,
            ha='center',
            va='bottom',
            fontsize=9,
        )
    return figure
