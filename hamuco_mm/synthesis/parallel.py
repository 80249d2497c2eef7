"""Work that is shared by processes."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import active_children, get_context
from typing import TypeVar

import cv2
import torch

from hamuco_mm.utils.interruption import unseen_by_children

Item = TypeVar('Item')
Result = TypeVar('Result')


def run_all(
    task: Callable[[Item], Result], items: Sequence[Item], workers: int = 1
) -> Iterator[Result]:
    """Do a task for each item.

    Args:
        task (callable): Can be pickled if there are several workers.
        items (Sequence): Its arguments.
        workers (int): Processes; with 1 it is done in this one.

    Yields:
        What the task returns, in the order of the items.
    """
    if workers <= 1:
        yield from map(task, items)
        return
    # Forking would copy the threads' locks of torch and OpenCV.
    with ProcessPoolExecutor(
        workers, get_context('spawn'), initializer=_one_thread
    ) as pool:
        others = active_children()
        # they start with the first items
        with unseen_by_children():
            futures = [pool.submit(task, item) for item in items]
        try:
            for future in futures:
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            # an item may take minutes
            for process in active_children():
                if process not in others:
                    process.terminate()
            raise


def _one_thread() -> None:
    """Each worker has a core; threads of its own would fight for it."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
