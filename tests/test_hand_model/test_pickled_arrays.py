import os
import pickle
import struct
import sys
import types

import numpy as np
import pytest
from hostile_pickles import DAMAGED, HOSTILE, array, dtype, pickle_of
from scipy import sparse

from hamuco_mm.hand_model import load_hand_model
from hamuco_mm.hand_model.pickled_arrays import load_pickled_arrays


@pytest.fixture
def chumpy(monkeypatch):
    """Stand-ins that pickle under the names of chumpy's classes."""

    class Ch:
        def __init__(self, **state):
            self.__dict__.update(state, _dirty_vars=set(), _itr=None)

    class Select(Ch):
        pass

    modules = {}
    for name, cls in (('chumpy.ch', Ch), ('chumpy.reordering', Select)):
        modules[name] = types.ModuleType(name)
        cls.__module__, cls.__qualname__ = name, cls.__name__
        setattr(modules[name], cls.__name__, cls)
    modules['chumpy'] = types.ModuleType('chumpy')
    with monkeypatch.context() as context:
        for name, module in modules.items():
            context.setitem(sys.modules, name, module)
        yield types.SimpleNamespace(Ch=Ch, Select=Select)


def dump(tmp_path, content, protocol=2):
    path = tmp_path / 'MANO_RIGHT.pkl'
    path.write_bytes(pickle.dumps(content, protocol=protocol))
    return str(path)


def without_chumpy(monkeypatch):
    for name in ('chumpy', 'chumpy.ch', 'chumpy.reordering'):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.parametrize('protocol', range(pickle.HIGHEST_PROTOCOL + 1))
def test_file_laid_out_as_mano(mano_arrays, tmp_path, chumpy, protocol, monkeypatch):
    rng = np.random.default_rng(0)
    shapedirs = mano_arrays['shapedirs']
    # MANO's shapedirs are some elements of a larger array.
    order = rng.permutation(2 * shapedirs.size)
    larger = np.empty(2 * shapedirs.size)
    larger[order[: shapedirs.size]] = shapedirs.ravel()
    content = dict(
        mano_arrays,
        v_template=chumpy.Ch(x=mano_arrays['v_template']),
        shapedirs=chumpy.Select(
            a=chumpy.Ch(x=larger.reshape(2, -1)),
            idxs=order[: shapedirs.size],
            preferred_shape=shapedirs.shape,
        ),
        J_regressor=sparse.csc_matrix(mano_arrays['J_regressor']),
        bs_style='lbs',
    )
    path = dump(tmp_path, content, protocol)
    without_chumpy(monkeypatch)
    data = load_hand_model(path)
    for key in ('v_template', 'shapedirs', 'J_regressor', 'posedirs'):
        np.testing.assert_array_equal(getattr(data, key), mano_arrays[key])


def test_select_without_shape(tmp_path, chumpy):
    select = chumpy.Select(a=np.arange(6.0).reshape(2, 3), idxs=[4, 0])
    arrays = load_pickled_arrays(dump(tmp_path, dict(x=select)))
    np.testing.assert_array_equal(arrays['x'], [4.0, 0.0])


@pytest.mark.parametrize('kind', ('csc_matrix', 'csr_matrix', 'coo_matrix'))
def test_sparse_matrices(tmp_path, kind):
    dense = np.random.default_rng(0).normal(size=(4, 7)).round()
    matrix = getattr(sparse, kind)(dense)
    arrays = load_pickled_arrays(dump(tmp_path, dict(x=matrix)))
    np.testing.assert_array_equal(arrays['x'], dense)


def test_sparse_matrix_out_of_bounds(tmp_path):
    matrix = sparse.csc_matrix(np.eye(3))
    matrix.indices[1] = 1_000_000
    path = dump(tmp_path, dict(x=matrix))
    with pytest.raises(ValueError, match="'x' is damaged"):
        load_pickled_arrays(path)


def test_pickle_of_python_2(tmp_path):
    values = np.array([1.5, -2.25, np.pi])
    raw = values.astype('<f8').tobytes()
    array = (
        b'cnumpy.core.multiarray\n_reconstruct\n'
        b'cnumpy\nndarray\nK\x00\x85U\x01b\x87R'
        b'(K\x01K\x03\x85cnumpy\ndtype\nU\x02f8K\x00K\x01\x87R'
        b'(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89'
        + b'U'
        + struct.pack('B', len(raw))
        + raw
        + b'tb'
    )
    path = tmp_path / 'python2.pkl'
    path.write_bytes(b'\x80\x02}U\x01x' + array + b's.')
    np.testing.assert_array_equal(load_pickled_arrays(path)['x'], values)


class Attack:
    """Unpickles by making a directory."""

    def __init__(self, path, maker=os.mkdir):
        self.path, self.maker = str(path), maker

    def __reduce__(self):
        return self.maker, (self.path,)


@pytest.mark.parametrize('protocol', range(pickle.HIGHEST_PROTOCOL + 1))
def test_code_is_refused(mano_arrays, tmp_path, protocol):
    trace = tmp_path / 'trace'
    mano_arrays['bs_style'] = Attack(trace)
    path = dump(tmp_path, mano_arrays, protocol)
    with pytest.raises(pickle.UnpicklingError) as error:
        load_hand_model(path)
    assert not trace.exists()
    assert path in str(error.value)
    assert f'{os.mkdir.__module__}.mkdir' in str(error.value)
    assert 'mano.is.tue.mpg.de' in str(error.value)
    # The attack is a real one.
    with open(path, 'rb') as file:
        pickle.load(file)
    assert trace.exists()


def test_modules_are_not_even_imported(tmp_path, monkeypatch):
    (tmp_path / 'side_effect.py').write_text('raise SystemExit')
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / 'MANO_RIGHT.pkl'
    path.write_bytes(b'cside_effect\nrun\n.')
    with pytest.raises(pickle.UnpicklingError, match='side_effect.run'):
        load_pickled_arrays(path)


@pytest.mark.parametrize(
    'name',
    (
        b'builtins\neval',
        b'builtins\ngetattr',
        b'os\nsystem',
        b'numpy\nload',
        b'numpy.core.multiarray\nfromfile',
        b'numpy\nlib.npyio.load',
        b'chumpy.ch\nChLambda',
        b'scipy.sparse._csc\nsparse.linalg',
    ),
)
def test_names_beside_the_allowed_ones(tmp_path, name):
    path = tmp_path / 'MANO_RIGHT.pkl'
    # Protocol 4 resolves dotted names; the opcode 'c' serves all protocols.
    path.write_bytes(b'\x80\x04c' + name + b'\n.')
    with pytest.raises(pickle.UnpicklingError, match='refused'):
        load_pickled_arrays(path)


RECONSTRUCT_A_DICT = (
    b'ccopy_reg\n_reconstructor\nccollections\nOrderedDict\n'
    b'c__builtin__\nobject\nN\x87R.'
)
ENCODE_BY_ANY_CODEC = (
    b'c_codecs\nencode\nX\x04\x00\x00\x00textX\x05\x00\x00\x00rot13\x86R.'
)
SET_CLASS_ATTRIBUTE = b'cchumpy.ch\nCh\nN}X\x08\x00\x00\x00to_arrayK\x01s\x86b.'


@pytest.mark.parametrize(
    'call, message',
    (
        (RECONSTRUCT_A_DICT, 'OrderedDict'),
        (ENCODE_BY_ANY_CODEC, 'rot13'),
        (SET_CLASS_ATTRIBUTE, 'not a readable pickle'),
    ),
)
def test_allowed_names_do_no_more_than_needed(tmp_path, call, message):
    path = tmp_path / 'MANO_RIGHT.pkl'
    path.write_bytes(b'\x80\x02' + call)
    with pytest.raises((pickle.UnpicklingError, ValueError), match=message):
        load_pickled_arrays(path)


def test_state_cannot_replace_methods(tmp_path, chumpy):
    leaf = chumpy.Ch(x=np.ones(2), to_array=set)
    arrays = load_pickled_arrays(dump(tmp_path, dict(x=leaf)))
    np.testing.assert_array_equal(arrays['x'], np.ones(2))


@pytest.mark.parametrize(
    'content', (b'', b'\x80\x02', b'\x00\x01\x02', b'<!DOCTYPE html>')
)
def test_damaged_file(tmp_path, content):
    path = tmp_path / 'MANO_RIGHT.pkl'
    path.write_bytes(content)
    with pytest.raises(ValueError, match='MANO_RIGHT.pkl'):
        load_pickled_arrays(path)


def test_no_dictionary(tmp_path):
    path = dump(tmp_path, [np.ones(3)])
    with pytest.raises(ValueError, match='list'):
        load_pickled_arrays(path)


def test_record_without_state(tmp_path, chumpy):
    leaf = chumpy.Ch()
    path = dump(tmp_path, dict(v_template=leaf))
    with pytest.raises(ValueError, match='v_template.*lacks x'):
        load_pickled_arrays(path)


@pytest.mark.parametrize('attack', HOSTILE)
def test_dtypes_that_lie_reach_no_numpy(tmp_path, attack):
    path = tmp_path / 'MANO_RIGHT.pkl'
    path.write_bytes(pickle_of(HOSTILE[attack]))
    try:
        assert load_pickled_arrays(str(path)) == {}
    except ValueError as error:
        assert str(path) in str(error)


@pytest.mark.parametrize('damage', DAMAGED)
def test_sizes_that_do_not_fit_the_bytes(tmp_path, damage):
    path = tmp_path / 'MANO_RIGHT.pkl'
    path.write_bytes(pickle_of(DAMAGED[damage]))
    with pytest.raises(ValueError, match='MANO_RIGHT.pkl.* bytes and shape'):
        load_pickled_arrays(str(path))


def test_numbers_as_they_were_written(tmp_path):
    path = tmp_path / 'MANO_RIGHT.pkl'
    path.write_bytes(pickle_of(array(dtype('f8', order='>'))))
    expected = np.frombuffer(b'A' * 32, '>f8')
    np.testing.assert_array_equal(load_pickled_arrays(str(path))['x'], expected)


def test_memory_is_not_what_the_file_says(tmp_path):
    """An entry of the memo beyond all, which costs 32 GB in the C unpickler."""
    path = tmp_path / 'MANO_RIGHT.pkl'
    path.write_bytes(b'\x80\x02}r\xff\xff\xff\xff.')
    assert load_pickled_arrays(str(path)) == {}


def test_a_list_of_shared_lists_does_not_grow(tmp_path):
    value = [1.0]
    for _ in range(60):
        value = [value, value]
    with pytest.raises(ValueError, match='more than'):
        load_pickled_arrays(dump(tmp_path, dict(x=value)))


@pytest.mark.parametrize('kind', ('csc_matrix', 'coo_matrix'))
def test_a_sparse_matrix_does_not_grow(tmp_path, kind):
    matrix = getattr(sparse, kind)((10**5, 10**5))
    with pytest.raises(ValueError, match="'x' is damaged .*its shape"):
        load_pickled_arrays(dump(tmp_path, dict(x=matrix)))
