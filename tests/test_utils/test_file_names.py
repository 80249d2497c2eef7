"""Names of files that are made from names which other people chose."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hamuco_mm.utils.file_names import (
    check_file_name,
    check_relative_path,
    leads_out,
    safe_file_name,
)

NAMES = st.text(st.sampled_from('aA./\\_0\0\n ü'), max_size=6) | st.text(max_size=6)


@given(NAMES)
def test_a_name_stays_in_its_folder(name):
    safe = safe_file_name(name)
    folder = Path('/folder')
    assert (folder / safe).parent == folder
    assert safe not in ('', '.', '..') and not safe.startswith('.')
    assert safe_file_name(safe) == safe


@given(st.lists(NAMES))
def test_names_differ(names):
    """Also on disks that take upper and lower case for the same."""
    taken = []
    for name in names:
        taken.append(safe_file_name(name, taken))
    assert len({name.casefold() for name in taken}) == len(names)


@pytest.mark.parametrize('name', ['00000007', 'left.1', 'linke Kamera', 'Кисть-2'])
def test_harmless_names_stay(name):
    assert safe_file_name(name) == name
    check_file_name(name, 'camera')
    check_relative_path(f'take 2/{name}', 'time step')


@pytest.mark.parametrize('name', ['', '..', '.hidden', 'a/b', '/etc', 'a\\b', 'a\0'])
def test_others_are_refused(name):
    with pytest.raises(ValueError, match='camera .*cannot name a file'):
        check_file_name(name, 'camera')


@pytest.mark.parametrize('name', ['../../x', '/etc/x', 'a//b', 'a/..', ''])
def test_paths_that_lead_out_are_refused(name):
    with pytest.raises(ValueError, match='time step'):
        check_relative_path(name, 'time step')


@pytest.mark.parametrize(
    'name',
    [
        '../a.jpg',
        'a/../../b.jpg',
        '/etc/a.jpg',
        'http://example.com/a.jpg',
        's3://a/b.jpg',
        'file:a.jpg',
        'C:\\a.jpg',
        '..\\a.jpg',
        '',
    ],
)
def test_names_that_lead_out(name):
    assert leads_out(name)


@pytest.mark.parametrize('name', ['a.jpg', 'a/b..c/d.jpg', 'a/b:c.jpg', '.a/b', '...'])
def test_names_that_stay_in(name):
    assert not leads_out(name)
