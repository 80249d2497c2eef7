"""A process of a distributed run that stops answering ends the run in a stated time."""

import os
import signal
import sys
import time

import pytest
from ranks import start_ranks

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
    logs = [(tmp_path / f'printed_{rank}').open('w') for rank in range(2)]
    first, second = start_ranks(command, 2, stdout=logs)
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
