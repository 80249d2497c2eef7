"""Checkpoints that survive a kill and a full disk at any moment."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from itertools import takewhile
from pathlib import Path
from typing import Any

from filelock import FileLock
from mmengine.dist import barrier, is_main_process
from mmengine.hooks import CheckpointHook
from mmengine.runner import BaseLoop, Runner
from mmpose.registry import HOOKS

from ...utils.durable_files import DURABLE_BACKEND
from ...utils.files import PART_SUFFIX, write_atomically
from ...utils.one_writer import claim, release

_LAST = 'last_checkpoint'


@HOOKS.register_module()
class SafeCheckpointHook(CheckpointHook):
    """MMEngine's :class:`CheckpointHook`, safe against interruptions.

    MMEngine removes the oldest checkpoint first, and writes the new one in
    place: whoever is killed in between, or runs out of disk, has one checkpoint
    less, with ``max_keep_ckpts=1`` none. Here

    * a checkpoint is written under another name, flushed to the disk, and then
      renamed: under its own name it is complete or not there;
    * older ones are removed after that;
    * ``resume=True`` (``--resume``) starts from the newest complete checkpoint
      in the folder, if the one named in ``last_checkpoint`` is not there or
      damaged, or if a later one was saved after it was named, and says so;
    * a copy of the folder of a training goes on from its own files, and files in
      other folders are not removed, although the checkpoint names them;
    * a second training with the same folder is refused while the first runs.

    Args: those of :class:`mmengine.hooks.CheckpointHook`. A ``backend_args`` or
    an ``out_dir`` elsewhere (``s3://...``) is used as it is, without the first
    and the last of these promises.
    """

    file_backend: Any
    best_ckpt_path: str | None
    best_ckpt_path_dict: dict[str, str | None]
    _claim: FileLock | None = None

    def before_run(self, runner: Runner) -> None:
        """Claim the folder, and let ``last_checkpoint`` name a complete file before
        MMEngine reads it."""
        is_training = isinstance(runner._train_loop, BaseLoop)
        if is_training and is_main_process() and not self._is_elsewhere(runner):
            self._claim = claim(Path(runner.work_dir))
            if runner._resume and runner._load_from is None:
                self._repair(runner)
        barrier()

    def after_run(self, runner: Runner) -> None:
        """Let others write to the folder."""
        if self._claim is not None:
            release(self._claim)

    def before_train(self, runner: Runner) -> None:
        """Choose how files are written."""
        if not self._is_elsewhere(runner):
            self.backend_args = dict(backend=DURABLE_BACKEND)
        super().before_train(runner)
        if self.save_best:
            self._find_best()

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        with self._removal_after_saving():
            super()._save_checkpoint_with_step(runner, step, meta)

    def _save_best_checkpoint(self, runner: Runner, metrics: dict) -> None:
        missing = sorted({*(self.save_best or ())} - {'auto', *metrics})
        if missing:
            self._keep(runner)
            near = get_close_matches(missing[0], metrics, 1)
            hint = f' (did you mean {near[0]!r}?)' if near else ''
            raise ValueError(
                f'save_best of {type(self).__name__} names {missing[0]!r}{hint}, which '
                f'the validation does not measure, but only {sorted(metrics)}. '
                f'{self.last_ckpt} holds what was trained: correct save_best and go on '
                'with --resume'
            )
        with self._removal_after_saving():
            super()._save_best_checkpoint(runner, metrics)

    def _find_best(self) -> None:
        """A checkpoint names the best ones of its own training, which the next best
        replaces; those of a copy are in the copy."""
        if len(self.key_indicators) == 1:
            self.best_ckpt_path = self._in_out_dir(self.best_ckpt_path)
        else:
            self.best_ckpt_path_dict = {
                metric: self._in_out_dir(path)
                for metric, path in self.best_ckpt_path_dict.items()
            }

    def _in_out_dir(self, path: str | None) -> str | None:
        """The file of the same name in the folder of this training, if it is there."""
        if not path:
            return None
        own = self.file_backend.join_path(self.out_dir, Path(path).name)
        return own if self.file_backend.exists(own) else None

    def _keep(self, runner: Runner) -> None:
        """Save what is trained so far, unless it is saved already."""
        step = runner.epoch if self.by_epoch else runner.iter
        name = self.filename_tmpl.format(step)
        if self.last_ckpt is None or Path(self.last_ckpt).name != name:
            meta = dict(epoch=runner.epoch, iter=runner.iter)
            self._save_checkpoint_with_step(runner, step, meta)

    def _is_elsewhere(self, runner: Runner) -> bool:
        chosen = self.file_client_args or (
            self.backend_args and self.backend_args.get('backend') != DURABLE_BACKEND
        )
        return bool(chosen) or '://' in str(self.out_dir or runner.work_dir)

    @contextmanager
    def _removal_after_saving(self) -> Iterator[None]:
        backend = self.file_backend
        if isinstance(backend, _LateRemoval):  # saving the best saves the last again
            yield
            return
        self.file_backend = late = _LateRemoval(backend)
        try:
            yield
        finally:
            self.file_backend = backend
        # a run that goes on from an earlier epoch writes the same names again
        best = getattr(self, 'best_ckpt_path_dict', {}).values()
        late.carry_out({self.last_ckpt, getattr(self, 'best_ckpt_path', None), *best})

    def _repair(self, runner: Runner) -> None:
        folder = Path(self.out_dir or runner.work_dir)
        if self.out_dir and self.out_dir != runner.work_dir:
            folder = folder / Path(runner.work_dir).name
        record = Path(runner.work_dir) / _LAST
        for part in folder.glob(f'*.pth.*{PART_SUFFIX}'):
            part.unlink()  # of a run that was killed while it wrote
        named = record.read_text().strip() if record.is_file() else ''
        candidates = self._checkpoints(folder)
        is_usable = named and (Path(named).is_dir() or is_complete(Path(named)))
        is_foreign = is_usable and Path(named).parent.resolve() != folder.resolve()
        if is_foreign:
            candidates = [path for path in candidates if path.name == Path(named).name]
        elif is_usable:
            candidates = _unrecorded(candidates, record, Path(named).name)
        newest = next(filter(is_complete, candidates), None)
        if newest is None and (is_usable or not named):
            return  # without a name nothing was saved yet: MMEngine says that
        state = 'is damaged' if Path(named).is_file() else 'is not there'
        if is_foreign:
            state = 'is in another folder'
        elif is_usable:
            state = 'is not the last that was saved'
        if newest is None:
            raise OSError(
                f'{named}, from which this training would go on, {state}, and '
                f'{folder} has no complete checkpoint. To start anew, remove '
                f'{record} or leave out --resume'
            )
        write_atomically(record, str(newest))
        runner.logger.warning(
            f'{named or "The checkpoint to go on from"} {state}: going on from '
            f'{newest}, the newest complete one'
        )

    def _checkpoints(self, folder: Path) -> list[Path]:
        """Those of this hook in a folder, the newest first."""
        before, after = map(re.escape, self.filename_tmpl.split('{}'))
        found = {
            int(match[1]): path
            for path in folder.iterdir()
            if (match := re.fullmatch(f'{before}([0-9]{{1,18}}){after}', path.name))
        }
        return [found[step] for step in sorted(found, reverse=True)]


def _unrecorded(checkpoints: list[Path], record: Path, named: str) -> list[Path]:
    """Those after the one that the record names, of a run that was killed before it
    could name them. A record that somebody wrote later is meant as it is."""
    recorded = record.stat().st_mtime_ns
    later = takewhile(lambda path: path.name != named, checkpoints)
    return [path for path in later if path.stat().st_mtime_ns >= recorded]


class _LateRemoval:
    """A file backend that notes what is to be removed, and removes it later."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self._removals: list[tuple[Any, str]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    def remove(self, path: str) -> None:
        self._removals.append((self._backend.remove, path))

    def rmtree(self, path: str) -> None:
        self._removals.append((self._backend.rmtree, path))

    def carry_out(self, kept: set) -> None:
        for remove, path in self._removals:
            if path not in kept and self._backend.exists(path):
                remove(path)


def is_complete(path: Path) -> bool:
    """Whether a checkpoint can be read from the first to the last byte.

    PyTorch writes zip archives, whose table is at the end, with a checksum of
    each member.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        return False
