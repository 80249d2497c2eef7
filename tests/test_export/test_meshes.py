"""Meshes as other programs read them."""

import numpy as np
import pytest

from hamuco_mm.export.meshes import FORMATS, write_mesh
from hamuco_mm.hand_model import load_hand_model
from hamuco_mm.utils.extras import import_extra


@pytest.fixture(scope='module')
def trimesh():
    return pytest.importorskip('trimesh')


@pytest.fixture(scope='module')
def hand():
    data = load_hand_model()
    return data.v_template, data.faces


@pytest.mark.parametrize('suffix', FORMATS)
def test_round_trip(trimesh, hand, tmp_path, suffix):
    vertices, faces = hand
    path = tmp_path / 'folder' / f'hand.{suffix}'
    write_mesh(path, vertices, faces, 'a hand, metres')
    loaded = trimesh.load(path, process=False, force='mesh')
    # glTF: y up, z towards the viewer
    axes = [1, -1, -1] if suffix == 'glb' else [1, 1, 1]
    np.testing.assert_allclose(loaded.vertices, vertices * axes, atol=1e-6)
    assert np.array_equal(loaded.faces, faces)
    if suffix == 'obj':
        assert path.read_text().startswith('# a hand, metres')


def test_bad_input(trimesh, hand, tmp_path):
    vertices, faces = hand
    with pytest.raises(ValueError, match=r'hand.stl should end with one of'):
        write_mesh(tmp_path / 'hand.stl', vertices, faces)
    with pytest.raises(ValueError, match='not finite'):
        write_mesh(tmp_path / 'hand.obj', vertices * np.nan, faces)
    assert not list(tmp_path.iterdir())


def test_missing_package_names_the_extra():
    with pytest.raises(ImportError, match=r'hamuco_mm\[3d\]'):
        import_extra('no_such_package', '3d')
