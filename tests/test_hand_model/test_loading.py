import pickle

import numpy as np
import pytest

from hamuco_mm.hand_model import load_hand_model, mirror


def save(tmp_path, arrays, extension='npz'):
    path = tmp_path / f'hand.{extension}'
    if extension == 'npz':
        np.savez(path, **arrays)
    else:
        path.write_bytes(pickle.dumps(arrays))
    return str(path)


@pytest.mark.parametrize('extension', ('npz', 'pkl'))
def test_arrays_arrive(mano_arrays, tmp_path, extension):
    data = load_hand_model(save(tmp_path, mano_arrays, extension))
    for key in (
        'v_template',
        'weights',
        'shapedirs',
        'posedirs',
        'J_regressor',
        'hands_mean',
        'hands_components',
    ):
        np.testing.assert_array_equal(getattr(data, key), mano_arrays[key])
    np.testing.assert_array_equal(data.faces, mano_arrays['f'])
    assert data.parents.tolist() == [
        -1,
        0,
        1,
        2,
        0,
        4,
        5,
        0,
        7,
        8,
        0,
        10,
        11,
        0,
        13,
        14,
    ]
    assert data.fingertips is None
    assert data.name == 'hand'


def test_side_is_seen_from_the_geometry():
    right = load_hand_model()
    assert right.side == 'right'
    assert mirror(right).side == 'left'


@pytest.mark.parametrize('path', ('nowhere/MANO_RIGHT.pkl', '.'))
def test_missing_file(path):
    with pytest.raises(FileNotFoundError) as error:
        load_hand_model(path)
    assert path in str(error.value)
    assert 'mano.is.tue.mpg.de' in str(error.value)
    assert 'hand_model=dict(path=' in str(error.value)


def test_unknown_extension(tmp_path):
    path = tmp_path / 'MANO_RIGHT.zip'
    path.touch()
    with pytest.raises(ValueError, match='MANO_RIGHT.zip'):
        load_hand_model(str(path))


@pytest.mark.parametrize(
    'key',
    (
        'v_template',
        'f',
        'weights',
        'shapedirs',
        'posedirs',
        'J_regressor',
        'kintree_table',
        'hands_mean',
    ),
)
def test_missing_or_misshapen_key(mano_arrays, tmp_path, key):
    value = mano_arrays.pop(key)
    path = save(tmp_path, mano_arrays)
    with pytest.raises(ValueError, match=key) as error:
        load_hand_model(path)
    assert path in str(error.value)
    path = save(tmp_path, {**mano_arrays, key: value[..., :-1]})
    with pytest.raises(ValueError, match=key) as error:
        load_hand_model(path)
    assert path in str(error.value)


@pytest.mark.parametrize('extension', ('npz', 'pkl'))
def test_pose_directions_are_optional(mano_arrays, tmp_path, extension):
    components = mano_arrays.pop('hands_components')
    data = load_hand_model(save(tmp_path, mano_arrays, extension))
    np.testing.assert_array_equal(data.hands_components, np.eye(45))
    mano_arrays['hands_components'] = components[:6]
    with pytest.raises(ValueError, match='hands_components'):
        load_hand_model(save(tmp_path, mano_arrays, extension))


@pytest.mark.parametrize(
    'key, index, value',
    (
        ('v_template', (3, 1), np.nan),
        ('f', (0, 0), 778),
        ('kintree_table', (0, 5), 2),
        ('tip_ids', 0, -1),
    ),
)
def test_impossible_values(mano_arrays, tmp_path, key, index, value):
    mano_arrays['tip_ids'] = np.arange(5)
    dtype = float if key == 'v_template' else int
    mano_arrays[key] = mano_arrays[key].astype(dtype)
    mano_arrays[key][index] = value
    path = save(tmp_path, mano_arrays)
    with pytest.raises(ValueError, match=key) as error:
        load_hand_model(path)
    assert path in str(error.value)


def test_npz_with_objects_is_refused(mano_arrays, tmp_path):
    mano_arrays['v_template'] = np.array([print], dtype=object)
    path = save(tmp_path, mano_arrays)
    with pytest.raises(ValueError, match='hand.npz'):
        load_hand_model(path)


def test_npz_that_is_none(tmp_path):
    path = tmp_path / 'hand.npz'
    path.write_bytes(b'not a zip')
    with pytest.raises(ValueError, match='hand.npz'):
        load_hand_model(str(path))


def test_arrays_as_in_manos_files_load_again(tmp_path):
    hand = load_hand_model()
    path = tmp_path / 'copy.npz'
    np.savez(path, **hand.mano_arrays())
    copy = load_hand_model(str(path))
    for name in (
        'v_template',
        'faces',
        'weights',
        'shapedirs',
        'posedirs',
        'J_regressor',
        'parents',
        'hands_mean',
        'hands_components',
    ):
        np.testing.assert_array_equal(getattr(copy, name), getattr(hand, name))
    assert copy.fingertips is None
