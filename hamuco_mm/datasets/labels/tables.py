"""Tables of text, as spreadsheets and programs write them."""

import csv
from pathlib import Path

import numpy as np

from ...utils.files import decode_text
from ...utils.json_files import MalformedFileError

_MISSING = {'', 'nan', 'na', 'n/a', 'null', 'none'}


class TextTable:
    """The cells of a CSV file.

    Semicolons and tabs are taken for commas, and decimal commas for points
    where commas do not separate. Byte order marks and ``sep=;`` are known.

    Args:
        path (Path): The file.

    Attributes:
        rows (list[list[str]]): Cells without white space around them, blank
            lines left out.

    Raises:
        MalformedFileError: If it is no text.
    """

    def __init__(self, path: Path):
        self.path = path
        try:
            lines = decode_text(path.read_bytes()).splitlines()
            if lines and lines[0].lower().startswith('sep='):
                lines = lines[1:]
            head = lines[0] if lines else ''
            self.delimiter = next((d for d in ';\t' if d in head), ',')
            rows = list(
                csv.reader(lines, delimiter=self.delimiter, skipinitialspace=True)
            )
        except (OSError, UnicodeError, csv.Error) as error:
            raise MalformedFileError(path, f'not readable as CSV ({error})') from error
        self.rows = [
            [cell.strip() for cell in row] for row in rows if row[1:] or any(row)
        ]

    def number(self, cell: str) -> float:
        """The number in a cell, NaN where there is none.

        Raises:
            MalformedFileError: If it has something else.
        """
        if cell.lower() in _MISSING:
            return np.nan
        if self.delimiter != ',':
            cell = cell.replace(',', '.')
        try:
            return float(cell)
        except ValueError as error:
            raise MalformedFileError(
                self.path, f'has something else than numbers ({error})'
            ) from error
