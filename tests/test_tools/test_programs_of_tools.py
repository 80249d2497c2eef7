"""What tools start ends with them."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

# A tool whose program starts another one, which says its number and goes on, as MIM
# starts a training. It hears signals that what runs the tests may ignore.
TOOL = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
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


def start(repository, **options) -> tuple[subprocess.Popen, int]:
    """The tool, and the number of what its program has started."""
    code = TOOL.format(tools=str(repository / 'tools'))
    tool = subprocess.Popen(
        [sys.executable, '-c', code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )
    return tool, int(tool.stdout.readline())


def wait_for(tool: subprocess.Popen, started: int) -> None:
    try:
        tool.communicate(timeout=30)
    finally:
        tool.kill()
    deadline = monotonic() + 30
    while is_running(started) and monotonic() < deadline:
        sleep(0.05)
    assert not is_running(started)
    assert tool.returncode != 0


def test_what_a_program_has_started_ends_with_the_tool(repository):
    tool, started = start(repository)
    assert is_running(started)
    os.kill(tool.pid, signal.SIGTERM)
    wait_for(tool, started)


@pytest.mark.parametrize('sent', [signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_signals_of_a_terminal_reach_all(repository, sent):
    """Ctrl-C, the end of a terminal, Ctrl-backslash."""
    tool, started = start(repository, start_new_session=True)
    os.killpg(tool.pid, sent)
    wait_for(tool, started)


def test_a_second_interruption_does_not_wait(repository):
    """Of a program that takes its time after the first."""
    code = TOOL.replace(
        'import os, time;',
        'import os, signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN);',
    ).replace(
        'import subprocess, sys;',
        'import signal, subprocess, sys; signal.signal(signal.SIGINT, signal.SIG_IGN);',
    )
    tool = subprocess.Popen(
        [sys.executable, '-c', code.format(tools=str(repository / 'tools'))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    started = int(tool.stdout.readline())
    os.kill(tool.pid, signal.SIGINT)
    sleep(0.5)
    assert is_running(started) and tool.poll() is None
    os.kill(tool.pid, signal.SIGINT)
    wait_for(tool, started)


def test_the_status_of_a_program_is_returned(repository):
    code = (
        f'import sys; sys.path.insert(0, {str(repository / "tools")!r})\n'
        'from _interruption import run_program\n'
        'sys.exit(run_program([sys.executable, "-c", "raise SystemExit(7)"]))'
    )
    assert subprocess.run([sys.executable, '-c', code]).returncode == 7
