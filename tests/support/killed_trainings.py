"""Kill real trainings again and again, and go on from what they left.

    python tests/support/killed_trainings.py FOLDER KILLS

Each training is a process of its own, forked from this one, which never computes.
Every second one is killed while a checkpoint is being written.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from hanco_tree import HanCoTree
from mmengine.hooks import Hook
from mmengine.runner import Runner
from small_networks import SIZE, model_config

from hamuco_mm.engine.hooks.safe_checkpoint_hook import is_complete

# Numbers, so that a checkpoint takes a while to be written.
BALLAST = 5_000_000
PATIENCE = 120.0  # seconds
PIPELINE = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='FastTopdownAffine', input_size=SIZE),
    dict(
        type='GenerateTarget',
        encoder=dict(type='WeakPerspectiveLabel', input_size=SIZE),
    ),
    dict(type='PackHandInputs'),
]


class StartHook(Hook):
    """Says which epoch a run goes on from, and makes checkpoints large."""

    def before_train(self, runner: Runner) -> None:
        (Path(runner.work_dir) / 'started').write_text(str(runner.epoch))

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        checkpoint['ballast'] = torch.zeros(BALLAST)


def train(data: Path, work_dir: Path, number: int, max_epochs: int = 10_000) -> Runner:
    """A training of the whole network on a few time steps; it goes on from what is
    in its folder."""
    runner = Runner.from_cfg(
        _config(
            model=model_config(),
            work_dir=str(work_dir),
            train_dataloader=dict(
                batch_size=2,
                num_workers=0,
                sampler=dict(type='DefaultSampler', shuffle=True),
                collate_fn=dict(type='multiview_collate'),
                dataset=dict(
                    type='MultiViewDataset',
                    dataset=dict(
                        type='HanCoDataset', data_root=str(data), pipeline=PIPELINE
                    ),
                ),
            ),
            train_cfg=dict(by_epoch=True, max_epochs=max_epochs),
            optim_wrapper=dict(optimizer=dict(type='Adam', lr=1e-4)),
            default_hooks=dict(
                checkpoint=dict(
                    type='SafeCheckpointHook', interval=1, max_keep_ckpts=1
                ),
                logger=dict(type='LoggerHook', interval=1000),
            ),
            custom_hooks=[dict(type='EpochSeedHook'), dict(type='LeftOutHook')],
            randomness=dict(seed=0),
            resume=True,
            default_scope='mmpose',
            experiment_name=f'{work_dir.parent.name}_{work_dir.name}_{number}',
            log_level='WARNING',
        )
    )
    runner.register_hook(StartHook())
    runner.train()
    return runner


def _config(**settings):
    from mmengine.config import Config

    return Config(settings)


def complete_epoch(folder: Path) -> int:
    """The newest epoch with a complete checkpoint, 0 without."""
    epochs = [
        int(path.stem.removeprefix('epoch_'))
        for path in folder.glob('epoch_*.pth')
        if is_complete(path)
    ]
    return max(epochs, default=0)


def wait_for(happens: Callable[[], object], process: int) -> None:
    """Until something is so.

    Raises:
        RuntimeError: If it takes too long, or the training ends.
    """
    end = time.monotonic() + PATIENCE
    while not happens():
        if time.monotonic() > end or os.waitpid(process, os.WNOHANG)[0]:
            raise RuntimeError('the training does not go on')
        time.sleep(2e-4)


def kill_one(data: Path, folder: Path, number: int, in_writing: bool) -> dict:
    """Start a training, kill it, and say what it went on from and left."""
    before = complete_epoch(folder)
    (folder / 'started').unlink(missing_ok=True)
    process = os.fork()
    if not process:
        log = os.open(folder / 'log', os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        try:
            train(data, folder, number)
        finally:
            os._exit(1)
    wait_for((folder / 'started').exists, process)
    # at least one epoch of this run is finished
    wait_for(lambda: (folder / f'epoch_{before + 1}.pth').exists(), process)
    if in_writing:
        wait_for(lambda: list(folder.glob('epoch_*.pth.*.part')), process)
    else:
        time.sleep(random.uniform(0, 0.3))
    names = [path.stem for path in folder.glob('epoch_*.pth')]
    finished = max(int(name.removeprefix('epoch_')) for name in names)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return dict(
        before=before,
        started=int((folder / 'started').read_text()),
        finished=finished,
        left=complete_epoch(folder),
        in_writing=bool(list(folder.glob('epoch_*.pth.*.part'))),
    )


def main(root: str, kills: str) -> None:
    data, folder = Path(root) / 'data', Path(root) / 'run'
    folder.mkdir(parents=True)
    HanCoTree(data, sequences={0: 4})
    random.seed(0)
    results: list[dict] = []
    while len(results) < int(kills):
        wanted = 2 * sum(result['in_writing'] for result in results) < int(kills)
        results.append(kill_one(data, folder, len(results), wanted))
    print(json.dumps(results))


if __name__ == '__main__':
    main(*sys.argv[1:])
