"""A config small enough to be trained within a test."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hamuco_mm.synthesis import DatasetConfig, generate_dataset

CONFIG = """
_base_ = ['{repository}/configs/hamuco_demo.py']
data_root = '{data}'
max_epochs = {max_epochs}
loader = dict(
    num_workers=0, persistent_workers=False, batch_size=1,
    dataset=dict(dataset=dict(data_root=data_root)))
train_dataloader = loader
val_dataloader = loader
test_dataloader = loader
train_cfg = dict(max_epochs=max_epochs, val_interval=1)
default_hooks = dict(checkpoint=dict(interval=1))
"""


@pytest.fixture(scope='session')
def demo_data(tmp_path_factory) -> Path:
    """Root of a generated data set of 4 training, 2 validation and 2 test time steps."""
    root = tmp_path_factory.mktemp('demo_data')
    generate_dataset(
        DatasetConfig(
            num_train_sequences=2, num_val_sequences=1, num_test_sequences=1, frames=2
        ),
        str(root),
    )
    return root


@pytest.fixture
def write_config(repository, demo_data, tmp_path):
    """Writes a config of the demo's network on the small data set."""

    def write(name: str = 'small.py', max_epochs: int = 1) -> Path:
        path = tmp_path / name
        path.write_text(
            CONFIG.format(repository=repository, data=demo_data, max_epochs=max_epochs)
        )
        return path

    return write


@pytest.fixture
def run_command(tmp_path):
    """Runs a command outside the repository; returns what it printed."""

    def run(*command, cwd=tmp_path, status: int = 0, **environment) -> str:
        process = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(
                os.environ, PYTHON=sys.executable, OMP_NUM_THREADS='1', **environment
            ),
        )
        assert process.returncode == status, process.stdout
        return process.stdout

    return run
