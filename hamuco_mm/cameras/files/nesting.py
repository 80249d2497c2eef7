"""Files that are nested beyond what a calibration needs, before a parser sees them.

Parsers call themselves for each level: some hundred kilobytes of brackets take all
of the stack, and some of them end the process.
"""

import re
from typing import Any
from xml.parsers import expat

from ...utils.json_files import MOST_DIGITS

MAX_LEVELS = 64
_QUOTED = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'')
_BETWEEN_KEYS = re.compile(r'[,=\[\]{}\n]')


class Levels:
    """Counts levels as a file is read."""

    def __init__(self) -> None:
        self._level = 0

    def enter(self, *_: Any) -> None:
        """One level more.

        Raises:
            ValueError: If these are too many.
        """
        self._level += 1
        if self._level > MAX_LEVELS:
            raise ValueError(f'nested in more than {MAX_LEVELS} levels')

    def leave(self, *_: Any) -> None:
        """One level less."""
        self._level -= 1


def _no_doctype(*_: Any) -> None:
    raise ValueError('it has a DOCTYPE')


def check_xml(text: str) -> None:
    """See that XML is well-formed, of few levels and without entities of its own.

    Raises:
        ValueError: If it is not.
    """
    levels, parser = Levels(), expat.ParserCreate()
    parser.StartElementHandler = levels.enter
    parser.EndElementHandler = levels.leave
    parser.StartDoctypeDeclHandler = _no_doctype
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from error


def check_toml_keys(text: str) -> None:
    """See that no key of TOML has many parts, ``a.b.c``, each of which is a level.

    Raises:
        ValueError: If one has.
    """
    for part in _BETWEEN_KEYS.split(_QUOTED.sub('', text)):
        if part.count('.') > MAX_LEVELS:
            raise ValueError(f'a key has more than {MAX_LEVELS} parts')


def check_content(content: Any) -> None:
    """See that parsed content has few levels, and no whole number of many digits.

    Raises:
        ValueError: If it is not so.
    """
    level = [content]
    for _ in range(MAX_LEVELS + 1):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
            elif isinstance(value, int) and abs(value) >= 10**MOST_DIGITS:
                raise ValueError(f'a number has more than {MOST_DIGITS} digits')
        if not below:
            return
        level = below
    raise ValueError(f'nested in more than {MAX_LEVELS} levels')
