"""Programs that are recorded once for each kind of batch."""

from collections.abc import Callable, Hashable
from logging import WARNING
from typing import Generic, TypeVar

from mmengine.logging import print_log

Program = TypeVar('Program')

# More kinds than phases and sizes of batches explain mean that something changes
# all the time, and that recording never pays. Each kind keeps its memory, too.
_MAX_KINDS = 16
# How much the results of a recorded program may differ from the same op by op:
# bfloat16 has 8 bits, and a compiled program rounds in other places.
TOLERANCE = 0.05


class CannotRecordError(Exception):
    """Why a kind of batch is not recorded, for the log."""


class RecordedKinds(Generic[Program]):
    """Recorded programs by the kind of their batches.

    A kind runs op by op a few times, as PyTorch makes things at first use. Then
    it is recorded, or never: the log says which, once.

    Args:
        warm_up (int): How often a kind runs op by op first.
    """

    def __init__(self, warm_up: int) -> None:
        self._warm_up = warm_up
        self._seen: dict[Hashable, int] = {}
        self._programs: dict[Hashable, Program | None] = {}

    def is_decided(self, kind: Hashable) -> bool:
        """Whether it was tried to record this kind."""
        return kind in self._programs

    def program(self, kind: Hashable) -> Program | None:
        """What was recorded, None without any."""
        return self._programs.get(kind)

    def is_due(self, kind: Hashable) -> bool:
        """Count a batch of this kind; whether it is time to record it."""
        if self.is_decided(kind):
            return False
        self._seen[kind] = self._seen.get(kind, 0) + 1
        return self._seen[kind] > self._warm_up

    def record(
        self, kind: Hashable, what: str, make: Callable[[], Program]
    ) -> Program | None:
        """Record a kind.

        Args:
            kind (Hashable): Which one.
            what (str): The batches, for the log.
            make (Callable): Records it and tries it. Whatever it raises is why
                the kind runs op by op from now on.
        """
        program = None
        try:
            if len(self._programs) >= _MAX_KINDS:
                raise CannotRecordError(f'there are more than {_MAX_KINDS} kinds')
            program = make()
        except CannotRecordError as error:
            reason = str(error)
        except Exception as error:  # whatever a compiler or driver raises
            reason = f'{type(error).__name__}: {error}'
        self._programs[kind] = program
        if program is None:
            print_log(
                f'{what} run op by op, not as one recorded program: {reason}',
                logger='current',
                level=WARNING,
            )
        else:
            print_log(f'{what} run as one recorded program', logger='current')
        return program
