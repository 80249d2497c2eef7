"""The toolbox's commands that a run consists of."""

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

from mmengine.config import Config

from .catalog import Catalog, Experiment, Run

TOOLS = Path(__file__).resolve().parents[1]
REPOSITORY = TOOLS.parent
WEIGHTS = REPOSITORY / 'hamuco_mm/weights'

# A training in pieces is the training in one only if workers start with each epoch.
_PIECES = {'default_hooks.epoch_seed.restart_workers': True}


class Commands:
    """Command lines of runs, and where their files are.

    Args:
        catalog (Catalog): What there is to run.
        work_dir (Path): Folder of the results.
    """

    def __init__(self, catalog: Catalog, work_dir: Path) -> None:
        self.catalog = catalog
        self.work_dir = work_dir.absolute()

    def experiment(self, run: Run) -> Experiment:
        return self.catalog.experiments[run.experiment]

    def folder(self, run: Run) -> Path:
        """Where a run's files are."""
        return self.work_dir / run.key

    def metrics_file(self, run: Run) -> Path:
        """Where the last command of :meth:`evaluation` writes the metrics."""
        return self.folder(run) / 'metrics.json'

    def checkpoint(self, run: Run) -> Path:
        """The weights after the last epoch, of this run or of what it evaluates."""
        evaluated = self.experiment(run).evaluates
        if evaluated is not None:
            run = Run(evaluated, run.seed)
        return self.folder(run) / f'epoch_{self.max_epochs(run)}.pth'

    def config(self, run: Run) -> Config:
        """The run's config with its options."""
        experiment = self.experiment(run)
        config = Config.fromfile(
            self._config_file(experiment), import_custom_modules=False
        )
        config.merge_from_dict(experiment.options)
        return config

    def max_epochs(self, run: Run) -> int:
        return self.config(run).train_cfg.max_epochs

    def settings(self, run: Run) -> str:
        """A digest of the config, the options, and the package's weights in them."""
        experiment = self.experiment(run)
        text = self.config(run).pretty_text + repr(experiment)
        if experiment.test_options:
            text += repr(experiment.test_options)
        digest = hashlib.sha256(text.encode())
        for name in sorted(set(re.findall(r'hamuco_mm://([\w.-]+)', text))):
            digest.update((WEIGHTS / name).read_bytes())
        return digest.hexdigest()[:16]

    def epochs_done(self, run: Run) -> int:
        """The last epoch with a checkpoint."""
        names = (path.stem for path in self.folder(run).glob('epoch_*.pth'))
        return max((int(name.removeprefix('epoch_')) for name in names), default=0)

    def training(self, run: Run, minutes: float | None) -> list[str]:
        """Train, or go on.

        Args:
            run (Run): Which.
            minutes (float, optional): Pause after so long.
        """
        experiment = self.experiment(run)
        options = {**_PIECES, **experiment.options}
        command = ['train.py', self._config_file(experiment)]
        # --resume without a checkpoint would ignore the weights to start from
        if self.epochs_done(run):
            command.append('--resume')
        elif experiment.starts_from is not None:
            start = self.checkpoint(Run(experiment.starts_from, run.seed))
            options['load_from'] = str(start)
        if minutes is not None:
            command += ['--pause-after', f'{minutes:.2f}']
        return self._python(*command, *self._common(run, self.folder(run), options))

    def evaluation(self, run: Run) -> list[list[str]]:
        """The commands that end with metrics in :meth:`metrics_file`."""
        experiment, out = self.experiment(run), self.metrics_file(run)
        config = self._config_file(experiment)
        tested = {**experiment.options, **experiment.test_options}
        if experiment.tool == 'baselines':
            tool = 'analysis_tools/evaluate_baselines.py'
            return [self._python(tool, config, '--out', out, *_cfg_options(tested))]
        common = self._common(run, self.folder(run) / 'test', tested)
        weights = experiment.weights or self.checkpoint(run)
        test = ['test.py', config, weights, *common]
        if experiment.tool == 'test':
            return [self._python(*test[:3], '--out', out, *common)]
        views = self.folder(run) / 'views.npz'
        # it writes the numbers beside the picture
        plot = ['analysis_tools/plot_auc.py', views, '--out', out.with_suffix('.png')]
        return [
            self._python(*test[:3], '--dump', views, *common),
            self._python(*plot),
        ]

    def _config_file(self, experiment: Experiment) -> Path:
        return REPOSITORY / experiment.config

    @staticmethod
    def _python(script: str, *arguments: Any) -> list[str]:
        return [sys.executable, str(TOOLS / script), *map(str, arguments)]

    @staticmethod
    def _common(run: Run, work_dir: Path, options: dict) -> list[str]:
        options = {'randomness.seed': run.seed, **options}
        return ['--work-dir', str(work_dir), *_cfg_options(options)]


def _cfg_options(options: dict[str, Any]) -> list[str]:
    """``--cfg-options`` as the command line has it."""
    if not options:
        return []
    return ['--cfg-options', *(f'{k}={_text(v)}' for k, v in options.items())]


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f'[{",".join(map(_text, value))}]'
    return str(value)


def flat_numbers(content: Any, name: str = '') -> dict[str, float]:
    """All numbers of nested objects, their names joined by slashes."""
    if isinstance(content, dict):
        found: dict[str, float] = {}
        for key, value in content.items():
            found.update(flat_numbers(value, f'{name}/{key}' if name else key))
        return found
    is_number = isinstance(content, (int, float)) and not isinstance(content, bool)
    return {name: content} if is_number else {}


def read_metrics(path: Path) -> dict[str, float]:
    """The metrics that an evaluation wrote."""
    return flat_numbers(json.loads(path.read_text()))
