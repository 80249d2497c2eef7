"""The table of docs/method.md: from the paper to code, config keys and tests."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

_LINK = re.compile(r'\[`([^`]+)`\]\(([^)#]+\.py)\)')
_CELLS = re.compile(r'(?<!\\)\|')


class Row(NamedTuple):
    """A row of the table.

    Attributes:
        paper: Section and part.
        code: (name, file) of what implements it.
        keys: Keys of a config, without values.
        tests: (name, file) of what tests it.
    """

    paper: str
    code: list[tuple[str, Path]]
    keys: list[str]
    tests: list[tuple[str, Path]]


def read_rows(page: Path) -> list[Row]:
    """The rows of the table whose columns are paper, form, code, key, test."""
    lines = page.read_text().splitlines()
    first = lines.index('| paper | form | code | config key | test |') + 2
    rows = []
    for line in lines[first:]:
        if not line.startswith('|'):
            return rows
        paper, _, code, keys, tests = (
            cell.strip() for cell in _CELLS.split(line)[1:-1]
        )
        keys = [span.partition('=')[0] for span in re.findall(r'`([\w.]+[^`]*)`', keys)]
        rows.append(Row(paper, _links(code, page), keys, _links(tests, page)))
    return rows


def names_defined_in(file: Path) -> set[str]:
    """Classes, functions and methods of a Python file."""
    kinds = (ast.ClassDef, ast.FunctionDef)
    tree = ast.parse(file.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def _links(cell: str, page: Path) -> list[tuple[str, Path]]:
    return [(name, page.parent / file) for name, file in _LINK.findall(cell)]
