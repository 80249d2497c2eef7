"""What tools start ends with them."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

# A tool whose program starts another one, which says its number and goes on, as MIM
# starts a training.
TOOL = """
import sys
sys.path.insert(0, {tools!r})
from _interruption import exit_when_terminated, run_program
exit_when_terminated()
started = 'import os, time; print(os.getpid(), flush=True); time.sleep(60)'
program = f'import subprocess, sys; subprocess.run([sys.executable, "-c", {{started!r}}])'
sys.exit(run_program([sys.executable, '-c', program]))
"""


def is_running(process: int) -> bool:
    try:
        state = Path(f'/proc/{process}/stat').read_text().rpartition(')')[2].split()[0]
    except OSError:
        return False
    return state != 'Z'


@pytest.mark.parametrize('sent', [signal.SIGTERM, signal.SIGINT])
def test_what_a_program_has_started_ends_with_the_tool(repository, sent):
    code = TOOL.format(tools=str(repository / 'tools'))
    with subprocess.Popen(
        [sys.executable, '-c', code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as tool:
        started = int(tool.stdout.readline())
        assert is_running(started)
        os.kill(tool.pid, sent)
        tool.wait(30)
    deadline = monotonic() + 30
    while is_running(started) and monotonic() < deadline:
        sleep(0.05)
    assert not is_running(started)
    assert tool.returncode != 0


def test_the_status_of_a_program_is_returned(repository):
    code = (
        f'import sys; sys.path.insert(0, {str(repository / "tools")!r})\n'
        'from _interruption import run_program\n'
        'sys.exit(run_program([sys.executable, "-c", "raise SystemExit(7)"]))'
    )
    assert subprocess.run([sys.executable, '-c', code]).returncode == 7
