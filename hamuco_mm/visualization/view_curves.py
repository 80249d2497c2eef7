"""Error against the number of views, in inference and in training."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..structures import Stage
from .curves import STAGE_LINES, legend_below

#: Measures that are drawn, with their units.
MEASURES = {'MPJPE': 'mm', 'PA-MPJPE': 'mm', 'reprojection_px': 'px'}
_LINES = ('-', '--', ':', '-.')
_PANEL_INCHES = (4.2, 3.9)


class ViewErrors(NamedTuple):
    """Errors of one trained network.

    Attributes:
        label (str): Its name in the legend.
        errors (dict): By number of views in inference: the metrics, by names
            such as ``single/MPJPE``, in mm, and ``single/reprojection_px``.
        train_views (int, optional): Number of views it was trained with.
    """

    label: str
    errors: dict[int, dict[str, float]]
    train_views: int | None = None


def view_figure(networks: list[ViewErrors]) -> Figure:
    """Errors of all stages (paper, fig. 3b), a column for each measure.

    Args:
        networks (list[ViewErrors]): Evaluated with the same numbers of views, and at
            least one of :data:`MEASURES`.

    Returns:
        Figure: At the top over the number of views in inference. Where
        ``train_views`` of all networks are known, below over those, with
        the most views in inference that there are.
    """
    by_training = all(n.train_views is not None for n in networks)
    measures = measures_of(networks)
    rows = 1 + by_training
    width, height = _PANEL_INCHES
    figure = Figure(
        figsize=(width * len(measures), height * rows), dpi=150, layout='constrained'
    )
    panels = figure.subplots(rows, len(measures), squeeze=False)
    for measure, column in zip(measures, panels.T):
        _draw_inference(column[0], networks, measure)
        if by_training:
            _draw_training(column[1], networks, measure)
    for panel in panels.flat:
        panel.grid(alpha=0.3)
        if panel.get_lines():
            legend_below(panel)
    return figure


def measures_of(
    networks: Sequence[ViewErrors], measures: Iterable[str] = MEASURES
) -> list[str]:
    """Which of the measures networks were evaluated with, for any stage."""
    names = {name for metrics in networks[0].errors.values() for name in metrics}
    return [m for m in measures if any(f'{stage}/{m}' in names for stage in Stage)]


def _draw_inference(panel: Axes, networks: list[ViewErrors], measure: str) -> None:
    panel.set_title(f'{measure}, {MEASURES[measure]}', fontsize=10)
    panel.set_xlabel('views in inference')
    panel.set_xticks(sorted({n for net in networks for n in net.errors}))
    for i, network in enumerate(networks):
        for stage, style in STAGE_LINES.items():
            name = f'{stage}/{measure}'
            points = sorted(
                (count, metrics[name])
                for count, metrics in network.errors.items()
                if name in metrics
            )
            if points:
                label = stage if len(networks) == 1 else f'{stage}, {network.label}'
                panel.plot(
                    *zip(*points),
                    linestyle=_LINES[i % len(_LINES)],
                    marker='.',
                    label=label,
                    **style,
                )


def _draw_training(panel: Axes, networks: list[ViewErrors], measure: str) -> None:
    networks = sorted(networks, key=lambda network: network.train_views or 0)
    count = max(networks[0].errors)
    unit = MEASURES[measure]
    panel.set_title(f'{measure}, {unit}, {count} views in inference', fontsize=10)
    panel.set_xlabel('views in training')
    panel.set_xticks([network.train_views or 0 for network in networks])
    for stage, style in STAGE_LINES.items():
        name = f'{stage}/{measure}'
        points = [
            (network.train_views, network.errors[count][name])
            for network in networks
            if name in network.errors[count]
        ]
        if points:
            panel.plot(*zip(*points), marker='.', label=stage, **style)
