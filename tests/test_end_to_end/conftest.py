"""Commands as a user types them, on data small enough for a test."""

import os
import subprocess
import sys

import pytest

# two processes of a distributed run share the machine with other tests
THREADS = dict(OMP_NUM_THREADS='1', MKL_NUM_THREADS='1')


@pytest.fixture(scope='session')
def run(repository):
    """Run a tool; its output is shown when it fails."""

    def run_tool(*command, check=True, cwd=repository, **env):
        python = [sys.executable] if str(command[0]).endswith('.py') else []
        done = subprocess.run(
            [*python, *map(str, command)],
            cwd=cwd,
            env={**os.environ, **THREADS, 'PYTHON': sys.executable, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if check and done.returncode:
            pytest.fail(
                f'{command} ended with {done.returncode}:\n{done.stdout[-6000:]}'
            )
        return done.stdout

    return run_tool


@pytest.fixture(scope='session')
def demo_data(run, repository, tmp_path_factory):
    """A generated data set: 16 + 7 time steps of 4 views."""
    root = tmp_path_factory.mktemp('data') / 'hamuco_demo'
    run(
        repository / 'tools/misc/generate_demo_data.py',
        root,
        '--num-train-sequences',
        4,
        '--num-test-sequences',
        1,
        '--num-val-sequences',
        1,
        '--frames',
        7,
        '--views',
        4,
        '--workers',
        2,
    )
    return root


@pytest.fixture(scope='session')
def demo_options(demo_data):
    """Arguments that let the demo's config run on it within seconds."""
    return [
        '--cfg-options',
        *[
            f'{split}_dataloader.dataset.dataset.data_root={demo_data}'
            for split in ('train', 'val', 'test')
        ],
        *[
            f'{split}_dataloader.{option}'
            for split in ('train', 'val', 'test')
            for option in ('batch_size=2', 'num_workers=0', 'persistent_workers=False')
        ],
        'train_cfg.max_epochs=1',
        'train_cfg.val_interval=1',
        'default_hooks.logger.interval=1',
        'default_hooks.checkpoint.interval=1',
    ]


@pytest.fixture(scope='session')
def trained(run, repository, demo_options, tmp_path_factory):
    """Work dir of one epoch of the demo's training."""
    work_dir = tmp_path_factory.mktemp('trained')
    run(
        repository / 'tools/train.py',
        repository / 'configs/hamuco_demo.py',
        '--work-dir',
        work_dir,
        *demo_options,
    )
    return work_dir
