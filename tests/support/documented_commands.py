"""Commands as pages and docstrings show them.

A command counts where a reader copies it from: a ```bash block of a Markdown
page, and a line of its own in a docstring or comment.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

_BLOCK = re.compile(r'^( *)```(?:bash|shell|console)\n(.*?)^ *```', re.M | re.S)
_SOURCE_LINE = re.compile(
    r'^ *(?:# *)?((?:python|bash|mim) (?:tools/|demo/|benchmarks/|train |test |run ).*)'
)
_BRACES = re.compile(r'\{([^{}]*,[^{}]*)\}')
_SETTING = re.compile(r'^[A-Z_]+=\S*$')
_OPTIONAL = re.compile(r'^\[.*|.*\]$')  # words of "CHECKPOINT [CHECKPOINT ...]"


@dataclass(frozen=True)
class Command:
    """One command.

    Attributes:
        path: File that shows it.
        line: Number of its first line there.
        words: Words as a shell would pass them, braces expanded, without the
            environment variables in front of it.
    """

    path: Path
    line: int
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f'{self.path.name}:{self.line}: {shlex.join(self.words)}'


def commands_of(path: Path) -> list[Command]:
    """All commands of a Markdown page or a Python file."""
    text = path.read_text()
    lines = _page_lines(text) if path.suffix == '.md' else _source_lines(text)
    commands = []
    for number, line in lines:
        words = _words(line)
        if words:
            commands.append(Command(path, number, words))
    return commands


def _page_lines(text: str) -> Iterator[tuple[int, str]]:
    for block in _BLOCK.finditer(text):
        first = text.count('\n', 0, block.start(2)) + 1
        yield from _logical_lines(block[2].splitlines(), first)


def _source_lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        command = _SOURCE_LINE.match(line)
        if command and '...' not in line:
            yield number, command[1].partition(', ')[0]  # prose may follow


def _logical_lines(lines: list[str], first: int) -> Iterator[tuple[int, str]]:
    """Lines with those joined that end in a backslash."""
    parts: list[str] = []
    for number, line in enumerate(lines, first):
        parts.append(line.rstrip('\\'))
        if not line.endswith('\\'):
            yield number - len(parts) + 1, ' '.join(parts)
            parts = []


def _words(line: str) -> tuple[str, ...]:
    words = shlex.split(line.strip(), comments=True)
    if words[:1] in (['for'], ['do'], ['done'], ['cd'], ['export']):
        return ()
    while words and (_SETTING.match(words[0]) or words[0] == '$'):
        words = words[1:]
    words = [word for word in words if not _OPTIONAL.match(word)]
    return tuple(one for word in words for one in _expand_braces(word))


def _expand_braces(word: str) -> list[str]:
    """As bash does: ``cam{0,2}`` is ``cam0`` and ``cam2``."""
    parts = _BRACES.split(word)
    choices = [
        part.split(',') if index % 2 else [part] for index, part in enumerate(parts)
    ]
    return [''.join(choice) for choice in product(*choices)]
