"""A process of a distributed run that stops answering ends the run in a stated time."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

TIMEOUT = 10  # seconds


@pytest.mark.slow
@pytest.mark.parametrize('how', ['SIGSTOP', 'SIGKILL'])
def test_the_others_end_and_say_what_to_do(repository, write_config, tmp_path, how):
    work_dir = tmp_path / 'run'
    command = [
        *(sys.executable, repository / 'tools/train.py'),
        *(write_config(max_epochs=1000), '--work-dir', work_dir),
        *('--launcher', 'pytorch', '--no-validate'),
        *('--cfg-options', f'env_cfg.dist_cfg.timeout={TIMEOUT}'),
    ]
    port = _free_port()
    first, second = (
        _start(command, tmp_path / f'printed_{rank}', rank, port) for rank in range(2)
    )
    try:
        deadline = time.monotonic() + 300
        while not list(work_dir.glob('epoch_*.pth')):
            assert first.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)
        os.kill(second.pid, signal.Signals[how])
        # the rest is for a busy machine
        assert first.wait(timeout=TIMEOUT + 30) == 1
    finally:
        first.kill()
        second.kill()
    printed = (tmp_path / 'printed_0').read_text()
    assert 'error: another process of this run' in printed
    assert f'{TIMEOUT} seconds' in printed
    assert '--resume' in printed and 'Traceback' not in printed
    assert 'RuntimeError' in (work_dir / 'error.txt').read_text()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]


def _start(command: list, log: Path, rank: int, port: int) -> subprocess.Popen:
    return subprocess.Popen(
        command,
        env=dict(
            os.environ,
            MASTER_ADDR='127.0.0.1',
            MASTER_PORT=str(port),
            WORLD_SIZE='2',
            RANK=str(rank),
            LOCAL_RANK=str(rank),
            OMP_NUM_THREADS='1',
        ),
        stdout=log.open('w'),
        stderr=subprocess.STDOUT,
    )
