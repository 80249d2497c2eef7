import numpy as np
import pytest
from bombs import npz_that_says, packed_zeros

from hamuco_mm.structures.prediction_files import read_views
from hamuco_mm.utils.json_files import MalformedFileError
from hamuco_mm.utils.npz_files import read_npz, write_npz


def test_arrays_are_read_as_they_were_written(tmp_path):
    arrays = dict(a=np.arange(6.0).reshape(2, 3, order='F'), b=np.array('text'))
    np.savez_compressed(tmp_path / 'a.npz', **arrays)
    read = read_npz(tmp_path / 'a.npz')
    np.testing.assert_equal(read, arrays)
    assert read_npz(tmp_path / 'a.npz', ['b']).keys() == {'b'}


def test_a_file_has_what_was_given_and_nothing_else(tmp_path):
    arrays = dict(points=np.arange(6.0).reshape(2, 3), names=np.array(['a', 'b']))
    write_npz(tmp_path / 'folder/hands', arrays)
    with np.load(tmp_path / 'folder/hands.npz') as content:
        assert sorted(content) == ['names', 'points']
        np.testing.assert_array_equal(content['points'], arrays['points'])
    with pytest.raises(ValueError, match='names would be pickled'):
        write_npz(tmp_path / 'objects.npz', dict(names=np.array([None, 'b'])))
    assert not (tmp_path / 'objects.npz').exists()


def test_objects_are_refused(tmp_path):
    np.savez(tmp_path / 'a.npz', a=np.array([None]))
    with pytest.raises(MalformedFileError, match='a.npz'):
        read_npz(tmp_path / 'a.npz')


def test_shapes_beyond_the_bytes(tmp_path):
    npz_that_says(tmp_path / 'a.npz', 'a', (2**40,))
    with pytest.raises(MalformedFileError, match='a.npz.*should have 879'):
        read_npz(tmp_path / 'a.npz')
    with pytest.raises(ValueError, match='a.npz.*should have 879'):
        read_views(tmp_path / 'a.npz')


def test_what_unpacks_to_a_thousand_times_its_size(tmp_path):
    packed_zeros(tmp_path / 'a.npz', 'a', 2**26)
    assert (tmp_path / 'a.npz').stat().st_size < 2**20
    with pytest.raises(MalformedFileError, match='unpack to more than 512 MiB'):
        read_npz(tmp_path / 'a.npz')
    assert read_npz(tmp_path / 'a.npz', []) == {}
