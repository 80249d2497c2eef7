"""Ctrl-C ends a tool in words, while it starts too. Tools import this for it."""

import sys
from multiprocessing import parent_process
from types import TracebackType


def _say(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if parent_process() is not None and issubclass(kind, (ConnectionError, EOFError)):
        return  # a worker of a process that was interrupted while they spoke
    if issubclass(kind, KeyboardInterrupt):
        print('\nInterrupted; what was finished is kept.', file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _say
