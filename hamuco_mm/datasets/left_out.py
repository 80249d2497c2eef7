"""What a data set of published recordings, or of a rig, leaves out, and why."""

import logging

from mmengine.logging import print_log

from .labels.notes import LabelNotes


class LeftOutNotes:
    """Places that cannot be right, each with what was done.

    Args:
        strict (bool): Raise an error at the first. Defaults to False.
    """

    def __init__(self, strict: bool = False) -> None:
        self._strict = strict
        self._notes = LabelNotes()
        #: list: pairs of a place and a reason, in order
        self.places: list[tuple[str, str]] = []

    def add(self, place: object, reason: str) -> None:
        """Note one.

        Args:
            place (object): A path with a key, or an error that names them.
            reason (str): What is left out, and why; follows a count.

        Raises:
            ValueError: With ``strict``.
        """
        if self._strict:
            raise ValueError(f'strict=True: {place}: {reason}')
        self._notes.add(reason, place)
        self.places.append((str(place), reason))

    def lines(self) -> list[str]:
        """One line for each reason."""
        return self._notes.lines()

    def say(self, source: str) -> None:
        """One line for each reason in the log."""
        for line in self.lines():
            print_log(f'{source}: {line}', logger='current', level=logging.WARNING)
