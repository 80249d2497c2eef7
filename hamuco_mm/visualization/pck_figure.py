"""Curves of the percentage of correct keypoints."""

from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from .curves import STAGE_LINES

# of what is no stage of the network
_LABEL_STYLES = {
    'labels': dict(color='black'),
    'labels, ransac': dict(color='black', linestyle='--'),
    'labels, pictorial': dict(color='tab:red', linestyle=':'),
}
_PANEL_INCHES = (4.2, 3.5)
_NUM_THRESHOLDS = 200


class PCKPanel(NamedTuple):
    """One panel of :func:`pck_figure`.

    Attributes:
        title (str): Of the panel.
        unit (str): Of the errors.
        errors (dict): By name, arrays of any shape; NaN does not count.
        summaries (dict): By name, with ``mean`` and ``AUC``, see
            :func:`~hamuco_mm.evaluation.keypoint_errors.summarize_errors`.
        max_error (float): Largest threshold.
    """

    title: str
    unit: str
    errors: dict[str, np.ndarray]
    summaries: dict[str, dict]
    max_error: float


def pck_figure(panels: list[PCKPanel]) -> Figure:
    """Share of joints within a threshold, over the threshold (paper, fig. 4).

    The legend gives the mean error and the area under the curve.
    """
    width, height = _PANEL_INCHES
    figure = Figure(
        figsize=(width * len(panels), height), dpi=150, layout='constrained'
    )
    for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels):
        thresholds = np.linspace(0, panel.max_error, _NUM_THRESHOLDS)
        axes.set_title(panel.title, fontsize=10)
        axes.set_xlabel(f'threshold, {panel.unit}')
        axes.set_ylabel('share of joints within')
        axes.set_xlim(0, panel.max_error)
        axes.set_ylim(0, 1)
        axes.grid(alpha=0.3)
        for name, errors in panel.errors.items():
            known = np.sort(errors[np.isfinite(errors)])
            share = np.searchsorted(known, thresholds, 'right') / len(known)
            summary = panel.summaries[name]
            style = _LABEL_STYLES.get(name) or STAGE_LINES[name]
            axes.plot(
                thresholds,
                share,
                label=f'{name}: {summary["mean"]:.1f} {panel.unit}, '
                f'AUC {summary["AUC"]:.3f}',
                **style,
            )
        axes.legend(fontsize=7, loc='lower right')
    return figure
