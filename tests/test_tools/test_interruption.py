"""Ctrl-C ends a training soon, in words, with what was saved."""

import os
import signal
import subprocess
import sys
import time

import pytest

from hamuco_mm.engine.hooks.safe_checkpoint_hook import is_complete


@pytest.mark.slow
@pytest.mark.parametrize('workers', [0, 2])
def test_interrupted_training(repository, write_config, tmp_path, workers):
    config, work_dir = write_config(max_epochs=1000), tmp_path / 'run'
    options = [
        f'train_dataloader.num_workers={workers}',
        f'train_dataloader.persistent_workers={workers > 0}',
    ]
    log = tmp_path / 'printed.txt'
    process = subprocess.Popen(
        [
            *(sys.executable, repository / 'tools/train.py', config),
            *('--work-dir', work_dir, '--no-validate', '--cfg-options', *options),
        ],
        cwd=tmp_path,
        env={**os.environ, 'PYTHONPATH': str(repository)},
        stdout=log.open('w'),
        stderr=subprocess.STDOUT,
        start_new_session=True,
        # jobs in the background of a shell, as these tests may be, ignore it
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 120
    while not list(work_dir.glob('epoch_*.pth')):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    process.wait(timeout=60)
    printed = log.read_text()
    assert process.returncode == 130
    assert printed.rstrip().endswith(f'Interrupted; what was saved is in {work_dir}.')
    assert 'Traceback' not in printed
    saved = list(work_dir.glob('epoch_*.pth*'))
    assert saved and all(map(is_complete, saved))
