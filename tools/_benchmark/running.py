"""Run what is missing, as far as the time goes."""

import os
import shlex
import subprocess
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from time import monotonic

from .catalog import Run
from .commands import REPOSITORY, Commands, read_metrics
from .results import Results

# Of a piece's time, this much is kept for the end of a program and what follows.
RESERVE_MINUTES = 0.5
# Ended by Ctrl-C or SIGTERM, in words or at once: nothing is wrong with the run.
_INTERRUPTED = (130, 143, -2, -15)


class Session:
    """One call: each run is taken one piece further.

    Args:
        commands (Commands): Of the runs.
        results (Results): Where they are noted.
        data_root (Path): Folder of the data.
        machine (str), commit (str): Noted with each piece.
        minutes (float, optional): Time of the call. Trainings pause before it is
            over; without, they are trained to their end.
        parallel (int): Runs side by side.
        say (callable): Told what happens.
    """

    def __init__(
        self,
        commands: Commands,
        results: Results,
        data_root: Path,
        machine: str,
        commit: str,
        minutes: float | None = None,
        parallel: int = 1,
        say: Callable[[str], None] = print,
    ) -> None:
        self.commands, self.results = commands, results
        self.machine, self.commit = machine, commit
        self.parallel, self.say = parallel, say
        self._deadline = None if minutes is None else monotonic() + 60 * minutes
        self._programs: set[subprocess.Popen] = set()
        variable = commands.catalog.data_variable
        self._environment = {**os.environ, variable: str(data_root.absolute())}
        if parallel > 1:
            cores = os.cpu_count() or 1
            threads = str(max(1, cores // parallel))
            self._environment.setdefault('OMP_NUM_THREADS', threads)

    def run(self, runs: Sequence[Run]) -> None:
        """Take each run that is not done as far as the time goes, each after what it
        needs.

        Raises:
            ValueError: If a run was begun with other settings; nothing is run then.
        """
        waiting = [run for run in runs if not self.results.is_done(run)]
        for run in waiting:
            self._check_settings(run)
        with ThreadPoolExecutor(self.parallel) as pool:
            try:
                self._share_out(waiting, pool)
            except BaseException:
                # else they would go on, beside those of the next call
                for program in tuple(self._programs):
                    program.terminate()
                raise

    def _share_out(self, waiting: list[Run], pool: ThreadPoolExecutor) -> None:
        pending: set[Future] = set()
        while True:
            for run in [run for run in waiting if self._is_ready(run)]:
                if len(pending) == self.parallel:
                    break
                waiting.remove(run)
                pending.add(pool.submit(self._advance, run))
            if not pending:
                return
            finished, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in finished:
                future.result()

    def _check_settings(self, run: Run) -> None:
        noted = self.results.entry(run).get('settings')
        if noted is not None and noted != self.commands.settings(run):
            raise ValueError(
                f'{run.key} was begun with another config or other options: remove '
                f'{self.commands.folder(run)} and its entry in {self.results.path}, '
                'or choose another --work-dir'
            )

    def _is_ready(self, run: Run) -> bool:
        needed = self.commands.catalog.needed_by(run)
        return needed is None or self.results.is_trained(needed)

    def _minutes_left(self) -> float | None:
        if self._deadline is None:
            return None
        return (self._deadline - monotonic()) / 60 - RESERVE_MINUTES

    def _advance(self, run: Run) -> None:
        trained = not self.commands.experiment(run).is_trained
        if not trained and not self.results.is_trained(run) and not self._train(run):
            return
        left = self._minutes_left()
        if left is not None and left < 0:
            self.say(f'{run.key}: to be evaluated in the next call')
            return
        self._evaluate(run)

    def _train(self, run: Run) -> bool:
        """Train a piece; whether it was the last."""
        left, entry = self._minutes_left(), self.results.entry(run)
        epoch = entry.get('minutes_per_epoch', 0)
        if left is not None and left <= epoch:
            self.say(
                f'{run.key}: {max(left, 0):.1f} minutes are left'
                + (f', an epoch takes {epoch:.1f}' if epoch else '')
            )
            return False
        before = self.commands.epochs_done(run)
        settings = self.commands.settings(run)
        self.results.update(
            run, state='training', settings=settings, epochs=before, error=None
        )
        start = monotonic()
        is_well = self._call(run, self.commands.training(run, left))
        minutes = (monotonic() - start) / 60
        done, last = self.commands.epochs_done(run), self.commands.max_epochs(run)
        self.results.add_piece(run, minutes, self.machine, self.commit)
        self.results.update(run, epochs=done, max_epochs=last)
        if done > before:
            self.results.update(run, minutes_per_epoch=minutes / (done - before))
        if not is_well:
            return False
        is_last = self.commands.checkpoint(run).is_file()
        if is_last:
            steps = _steps_of(self.commands.checkpoint(run))
            self.results.update(run, state='trained', steps=steps)
        self.say(f'{run.key}: {done} of {last} epochs, {minutes:.1f} minutes')
        return is_last

    def _evaluate(self, run: Run) -> None:
        start = monotonic()
        out = self.commands.metrics_file(run)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.unlink(missing_ok=True)  # of an earlier call
        self.results.update(run, settings=self.commands.settings(run), error=None)
        is_well = all(
            self._call(run, command) for command in self.commands.evaluation(run)
        )
        minutes = (monotonic() - start) / 60
        self.results.add_piece(run, minutes, self.machine, self.commit)
        if is_well:
            self.results.update(run, state='done', metrics=read_metrics(out))
            self.say(f'{run.key}: evaluated, {minutes:.1f} minutes')

    def _call(self, run: Run, command: list[str]) -> bool:
        """Run a command; its output goes to the run's ``output.txt``."""
        log = self.commands.folder(run) / 'output.txt'
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open('a') as file:
            print('$', shlex.join(command), file=file, flush=True)
            program = subprocess.Popen(
                command,
                cwd=REPOSITORY,
                env=self._environment,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
            self._programs.add(program)
            status = program.wait()
            self._programs.remove(program)
        if status == 0:
            return True
        if status in _INTERRUPTED:
            self.say(f'{run.key}: interrupted')
            return False
        lines = log.read_text(errors='replace').strip().splitlines()
        # a trained network stays one: the evaluation is tried again
        state = 'trained' if self.results.is_trained(run) else 'failed'
        self.results.update(run, state=state, error=f'status {status}: {lines[-1]}')
        self.say(f'{run.key}: failed with status {status}, see {log}')
        return False


def _steps_of(checkpoint: Path) -> int:
    """Iterations of a training, of its own checkpoint."""
    import torch

    return torch.load(checkpoint, map_location='cpu', weights_only=False)['meta'][
        'iter'
    ]


def made_otherwise(
    commands: Commands, results: Results, runs: Iterable[Run]
) -> list[Run]:
    """Runs that are done, with settings that have changed since.

    Args:
        commands (Commands): Knows the settings as they are now.
        results (Results): Knows those of each run.
        runs (Iterable[Run]): To look at.
    """
    return [
        run
        for run in runs
        if results.is_done(run)
        and results.entry(run).get('settings') != commands.settings(run)
    ]
