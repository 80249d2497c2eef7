from pathlib import Path
from time import monotonic

from mmengine.dist import master_only
from mmengine.hooks import Hook
from mmengine.runner import IterBasedTrainLoop, Runner
from mmpose.registry import HOOKS

from ...datasets import MultiViewDataset
from ...datasets.parts import dataset_parts
from .runner_state import network_of

# Time steps whose cameras are looked at.
_LOOKED_AT = 5


@HOOKS.register_module()
class RunSummaryHook(Hook):
    """Say at the end of a training where its files are, and what to do next.

    It also says again what the training did without: cameras, where the data set has
    none and the model would use them.
    """

    priority = 'LOWEST'

    def before_train(self, runner: Runner) -> None:
        """Start the clock."""
        self._start, self._first = monotonic(), _steps(runner)

    @master_only
    def after_train(self, runner: Runner) -> None:
        """Say it."""
        minutes = (monotonic() - self._start) / 60
        count, unit = _steps(runner) - self._first, _unit(runner)
        lines = [f'trained {count} {unit}{"s" * (count != 1)}, {minutes:.1f} min']
        checkpoint = runner.message_hub.get_info('last_ckpt')
        best = runner.message_hub.get_info('best_ckpt')
        work_dir = Path(runner.work_dir)
        config = _dumped_config(runner)
        if checkpoint:
            lines.append(f'  last checkpoint  {checkpoint}')
        if best:
            lines.append(f'  best checkpoint  {best}')
        lines.append(f'  logs, config     {runner.log_dir}')
        if checkpoint and config:
            chosen = best or checkpoint
            lines += [
                'next:',
                f'  evaluate   python tools/test.py {config} {chosen}',
                f'  look       python tools/analysis_tools/draw_predictions.py {config} '
                f'{chosen} --out-dir {work_dir}',
                f'  curves     python tools/analysis_tools/plot_curves.py {work_dir}',
                f'  predict    python demo/hamuco_demo.py INPUTS --model {config} '
                f'--weights {chosen}{_of_cameras(runner)} '
                f'--out-dir {work_dir / "predictions"}',
            ]
        runner.logger.info('\n'.join(['Done: ' + lines[0], *lines[1:]]))
        without = views_without_cameras(runner)
        if without:
            runner.logger.warning(
                f'This training was uncalibrated, in part or whole: {without}. '
                'use_extrinsics of the model had no effect on these views. '
                'Give the data set its calibration, or set model.use_extrinsics=False '
                'to say that it is meant'
            )


def _unit(runner: Runner) -> str:
    return 'iteration' if isinstance(runner.train_loop, IterBasedTrainLoop) else 'epoch'


def _steps(runner: Runner) -> int:
    """Epochs that are done, or iterations where a training counts these."""
    return runner.iter if _unit(runner) == 'iteration' else runner.epoch


def _dumped_config(runner: Runner) -> Path | None:
    """The config as it was used: with the options of the command line, and the
    folders that variables of the environment named."""
    filename = getattr(runner.cfg, 'filename', None)
    if filename is None:
        return None
    dumped = Path(runner.work_dir) / Path(filename).name
    return dumped if dumped.is_file() else Path(filename)


def _of_cameras(runner: Runner) -> str:
    return ' [--cameras CALIBRATION]' if _uses_cameras(runner) else ''


def _uses_cameras(runner: Runner) -> bool:
    return getattr(network_of(runner), 'use_extrinsics', False)


def views_without_cameras(runner: Runner) -> str | None:
    """Which training views have no camera, in words; None where the model uses none,
    or all have one.

    Args:
        runner (Runner): After its training.
    """
    if not _uses_cameras(runner):
        return None
    views = [
        view
        for part in dataset_parts(runner.train_dataloader.dataset)
        if isinstance(part, MultiViewDataset)
        for view in _some_views(part)
    ]
    missing = sum(not _has_pose(view) for view in views)
    if not missing:
        return None
    return f'{missing} of {len(views)} views looked at have no camera with a pose'


def _some_views(dataset: MultiViewDataset) -> list[dict]:
    """Views of a few time steps from all over a data set."""
    count = min(_LOOKED_AT, len(dataset))
    return [
        view
        for i in range(count)
        for view in dataset.get_data_info(i * len(dataset) // count)['views']
    ]


def _has_pose(view: dict) -> bool:
    param = view.get('camera_param') or {}
    return all(param.get(key) is not None for key in ('R', 't'))
