"""What is to be said about label files, counted, so that few lines say it."""


class LabelNotes:
    """How often each thing was met, and where first."""

    def __init__(self) -> None:
        self._entries: dict[str, list] = {}

    def add(self, what: str, place: object, count: int = 1) -> None:
        """Count something.

        Args:
            what (str): Follows the count in the line.
            place (object): Where; only the first place is kept.
            count (int): Defaults to 1.
        """
        entry = self._entries.setdefault(what, [0, str(place)])
        entry[0] += count

    def lines(self) -> list[str]:
        """One line for each."""
        return [
            f'{count} {what}; the first is {place}'
            for what, (count, place) in self._entries.items()
        ]
