"""Ctrl-C ends a tool in words, while it starts too, and so does a full disk. Tools
import this for it."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from multiprocessing import parent_process
from pathlib import Path
from threading import Timer
from types import FrameType, TracebackType

# No space, no quota, a limit on the size of a file.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# Seconds that a program that is interrupted has for saving.
_PATIENCE = 20


def _say(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if parent_process() is not None and issubclass(kind, (ConnectionError, EOFError)):
        return  # a worker of a process that was interrupted while they spoke
    if issubclass(kind, KeyboardInterrupt):
        print('\nInterrupted; what was finished is kept.', file=sys.stderr)
    elif isinstance(error, OSError) and error.errno in _NO_ROOM:
        print(f'error: {error}', file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _say


def exit_when_terminated() -> None:
    """Make SIGTERM an exception, so that what a tool has started ends with it and does
    not write beside the next call.

    In this process alone. A pool ends its workers by SIGTERM, and Python loses one that
    comes while it forks, or right before it waits for work: the worker would wait for
    ever, and the pool for it.
    """
    signal.signal(signal.SIGTERM, _exit)
    _keep_from_forks()


def _exit(number: int, frame: FrameType | None) -> None:
    while frame is not None:
        if frame.f_code in (_block.__code__, _let_through.__code__):
            # Python drops what is raised around a fork: ask again when it is over
            again = Timer(0.01, os.kill, (os.getpid(), number))
            again.daemon = True
            again.start()
            return
        frame = frame.f_back
    sys.exit(128 + number)


@cache
def _keep_from_forks() -> None:
    os.register_at_fork(
        before=_block,
        after_in_parent=_let_through,
        after_in_child=_end_by_default,
    )


def _block() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


def _let_through() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def _end_by_default() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _let_through()


def run_program(command: Sequence[str], timeout: float | None = None) -> int:
    """Run a program that ends with this one, and so does all that it starts.

    ``subprocess.run`` would kill it, and what it has started (MIM starts the tools)
    would stay.

    Args:
        command (Sequence[str]): The program and its arguments.
        timeout (float, optional): Seconds.

    Returns:
        int: Its exit status.

    Raises:
        subprocess.TimeoutExpired: If it takes longer.
    """
    with subprocess.Popen(command) as program:
        try:
            return program.wait(timeout)
        except KeyboardInterrupt:
            # Ctrl-C has reached it, too, which may save something; a second one ends it
            try:
                with suppress(subprocess.TimeoutExpired):
                    program.wait(_PATIENCE)
            finally:
                _terminate(program)
            raise
        except BaseException:
            _terminate(program)
            raise


def _terminate(program: subprocess.Popen) -> None:
    """SIGTERM for a program that runs, and for all below it."""
    if program.poll() is not None:
        return
    for process in (*_started_by(program.pid), program.pid):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)
    program.wait()


def _started_by(process: int) -> list[int]:
    """All processes below one, as Linux knows them; elsewhere none."""
    below, waiting = [], [process]
    while waiting:
        folder = Path(f'/proc/{waiting.pop()}/task')
        with suppress(OSError):
            for thread in folder.iterdir():
                started = [*map(int, (thread / 'children').read_text().split())]
                below += started
                waiting += started
    return below
