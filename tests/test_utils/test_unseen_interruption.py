"""Processes that do not see Ctrl-C."""

import os
import signal
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


def test_it_comes_afterwards():
    with pytest.raises(KeyboardInterrupt):
        with unseen_by_children():
            os.kill(os.getpid(), signal.SIGINT)
            reached = True
        time.sleep(1)
    assert reached
