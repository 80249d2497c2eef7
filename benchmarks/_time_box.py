"""A limit for the time of a run, shared out among what it measures."""

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar('Item')


class TimeBox:
    """Minutes by the clock for several measurements.

    Each gets the same share of what is left, so that one which needs less
    leaves more to the others.

    Args:
        minutes (float, optional): From now on. None is no limit.
        parts (int): How many measurements there will be.
    """

    def __init__(self, minutes: float | None, parts: int = 1) -> None:
        self._end = None if minutes is None else time.monotonic() + 60 * minutes
        self._parts_left = parts

    def share(self) -> float:
        """Seconds of the next measurement; infinite without a limit."""
        if self._end is None:
            return float('inf')
        left = max(self._end - time.monotonic(), 0)
        seconds = left / max(self._parts_left, 1)
        self._parts_left -= 1
        return seconds

    def within(self, rounds: Iterable[Item], at_least: int = 1) -> Iterator[Item]:
        """The rounds of the next measurement that fit into its share.

        Args:
            rounds (Iterable): All of them.
            at_least (int): So many in any case.
        """
        end = time.monotonic() + self.share()
        for count, item in enumerate(rounds):
            if count >= at_least and time.monotonic() >= end:
                return
            yield item
