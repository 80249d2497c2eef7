"""What matplotlib has drawn."""

from matplotlib.axes import Axes
from matplotlib.lines import Line2D


def lines(panel: Axes) -> dict[str, Line2D]:
    """The lines of a panel by their labels."""
    return {line.get_label(): line for line in panel.get_lines()}
