"""Tables, plots and the page of results, made of the file of results."""

from collections.abc import Sequence
from pathlib import Path

from hamuco_mm.utils.files import write_atomically
from hamuco_mm.utils.image_files import write_figure
from hamuco_mm.visualization.tables import markdown_table

from .catalog import Catalog, Row, Run, Table
from .results import Results

NOT_RUN = 'not run'
PAGE = """# Results

Filled by `tools/benchmark.py --write-docs`, see [how to run it](benchmark.md). The files of results are in `benchmarks/results`.
"""


def values_of(
    catalog: Catalog, results: Results, row: Row, metric: str
) -> tuple[list[float], int]:
    """A metric of each seed that is done, and the number of seeds."""
    runs = [Run(row.experiment, s) for s in catalog.experiments[row.experiment].seeds]
    name = row.prefix + metric
    found = [results.entry(run)['metrics'] for run in runs if results.is_done(run)]
    return [metrics[name] for metrics in found if name in metrics], len(runs)


def cell(values: Sequence[float], num_seeds: int, is_done: bool) -> str:
    """The mean, and half of the range of the seeds where there are several.

    Args:
        values (Sequence[float]): Of each seed that has the metric.
        num_seeds (int): How many were to be.
        is_done (bool): Whether any seed is done; where it has no such metric,
            none applies.
    """
    if not values:
        return '-' if is_done else NOT_RUN
    # shares, as of a box, need a digit more than millimetres and pixels
    digits = 3 if max(map(abs, values)) < 1 else 2
    text = f'{sum(values) / len(values):.{digits}f}'
    if len(values) > 1:
        text += f' ± {(max(values) - min(values)) / 2:.{digits}f}'
    if len(values) < num_seeds:
        text += f' ({len(values)} of {num_seeds} seeds)'
    return text


def table_cells(
    catalog: Catalog, results: Results, table: Table
) -> tuple[list[str], list[list[str]]]:
    """Header and lines of a table."""
    lines = []
    for row in table.rows:
        seeds = catalog.experiments[row.experiment].seeds
        is_done = any(results.is_done(Run(row.experiment, seed)) for seed in seeds)
        cells = [
            cell(*values_of(catalog, results, row, metric), is_done)
            for metric in table.columns
        ]
        lines.append([row.label, *cells])
    return ['', *table.columns.values()], lines


def provenance(
    results: Results, runs: Sequence[Run]
) -> tuple[list[str], list[list[str]]]:
    """Header and lines that say how each run was made."""
    header = ['run', 'state', 'epochs', 'steps', 'minutes', 'machine', 'commit']
    lines = []
    for run in runs:
        entry = results.entry(run)
        epochs = entry.get('epochs')
        lines.append(
            [
                run.key,
                entry.get('state', NOT_RUN),
                '-'
                if epochs is None
                else f'{epochs} of {entry.get("max_epochs", "?")}',
                str(entry.get('steps', '-')),
                f'{entry["minutes"]:.1f}' if 'minutes' in entry else '-',
                '; '.join(entry.get('machines', [])) or '-',
                ', '.join(entry.get('commits', [])) or '-',
            ]
        )
    return header, lines


def section(catalog: Catalog, results: Results, preset: str, plots: set[str]) -> str:
    """The part of the page for one size of the data.

    Args:
        preset (str): Its name.
        plots (set): Names of the tables with a plot.
    """
    parts = [f'## {catalog.title}, `{preset}`\n']
    if catalog.about:
        parts.append(f'{catalog.about}\n')
    begun = [run for run in catalog.runs(catalog.tables.values()) if results.entry(run)]
    if not begun:
        titles = '; '.join(table.title for table in catalog.tables.values())
        parts.append(f'Nothing has been run yet. What there will be: {titles}.\n')
        return '\n'.join(parts)
    data = results.data
    if data:
        about = f'Version {data["version"]}, digest `{data["digest"][:16]}`.'
        parts.append(
            f'{about} Errors in mm; with several seeds, the mean ± half of their range.\n'
        )
    for name, table in catalog.tables.items():
        parts.append(f'### {table.title}\n')
        if table.note:
            parts.append(f'{table.note}\n')
        parts.append(markdown_table(*table_cells(catalog, results, table)))
        if name in plots:
            parts.append(f'![{table.title}]({plot_file(preset, name)})\n')
    parts.append('### How each number was made\n')
    parts.append(markdown_table(*provenance(results, begun), num_names=7))
    return '\n'.join(parts)


def plot_file(preset: str, table: str) -> str:
    """Where the plot of a table is, below docs."""
    return f'images/results-{preset}-{table}.png'


def write_plots(catalog: Catalog, results: Results, preset: str, docs: Path) -> set:
    """Write the plots of which there are points.

    Returns:
        set: Names of their tables.
    """
    from matplotlib.figure import Figure

    written = set()
    for name, table in catalog.tables.items():
        lines: dict[str, list[tuple[float, float]]] = {}
        for row in table.rows:
            for metric, heading in table.columns.items():
                values, _ = values_of(catalog, results, row, metric)
                if row.x is not None and values:
                    label = ', '.join(filter(None, (row.series, heading)))
                    mean = sum(values) / len(values)
                    lines.setdefault(label, []).append((row.x, mean))
        if not lines:
            continue
        figure = Figure(figsize=(5, 3.5), layout='constrained')
        axes = figure.subplots()
        for label, points in lines.items():
            axes.plot(*zip(*sorted(points)), marker='o', label=label)
        axes.set(xlabel=table.x_label, ylabel='mm')
        axes.legend()
        write_figure(docs / plot_file(preset, name), figure, dpi=100)
        written.add(name)
    return written


def between_markers(page: str, preset: str, text: str) -> str:
    """The page with another part between the markers of a preset, which are put at
    its end where it has none.

    Raises:
        ValueError: If the page has one of the markers alone.
    """
    begin, end = f'<!-- benchmark {preset} -->', f'<!-- end of {preset} -->'
    if begin not in page and end not in page:
        page = f'{page.rstrip()}\n\n{begin}\n{end}\n'
    before, found, rest = page.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found or not found_end:
        raise ValueError(f'the page needs {begin} and, after it, {end}')
    return f'{before}{begin}\n\n{text}\n{end}{after}'


def write_docs(catalog: Catalog, results: Results, preset: str, docs: Path) -> Path:
    """Write the part of ``results.md`` for one size of the data, and its plots.

    Returns:
        Path: The page.
    """
    plots = write_plots(catalog, results, preset, docs)
    path = docs / 'results.md'
    page = path.read_text() if path.is_file() else PAGE
    text = section(catalog, results, preset, plots)
    write_atomically(path, between_markers(page, preset, text))
    return path
