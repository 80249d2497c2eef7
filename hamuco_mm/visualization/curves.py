"""Loss and metric curves of a training."""

from itertools import cycle
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..structures import Stage
from .training_log import Curve, TrainingLog

# Later ones are drawn over earlier ones and are thinner: where two are equal, both show.
STAGE_LINES: dict[str, dict[str, Any]] = {
    Stage.SINGLE: dict(color='tab:blue', linewidth=3),
    Stage.INTERACT: dict(color='tab:green', linewidth=1.8),
    Stage.FUSION: dict(color='tab:orange', linewidth=1.5),
}
_METRIC_TITLES = {
    'PA-MPJPE': 'PA-MPJPE of validation, mm',
    'N-MPJPE': 'N-MPJPE of validation, mm',
    'pose_spread': 'spread of poses / true spread',
}
_TRUE_SPREAD = 1
# as many as there are baselines
_BASELINE_STYLES: tuple[dict[str, Any], ...] = (
    dict(color='black', linestyle='--'),
    dict(color='tab:red', linestyle=':'),
    dict(color='tab:purple', linestyle='-.'),
    dict(color='tab:brown', linestyle=(0, (8, 2))),
    dict(color='tab:gray', linestyle=(0, (3, 1, 1, 1, 1, 1))),
)
_PANEL_INCHES = (4.2, 4.4)


def training_figure(
    log: TrainingLog,
    warmup_epochs: float | None = None,
    baselines: dict[str, dict[str, float]] | None = None,
) -> Figure:
    """Losses at the left, validation metrics of all stages to the right.

    Args:
        log (TrainingLog): What was logged.
        warmup_epochs (float, optional): Where the losses between views come
            on; marked by a line.
        baselines (dict, optional): Of each baseline its measures, as
            :func:`hamuco_mm.evaluation.baselines.evaluate_baselines` returns
            them; marked by lines.

    Returns:
        Figure: One panel for the losses and one for each metric logged.
    """
    metrics = {
        metric: _of_stages(log, metric)
        for metric in _METRIC_TITLES
        if _of_stages(log, metric)
    }
    width, height = _PANEL_INCHES
    figure = Figure(
        figsize=(width * (1 + len(metrics)), height), dpi=150, layout='constrained'
    )
    axes = figure.subplots(1, 1 + len(metrics), squeeze=False)[0]
    _draw_losses(axes[0], log.losses)
    for panel, (metric, curves) in zip(axes[1:], metrics.items()):
        panel.set_title(_METRIC_TITLES[metric], fontsize=10)
        for stage, curve in curves.items():
            panel.plot(*curve, marker='.', label=stage, **STAGE_LINES[stage])
        if metric == 'pose_spread':
            panel.axhline(_TRUE_SPREAD, color='black', linewidth=1, label='truth')
        for (name, row), style in zip(
            (baselines or {}).items(), cycle(_BASELINE_STYLES)
        ):
            if metric in row:
                panel.axhline(
                    row[metric], linewidth=1.2, label=name.replace('_', ' '), **style
                )
    for panel in axes:
        panel.set_xlabel('epoch')
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
        panel.grid(alpha=0.3)
        if warmup_epochs:
            panel.axvline(warmup_epochs, color='tab:purple', linewidth=1)
            panel.text(
                warmup_epochs,
                0.97,
                ' warm-up ends',
                transform=panel.get_xaxis_transform(),
                va='top',
                fontsize=7,
                color='tab:purple',
            )
        legend_below(panel)
    return figure


def legend_below(panel: Axes) -> None:
    """A legend below the axes, where it covers no curve."""
    panel.legend(
        fontsize=7,
        ncols=2,
        loc='upper center',
        bbox_to_anchor=(0.5, -0.17),
        frameon=False,
    )


def _of_stages(log: TrainingLog, metric: str) -> dict[str, Curve]:
    """Curves of a metric by stage; names may have a prefix of the metric."""
    return {
        stage: curve
        for stage in STAGE_LINES
        for name, curve in log.metrics.items()
        if f'/{name}'.endswith(f'/{stage}/{metric}')
    }


def _draw_losses(panel: Axes, losses: dict[str, Curve]) -> None:
    panel.set_title('training losses', fontsize=10)
    panel.set_yscale('log')
    panel.plot(*losses['loss'], color='black', linewidth=1.8, label='sum')
    for name, curve in sorted(losses.items()):
        if name != 'loss':
            label = name[len('loss_') :].replace('_', ' ')
            panel.plot(*curve, linewidth=1, label=label)
