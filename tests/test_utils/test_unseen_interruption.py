"""Processes that do not see Ctrl-C."""

import os
import signal
import threading
import time
from multiprocessing import get_context

import pytest

from hamuco_mm.utils.interruption import unseen_by_children


@pytest.mark.parametrize('method', ['fork', 'spawn'])
def test_children_go_on(method):
    process = get_context(method).Process(target=time.sleep, args=(60,))
    with unseen_by_children():
        process.start()
    os.kill(process.pid, signal.SIGINT)
    process.join(timeout=0.5)
    assert process.exitcode is None
    process.terminate()
    process.join(timeout=20)
    assert process.exitcode == -signal.SIGTERM


@pytest.fixture
def heard():
    """Jobs in the background of a shell, as tests may be, ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize('other_threads', [0, 1])
def test_it_comes_afterwards(heard, other_threads):
    """Once, and also if another thread receives it."""
    ended, reached, times = threading.Event(), False, 0
    threads = [threading.Thread(target=ended.wait) for _ in range(other_threads)]
    for thread in threads:
        thread.start()
    try:
        with unseen_by_children():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.1)
            reached = True
        time.sleep(1)
    except KeyboardInterrupt:
        times += 1
    finally:
        ended.set()
    assert reached and times == 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
