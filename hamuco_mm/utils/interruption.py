"""Ctrl-C, which a terminal sends to a process and to all that it has started."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from threading import current_thread, main_thread


@contextmanager
def unseen_by_children() -> Iterator[None]:
    """Processes that are started here do not see Ctrl-C, so that each does not
    print a traceback: the one that starts them has to end them.

    What is pressed in the meantime comes when this is over. Without effect where
    signals cannot be held back (Windows).
    """
    if not hasattr(signal, 'pthread_sigmask'):
        yield
        return
    # a process of multiprocessing, whose start lets the signal through again
    resource_tracker.ensure_running()
    caught: list[object] = []
    # other threads, which do not hold it back, may receive it for Python's handler
    handler = signal.getsignal(signal.SIGINT)
    handles = handler is not None and current_thread() is main_thread()
    if handles:
        signal.signal(signal.SIGINT, lambda *seen: caught.append(seen))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if handles:
            signal.signal(signal.SIGINT, handler)
        if caught:
            signal.raise_signal(signal.SIGINT)
