"""Ctrl-C ends a tool in words, while it starts too, and so does a full disk. Tools
import this for it."""

import errno
import sys
from multiprocessing import parent_process
from types import TracebackType

# No space, no quota, a limit on the size of a file.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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
