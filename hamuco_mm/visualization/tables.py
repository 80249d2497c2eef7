"""The same table for the terminal and for a Markdown page."""

from collections.abc import Sequence


def markdown_table(
    header: Sequence[str], lines: list[Sequence[str]], num_names: int = 1
) -> str:
    """A Markdown table, its numbers to the right.

    Args:
        header (Sequence[str]): Names of the columns.
        lines (list[Sequence[str]]): Cells of each line.
        num_names (int): How many columns from the left are text.
    """
    rule = ['---'] * num_names + ['---:'] * (len(header) - num_names)
    return ''.join('| ' + ' | '.join(line) + ' |\n' for line in (header, rule, *lines))


def print_table(
    title: str, header: Sequence[str], lines: list[Sequence[str]], num_names: int = 1
) -> None:
    """Print a table, see :func:`markdown_table`; long headings wrap at
    slashes and underscores, cells do not."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title)
    for i, name in enumerate(header):
        table.add_column(
            name.replace('_', ' ').replace('/', ' '),
            justify='left' if i < num_names else 'right',
            min_width=max((len(line[i]) for line in lines), default=0),
        )
    for line in lines:
        table.add_row(*line)
    console = Console()
    if not console.is_terminal:
        # in a file there is room for all columns
        console = Console(width=200)
    console.print(table)
