"""Which experiments there are, and which tables they fill."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from mmengine.config import Config

# What evaluates a checkpoint, or the data alone.
TOOLS = ('test', 'auc', 'baselines')


class Run(NamedTuple):
    """An experiment with a seed."""

    experiment: str
    seed: int

    @property
    def key(self) -> str:
        """Its name in the results, and of its folder."""
        return f'{self.experiment}-seed{self.seed}'


@dataclass(frozen=True)
class Experiment:
    """A config that is trained and tested, or tested alone.

    Attributes:
        config (str): Config file, relative to the repository.
        options (dict): ``--cfg-options`` of training and test.
        test_options (dict): Further ones, of the test alone.
        seeds (tuple): Each is a run.
        starts_from (str, optional): The experiment with whose weights, of the same
            seed, the training starts.
        evaluates (str, optional): The experiment whose weights are tested; nothing
            is trained then.
        weights (str, optional): A checkpoint, or its URL, that is tested; nothing
            is trained then.
        tool (str): 'test' for tools/test.py; 'auc' for 2D errors of labels and
            predictions (plot_auc.py); 'baselines' for what needs no network
            (evaluate_baselines.py).
    """

    config: str
    options: dict[str, Any] = field(default_factory=dict)
    seeds: tuple[int, ...] = (0,)
    starts_from: str | None = None
    evaluates: str | None = None
    weights: str | None = None
    tool: str = 'test'
    # not in the text of experiments without: digests of results have it
    test_options: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def is_trained(self) -> bool:
        tested_alone = self.evaluates is not None or self.weights is not None
        return not tested_alone and self.tool != 'baselines'

    @property
    def needs(self) -> str | None:
        """The experiment that has to be trained before."""
        return self.starts_from or self.evaluates


@dataclass(frozen=True)
class Row:
    """A line of a table, or a point of a plot.

    Attributes:
        experiment (str): Where the numbers are from.
        label (str): What it is called.
        prefix (str): What stands before the names of the metrics.
        x (float, optional): Place in the plot.
        series (str): The line of the plot that it is on.
    """

    experiment: str
    label: str
    prefix: str = ''
    x: float | None = None
    series: str = ''


@dataclass(frozen=True)
class Table:
    """A table, with a plot if its rows have an ``x``.

    Attributes:
        title (str): Heading.
        columns (dict): Metric -> heading.
        rows (tuple): Of :class:`Row`.
        note (str): What a reader has to know.
        x_label (str): Of the plot.
    """

    title: str
    columns: dict[str, str]
    rows: tuple[Row, ...]
    note: str = ''
    x_label: str = ''


class Catalog:
    """All experiments and tables.

    Args:
        experiments (dict): By name.
        tables (dict): By name.
        about (str): What a reader has to know of all of them.
        data_variable (str): The variable of the environment from which the configs
            read where the data are.
        title (str): Heading of the section, before the preset.

    Raises:
        ValueError: If one names another that is not there, or an option is none
            that a command line can hold.
    """

    def __init__(
        self,
        experiments: dict[str, Experiment],
        tables: dict[str, Table],
        about: str = '',
        data_variable: str = 'OPENHANDMV_ROOT',
        title: str = 'OpenHandMV',
    ) -> None:
        self.experiments, self.tables, self.about = experiments, tables, about
        self.data_variable, self.title = data_variable, title
        for name, experiment in experiments.items():
            if experiment.tool not in TOOLS:
                raise ValueError(f'{name}: tool={experiment.tool!r} is none of {TOOLS}')
            _check_options(name, {**experiment.options, **experiment.test_options})
            needed = experiment.needs
            if needed is None:
                continue
            if needed not in experiments or not experiments[needed].is_trained:
                raise ValueError(f'{name} needs {needed!r}, which is not trained')
            lacking = set(experiment.seeds) - set(experiments[needed].seeds)
            if lacking:
                raise ValueError(f'{name}: {needed} has no seed {min(lacking)}')
        for name, table in tables.items():
            for row in table.rows:
                if row.experiment not in experiments:
                    raise ValueError(f'{name}: no experiment {row.experiment!r}')

    @classmethod
    def load(cls, path: Path) -> 'Catalog':
        """Read a file of ``experiments``, ``tables`` and, as needed, ``about``,
        ``data_variable`` and ``title``, in the form of a config. The rows of a
        table that have nothing else may be labels by the names of experiments.

        Raises:
            FileNotFoundError: If it is not there.
            ValueError: If it is something else.
        """
        content = Config.fromfile(path, import_custom_modules=False).to_dict()
        try:
            experiments = {
                name: Experiment(**{**value, 'seeds': tuple(value.get('seeds', (0,)))})
                for name, value in content['experiments'].items()
            }
            tables = {
                name: Table(**{**value, 'rows': _rows(value['rows'])})
                for name, value in content['tables'].items()
            }
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f'{path}: {error}') from error
        texts = {
            key: content[key]
            for key in ('about', 'data_variable', 'title')
            if key in content
        }
        return cls(experiments, tables, **texts)

    def chosen_tables(self, names: Iterable[str]) -> dict[str, Table]:
        """Tables by their names, or the first parts of these; all without names.

        Raises:
            ValueError: If a name is of none.
        """
        names = list(names)
        if not names:
            return self.tables
        chosen = {}
        for name in names:
            found = {
                key: table
                for key, table in self.tables.items()
                if key == name or key.startswith(f'{name}-')
            }
            if not found:
                raise ValueError(
                    f'there is no table {name!r}, but {", ".join(self.tables)}'
                )
            chosen.update(found)
        return chosen

    def runs(self, tables: Iterable[Table]) -> list[Run]:
        """What fills the tables, each after what it needs."""
        found: dict[Run, None] = {}
        for table in tables:
            for row in table.rows:
                for seed in self.experiments[row.experiment].seeds:
                    self._add(Run(row.experiment, seed), found)
        return list(found)

    def needed_by(self, run: Run) -> Run | None:
        """The run that has to be trained before."""
        needed = self.experiments[run.experiment].needs
        return None if needed is None else Run(needed, run.seed)

    def _add(self, run: Run, found: dict[Run, None]) -> None:
        needed = self.needed_by(run)
        if needed is not None:
            self._add(needed, found)
        found.setdefault(run)


def _check_options(experiment: str, options: dict[str, Any]) -> None:
    """Refuse values with dictionaries, which ``--cfg-options`` cannot hold."""
    for key, value in options.items():
        items = value if isinstance(value, (list, tuple)) else [value]
        if any(isinstance(item, dict) for item in items):
            raise ValueError(
                f'{experiment}: the option {key} has a dictionary, which a command line '
                f'cannot hold: give its keys one by one ({key}.type=...), or a config'
            )


def _rows(given: list | dict) -> tuple[Row, ...]:
    """Rows of a table as a file has them."""
    if isinstance(given, dict):
        return tuple(Row(name, label) for name, label in given.items())
    return tuple(Row(**row) for row in given)
