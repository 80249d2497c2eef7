"""Every class, function, config key and test that docs/method.md names exists."""

from pathlib import Path

import pytest
from config_keys import unknown_keys
from method_table import names_defined_in, read_rows

PAGE = Path(__file__).resolve().parents[2] / 'docs/method.md'
ROWS = read_rows(PAGE)


@pytest.mark.parametrize('row', ROWS, ids=lambda row: row.paper)
def test_names_are_defined_where_the_row_says(row):
    for name, file in row.code + row.tests:
        assert name in names_defined_in(file), file


@pytest.mark.parametrize('row', ROWS, ids=lambda row: row.paper)
def test_keys_are_those_of_a_config(row):
    keys = [key for key in row.keys if '.' in key or key.endswith(('_cfg', 'hooks'))]
    assert unknown_keys(dict.fromkeys(keys, ''), None) == []


def test_what_is_implemented_is_tested():
    assert len(ROWS) > 20
    assert [row.paper for row in ROWS if row.code and not row.tests] == []
