"""Animated GLB files, as other programs read them."""

import json
import struct

import numpy as np
import pytest

from hamuco_mm.export.animation import write_animation
from hamuco_mm.hand_model import load_hand_model

RATE = 25
AXES = np.array([1, -1, -1])
FRAMES = (7, 8, 10)  # the hand was lost in frame 9


@pytest.fixture(scope='module')
def hand():
    data = load_hand_model()
    return data.v_template.astype(float), data.faces


@pytest.fixture(scope='module')
def meshes(hand):
    return {number: hand[0] + [0.1 * number, 0, 0] for number in FRAMES}


@pytest.fixture(scope='module')
def file(hand, meshes, tmp_path_factory):
    path = tmp_path_factory.mktemp('glb') / 'folder/hand.glb'
    write_animation(path, meshes, hand[1], RATE, 'a hand, metres')
    return path


def read(path):
    """The document and a function that reads an accessor, by the standard."""
    content = path.read_bytes()
    magic, version, length, size, kind = struct.unpack('<4sIII4s', content[:20])
    assert (magic, version, length, kind) == (b'glTF', 2, len(content), b'JSON')
    document = json.loads(content[20 : 20 + size])
    size_of, kind = struct.unpack('<I4s', content[20 + size : 28 + size])
    data = content[28 + size :]
    assert (
        kind == b'BIN\0'
        and size_of == len(data) == (document['buffers'][0]['byteLength'])
    )

    def array(index):
        accessor = document['accessors'][index]
        view = document['bufferViews'][accessor['bufferView']]
        dtype = {5126: '<f4', 5123: '<u2'}[accessor['componentType']]
        start = view['byteOffset']
        assert start % 4 == 0
        found = np.frombuffer(data[start : start + view['byteLength']], dtype)
        found = found.reshape(accessor['count'], -1)
        if 'min' in accessor:
            assert (found.min(0) == accessor['min']).all()
            assert (found.max(0) == accessor['max']).all()
        assert found.shape[1] == dict(SCALAR=1, VEC3=3)[accessor['type']]
        return found

    return document, array


def test_an_independent_reader_finds_each_mesh(file, hand, meshes):
    trimesh = pytest.importorskip('trimesh')
    scene = trimesh.load(file, process=False)
    assert len(scene.geometry) == len(meshes)
    for node, (number, vertices) in zip(
        sorted(scene.graph.nodes_geometry),
        (sorted(meshes.items(), key=lambda item: f'frame {item[0]}')),
    ):
        assert node == f'frame {number}'
        _, name = scene.graph[node]
        found = scene.geometry[name]
        np.testing.assert_allclose(found.vertices, vertices * AXES, atol=1e-6)
        assert np.array_equal(found.faces, hand[1])


def test_one_mesh_is_shown_at_each_time(file, meshes):
    document, array = read(file)
    (animation,) = document['animations']
    for moment, expected in ((0, 7), (1.5, 8), (2.5, None), (3.5, 10), (9, 10)):
        shown = set()
        for channel in animation['channels']:
            sampler = animation['samplers'][channel['sampler']]
            assert sampler['interpolation'] == 'STEP'
            assert channel['target']['path'] == 'scale'
            times = array(sampler['input'])[:, 0]
            assert (np.diff(times) > 0).all() and times[0] == 0
            key = np.searchsorted(times, moment / RATE + 1e-6, 'right') - 1
            size = array(sampler['output'])[key]
            assert len(set(size)) == 1
            if size[0]:
                shown.add(document['nodes'][channel['target']['node']]['name'])
        assert shown == (set() if expected is None else {f'frame {expected}'})
    # what a viewer without animations shows
    sizes = [node['scale'][0] for node in document['nodes']]
    assert sizes == [1, 0, 0]
    assert document['scenes'][0]['extras']['description'] == 'a hand, metres'


def test_normals_point_outwards(file):
    document, array = read(file)
    for mesh in document['meshes']:
        attributes = mesh['primitives'][0]['attributes']
        normals, points = array(attributes['NORMAL']), array(attributes['POSITION'])
        np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-5)
        outwards = ((points - points.mean(0)) * normals).sum(1)
        assert (outwards > 0).mean() > 0.7


def test_bad_input(hand, tmp_path):
    vertices, faces = hand
    path = tmp_path / 'hand.glb'
    with pytest.raises(ValueError, match='there are no meshes'):
        write_animation(path, {}, faces, RATE)
    with pytest.raises(ValueError, match='not finite'):
        write_animation(path, {0: vertices * np.nan}, faces, RATE)
    with pytest.raises(ValueError, match='0 frames per second'):
        write_animation(path, {0: vertices}, faces, 0)
    assert not list(tmp_path.iterdir())
