"""Pickles as data: only objects that were given by name, filled by their state.

A pickle is a program: loading one may import and call anything.
"""

import io
import pickle
from collections.abc import Mapping
from typing import Any

# Python's own implementation. The one in C takes memory for as many entries as the
# file says, and its instructions cannot be replaced.
_Unpickler: Any = pickle._Unpickler


class Refusal(pickle.UnpicklingError):
    """A pickle asks for a name that it may not have."""


class Stateful:
    """An object that a pickle may give a state."""

    def __setstate__(self, state: Any) -> None:
        raise NotImplementedError


class Record(Stateful):
    """An object of a pickle that keeps its state, and does nothing."""

    state: dict[str, Any] = {}

    def __setstate__(self, state: Any) -> None:
        # Not into __dict__, where an entry could stand in for a method.
        self.state = dict(state)

    def read(self, *names: str) -> list:
        """Parts of the state.

        Raises:
            ValueError: If one is missing.
        """
        missing = [name for name in names if name not in self.state]
        if missing:
            raise ValueError(f'its state lacks {", ".join(missing)}')
        return [self.state[name] for name in names]


class _DataUnpickler(_Unpickler):
    dispatch = dict(_Unpickler.dispatch)

    def __init__(
        self,
        file: io.BufferedIOBase,
        names: Mapping[tuple[str, str], Any],
        encoding: str,
    ):
        super().__init__(file, encoding=encoding)
        self._names = names

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self._names[module, name]
        except KeyError:
            raise Refusal(f'it asks for {module}.{name}') from None

    def load_build(self) -> None:
        """Give an object its state, if it is one that takes it."""
        state = self.stack.pop()
        instance = self.stack[-1]
        if not isinstance(instance, Stateful):
            kind = type(instance).__name__
            raise pickle.UnpicklingError(f'a {kind} has no state')
        instance.__setstate__(state)

    dispatch[pickle.BUILD[0]] = load_build


def load_pickled_data(
    file: io.BufferedIOBase,
    names: Mapping[tuple[str, str], Any],
    encoding: str = 'latin1',
) -> Any:
    """Read a pickle whose objects are data.

    Args:
        file (io.BufferedIOBase): Open for reading bytes.
        names (Mapping): Classes and functions by module and name. They are called
            with whatever the file says; those that are :class:`Stateful` are given
            a state.
        encoding (str): Of the text of Python 2. Defaults to latin1, which keeps
            the bytes of arrays.

    Raises:
        Refusal: If it asks for another name.
        pickle.UnpicklingError: If it is damaged.
    """
    try:
        return _DataUnpickler(file, names, encoding).load()
    except Refusal:
        raise
    except Exception as error:  # a damaged pickle raises almost anything
        raise pickle.UnpicklingError(f'not a readable pickle ({error!r})') from error
