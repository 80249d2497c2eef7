"""Memory and open files of a long training stay level, of its workers too."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hanco_tree import HanCoTree
from killed_trainings import PIPELINE
from process_tree import Held, held_by
from small_networks import model_config

# 50 epochs of 40 iterations
ITERATIONS, EPOCHS, FRAMES = 2000, 50, 80
# Between two windows that are 1,000 iterations and five checkpoints and validations
# apart: MB, 15 kB an iteration, and open files.
MORE_MEMORY, MORE_FILES = 15, 4

CONFIG = """
_base_ = ['{repository}/configs/_base_/multiview_runtime.py']
model = {model}
loader = dict(
    batch_size=2,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='multiview_collate'),
    dataset=dict(
        type='MultiViewDataset',
        num_views=2,
        dataset=dict(
            type='HanCoDataset', data_root='{data}', pipeline={pipeline})))
train_dataloader = loader
val_dataloader = dict(
    loader,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        loader['dataset'],
        indices=4,
        dataset=dict(loader['dataset']['dataset'], test_mode=True)))
val_evaluator = dict(type='HandMeshMetric')
train_cfg = dict(by_epoch=True, max_epochs={epochs}, val_interval=5)
val_cfg = dict()
optim_wrapper = dict(optimizer=dict(type='Adam', lr=1e-4))
default_hooks = dict(
    logger=dict(interval=10),
    checkpoint=dict(interval=5, max_keep_ckpts=1))
"""


@pytest.mark.slow
def test_memory_and_files_stay_level(repository, tmp_path):
    tree = HanCoTree(tmp_path / 'data', {0: FRAMES})
    # also where something is left out again in each epoch
    tree.image_path(0, 5, 0).write_bytes(b'no image')
    config = tmp_path / 'long.py'
    config.write_text(
        CONFIG.format(
            repository=repository,
            model=model_config(),
            data=tree.root,
            pipeline=PIPELINE,
            epochs=EPOCHS,
        )
    )
    measured = _measure(
        [sys.executable, repository / 'tools/train.py', config], tmp_path / 'run'
    )
    early = _between(measured, ITERATIONS // 4, ITERATIONS // 2)
    late = _between(measured, 3 * ITERATIONS // 4, ITERATIONS)
    memory, files = np.median(late, 0) - np.median(early, 0)
    assert memory < MORE_MEMORY
    assert files < MORE_FILES


def _measure(command: list, work_dir: Path) -> list[tuple[int, Held]]:
    """Iterations of a training, and what its processes hold then."""
    log = work_dir.with_name('printed.txt')
    process = subprocess.Popen(
        [*command, '--work-dir', work_dir],
        env=dict(os.environ, OMP_NUM_THREADS='1'),
        stdout=log.open('w'),
        stderr=subprocess.STDOUT,
    )
    measured = []
    try:
        while process.poll() is None:
            measured.append((_iteration(work_dir), held_by(process.pid)))
            time.sleep(0.2)
    finally:
        process.kill()
    assert process.returncode == 0, log.read_text()[-2000:]
    return measured


def _iteration(work_dir: Path) -> int:
    """The last one that the log has."""
    lines = [
        line
        for path in work_dir.glob('*/vis_data/scalars.json')
        for line in path.read_text().splitlines(keepends=True)
        if line.endswith('\n') and '"loss"' in line
    ]
    return json.loads(lines[-1])['step'] if lines else 0


def _between(measured: list[tuple[int, Held]], first: int, last: int) -> list[Held]:
    return [held for iteration, held in measured if first <= iteration < last]
