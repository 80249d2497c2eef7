"""What all tests share."""
import os
import runpy
import sys
from pathlib import Path

import pytest
import torch
from mmengine.registry import init_default_scope

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope='session', autouse=True)
def one_thread():
    """Small tensors are slower on several threads, and xdist runs in parallel."""
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def mmpose_scope():
    """As a config sets it; a test before may have run with another."""
    init_default_scope('mmpose')


@pytest.fixture(scope='session')
def repository() -> Path:
    return REPOSITORY


@pytest.fixture
def run_tool(repository, tmp_path, monkeypatch):
    """Function: name of an analysis tool, arguments. Runs in
    another directory."""
    monkeypatch.chdir(tmp_path)

    def run(name, *arguments):
        script = str(repository / 'tools' / 'analysis_tools' / f'{name}.py')
        monkeypatch.setattr(sys, 'argv', [script, *map(str, arguments)])
        runpy.run_path(script, run_name='__main__')

    return run


@pytest.fixture(scope='session')
def real_stereo_hand() -> Path:
    """Root of a real two-camera recording in HanCo's layout.

    Looked for at $HAMUCO_REAL_DATA; without it the test is skipped.
    """
    root = Path(os.environ.get('HAMUCO_REAL_DATA', ''))
    if not (root / 'calib').is_dir():
        pytest.skip('HAMUCO_REAL_DATA names no two-camera recording in '
                    "HanCo's layout")
    return root
