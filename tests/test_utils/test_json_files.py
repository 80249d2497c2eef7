"""JSON files, read and checked."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from hamuco_mm.utils.json_files import (
    MalformedFileError,
    as_array,
    read_array,
    read_json,
    take,
)

TREES = st.recursive(
    st.integers(),
    lambda inner: st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(TREES, st.lists(st.text(max_size=3), max_size=4))
def test_keys_are_followed(content, keys):
    """To what is there, or to an error that names the first key that is not."""
    expected = content
    for depth, key in enumerate(keys):
        if not isinstance(expected, dict) or key not in expected:
            with pytest.raises(MalformedFileError) as raised:
                take(content, keys, 'a.json')
            where = ' > '.join(keys[:depth]) or 'the file'
            assert str(raised.value) == f'a.json: {where} has no key {key!r}'
            return
        expected = expected[key]
    assert take(content, keys, 'a.json') is expected


@given(
    arrays(np.int64, array_shapes(max_dims=3), elements=st.integers(-9, 9)), st.data()
)
def test_arrays_have_the_wanted_shape(array, data):
    """-1 stands for any number."""
    shape = [data.draw(st.sampled_from([-1, n])) for n in array.shape]
    for wanted in (shape, None):
        found = as_array(array.tolist(), wanted, 'a.json', 'xyz')
        assert found.dtype == np.float32 and (found == array).all()
    axis = data.draw(st.integers(0, array.ndim - 1))
    shape[axis] = array.shape[axis] + 1
    for wrong in (shape, [*array.shape, 1], array.shape[1:]):
        with pytest.raises(MalformedFileError, match='a.json: xyz should have shape'):
            as_array(array.tolist(), wrong, 'a.json', 'xyz')


@pytest.mark.parametrize('value', [[[1, 2], [3]], ['a'], dict(a=1)])
def test_what_is_no_array(value):
    with pytest.raises(MalformedFileError, match='xyz is not an array of numbers'):
        as_array(value, None, 'a.json', 'xyz')


def test_files(tmp_path):
    path = tmp_path / 'a.json'
    path.write_text(json.dumps([[1, 2], [3, 4]]))
    assert read_json(path) == [[1, 2], [3, 4]]
    assert read_array(str(path), (2,)).tolist() == [[1, 2], [3, 4]]
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / 'none.json')
    for content in (b'{', b'\xff\xfe\x00', b'[' * 100_000):
        path.write_bytes(content)
        with pytest.raises(MalformedFileError, match='a.json: not readable as JSON'):
            read_json(path)
    with pytest.raises(MalformedFileError, match='not readable as JSON'):
        read_json(tmp_path)


@pytest.mark.parametrize('unique_keys', [False, True])
@pytest.mark.parametrize(
    'text',
    ['[' * 100_000, '{"a":' * 100_000, f'[1{"0" * 400}]', f'-1{"0" * 5000}'],
)
def test_what_asks_for_much_is_named(text, unique_keys, tmp_path):
    (tmp_path / 'a.json').write_text(text)
    with pytest.raises(MalformedFileError, match='a.json'):
        read_json(tmp_path / 'a.json', unique_keys)


def test_digits_that_are_no_whole_number(tmp_path):
    text = f'["{"1" * 100}", 0.{"3" * 100}, {10**39}]'
    (tmp_path / 'a.json').write_text(text)
    assert read_json(tmp_path / 'a.json') == ['1' * 100, 1 / 3, 10**39]
