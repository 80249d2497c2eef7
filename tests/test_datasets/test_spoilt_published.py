"""Numbers and names that published recordings cannot have leave out what they concern,
with the reason; the rest is used."""

import json
import pickle
import re
import shutil
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import yaml
from mmpose.registry import DATASETS
from published_layouts import (
    write_assemblyhands,
    write_dexycb,
    write_freihand,
    write_h2o,
    write_ho3d,
    write_interhand,
)

from hamuco_mm.utils.left_out import LeftOutFile

pytestmark = pytest.mark.slow

HUGE = '9' * 400


def write_small_dexycb(root):
    write_dexycb(root, np.eye(45))


# data set, its arguments, its writer
LAYOUTS = {
    'freihand': ('FreiHAND3DDataset', dict(with_vertices=True), write_freihand),
    'interhand': ('InterHand26MDataset', dict(hand_model=dict()), write_interhand),
    'dexycb': ('DexYCBDataset', dict(), write_small_dexycb),
    'ho3d': ('HO3DDataset', dict(), write_ho3d),
    'h2o': ('H2ODataset', dict(list_file='list.txt'), write_h2o),
    'assemblyhands': ('AssemblyHandsDataset', dict(split='val'), write_assemblyhands),
}


def in_json(path: str, *keys, value):
    """Put a value, or JSON text, at a place of a file."""

    def spoil(root: Path) -> None:
        content = json.loads((root / path).read_text())
        part = content
        for key in keys[:-1]:
            part = part[key]
        part[keys[-1]] = '@@' if isinstance(value, str) else value
        text = json.dumps(content)
        (root / path).write_text(text.replace('"@@"', str(value)))

    return spoil


def in_text(path: str, old: str, new: str, count: int = 1):
    """Replace what a pattern matches."""

    def spoil(root: Path) -> None:
        text = (root / path).read_text()
        changed = re.sub(old, new, text, count=count)
        assert changed != text
        (root / path).write_text(changed)

    return spoil


def in_yaml(path: str, *keys, value):
    def spoil(root: Path) -> None:
        content = yaml.safe_load((root / path).read_text())
        part = content
        for key in keys[:-1]:
            part = part[key]
        part[keys[-1]] = value
        (root / path).write_text(yaml.safe_dump(content))

    return spoil


def in_npz(path: str, **arrays):
    def spoil(root: Path) -> None:
        np.savez(root / path, **{**np.load(root / path), **arrays})

    return spoil


def in_pickle(path: str, **entries):
    def spoil(root: Path) -> None:
        content = pickle.loads((root / path).read_bytes())
        (root / path).write_bytes(pickle.dumps(content | entries, protocol=2))

    return spoil


def renamed(path: str, name: str):
    return lambda root: (root / path).rename(root / Path(path).with_name(name))


HAND = [[0.01 * i, 0.0, 0.5] for i in range(21)]
DATA = 'annotations/train/InterHand2.6M_train_data.json'
CAMERA = 'annotations/train/InterHand2.6M_train_camera.json'
JOINT_3D = 'annotations/train/InterHand2.6M_train_joint_3d.json'
FITS = 'annotations/train/InterHand2.6M_train_MANO_NeuralAnnot.json'
EGO = 'annotations/val/assemblyhands_val_{}_v1-1.json'.format
SEQUENCE = 'nusar-2021_action_both_9081-c11b'
DEXYCB = '20200709-weiy/20200709_141750/'
H2O = 'subject1/h1/0/cam1/'
# layout, spoiling, how many items are lost, what the list says
AT_LOADING = [
    *(
        ('freihand', in_json('training_K.json', 1, value=K), 4, 'training_K.json.*1')
        for K in (
            [[-480, 0, 115], [0, 480, 109], [0, 0, 1]],
            [[480, 0, 115], [0, 480, 109]],
            f'[[{HUGE}, 0, 115], [0, 480, 109], [0, 0, 1]]',
            [[float('nan'), 0, 115], [0, 480, 109], [0, 0, 1]],
        )
    ),
    *(
        ('freihand', in_json('training_xyz.json', 2, value=joints), 4, 'xyz.json.*2')
        for joints in (
            (1000 * np.array(HAND)).tolist(),
            (1e30 * np.array(HAND)).tolist(),
            HAND[:20],
            None,
            'text'.join('""'),
        )
    ),
    ('freihand', in_json('training_verts.json', 0, 5, value=[1e30] * 3), 0, 'verts'),
    ('interhand', in_json(CAMERA, '0', 'focal', '400001', value=[-1, 9]), 4, '400001'),
    ('interhand', in_json(CAMERA, '0', 'camrot', '400001', value=[[1] * 3] * 3), 4, ''),
    ('interhand', in_json(CAMERA, '0', 'campos', '400001', value=[1e30] * 3), 4, ''),
    ('interhand', in_json(DATA, 'annotations', 0, value=[]), 1, r'annotations.0.'),
    ('interhand', in_json(DATA, 'annotations', 0, 'image_id', value=HUGE), 1, ''),
    ('interhand', in_json(DATA, 'images', 0, 'frame_idx', value=HUGE), 1, 'frame_idx'),
    ('interhand', in_json(DATA, 'images', 0, 'id', value=None), 1, 'images.0.'),
    ('interhand', in_json(DATA, 'images', 0, 'camera', value=[1]), 1, 'camera'),
    ('interhand', in_json(DATA, 'images', 0, 'width', value=-3), 1, 'size'),
    (
        'interhand',
        in_json(DATA, 'annotations', 0, 'joint_valid', value=[1]),
        1,
        'joint_valid',
    ),
    ('interhand', in_json(JOINT_3D, '0', '0', value=3), 3, 'world_coord'),
    (
        'interhand',
        in_json(JOINT_3D, '0', '0', 'world_coord', 5, value=[1e30] * 3),
        3,
        'no right hand',
    ),
    ('interhand', in_json(FITS, '0', '0', 'right', 'pose', value=[1]), 0, 'pose'),
    ('interhand', in_json(FITS, '0', '0', 'right', 'trans', value=[1e9] * 3), 0, 'fit'),
    ('dexycb', in_yaml(DEXYCB + 'meta.yml', 'serials', value=3), 2, 'serials'),
    ('dexycb', in_yaml(DEXYCB + 'meta.yml', 'serials', 0, value=int(HUGE)), 1, ''),
    ('dexycb', in_yaml(DEXYCB + 'meta.yml', 'mano_sides', value=['x']), 2, 'mano_side'),
    ('dexycb', in_yaml(DEXYCB + 'meta.yml', 'mano_calib', value=['../x']), 2, 'name'),
    ('dexycb', in_text(DEXYCB + 'meta.yml', '.*', '[', 1), 2, 'YAML'),
    ('dexycb', in_npz(DEXYCB + 'pose.npz', pose_m=np.ones(3)), 2, 'pose_m'),
    (
        'dexycb',
        in_yaml(
            'calibration/extrinsics_20200702/extrinsics.yml',
            'extrinsics',
            '836212060125',
            value=[1e30] * 12,
        ),
        2,
        '836212060125',
    ),
    (
        'dexycb',
        in_yaml(
            'calibration/intrinsics/836212060125_640x480.yml',
            'color',
            'fx',
            value=float('nan'),
        ),
        2,
        '836212060125_640x480.yml',
    ),
    ('ho3d', in_text('evaluation.txt', 'SM1/0000', '../x'), 1, 'evaluation.txt'),
    ('ho3d', in_text('evaluation.txt', 'SM1/0000', HUGE), 1, 'evaluation.txt'),
    ('ho3d', in_json('evaluation_xyz.json', 0, 3, value=[1e30] * 3), 0, 'xyz.json'),
    ('h2o', in_text(H2O + 'cam_intrinsics.txt', r'^\S+', '-5'), 3, 'cam_intrinsics'),
    ('h2o', in_text(H2O + 'cam_intrinsics.txt', r'^\S+', HUGE), 3, 'cam_intrinsics'),
    ('h2o', in_text(H2O + 'hand_pose/000001.txt', r'\S+$', '1e30'), 1, '000001'),
    ('h2o', in_text(H2O + 'hand_pose/000001.txt', r'\S+$', 'nan'), 1, '000001'),
    ('h2o', renamed(H2O + 'hand_pose/000001.txt', '1.txt'), 1, '000001'),
    ('h2o', renamed(H2O + 'rgb/000001.png', f'{HUGE[:30]}.png'), 1, '9999'),
    ('h2o', in_text('list.txt', '.*', 'a/b', 1), 3, 'list.txt'),
    (
        'assemblyhands',
        in_json(EGO('ego_data'), 'images', 0, 'camera', value=5),
        2,
        'camera',
    ),
    (
        'assemblyhands',
        in_json(EGO('ego_data'), 'images', 0, 'frame_idx', value=HUGE),
        2,
        'frame_idx',
    ),
    (
        'assemblyhands',
        in_json(EGO('ego_data'), 'annotations', 0, 'bbox', value=3),
        2,
        'bbox',
    ),
    (
        'assemblyhands',
        in_json(
            EGO('joint_3d'),
            'annotations',
            SEQUENCE,
            '000000',
            'world_coord',
            4,
            value=[0, 0, 1e30],
        ),
        4,
        'no right hand',
    ),
    (
        'assemblyhands',
        in_json(
            EGO('ego_calib'),
            'calibration',
            SEQUENCE,
            'intrinsics',
            'HMC_21110305_mono10bit',
            value=[[0] * 3] * 3,
        ),
        3,
        'no camera',
    ),
]
# layout, spoiling of the first item, what the list says
WITH_THE_ITEM = [
    ('dexycb', in_npz(DEXYCB + '836212060125/labels_000001.npz', joint_3d=j), 'labels')
    for j in (
        np.float32(HAND)[None] * 1000,
        np.full((1, 21, 3), np.nan, 'f4'),
        np.ones((1, 20, 3)),
        np.full((1, 21, 3), 'a'),
    )
] + [
    ('ho3d', in_pickle('evaluation/SM1/meta/0000.pkl', **entry), '0000.pkl')
    for entry in (
        dict(camMat=np.zeros((3, 3))),
        dict(camMat=np.eye(4)),
        dict(handJoints3D=np.full(3, 1e30)),
        dict(handJoints3D=np.ones(5)),
        dict(handBoundingBox=[0, 0, 10**9, 5]),
        dict(handBoundingBox=[float('nan')] * 4),
    )
]
WITH_THE_ITEM += [
    ('h2o', in_text('subject1/h1/0/cam0/cam_pose/000000.txt', *change), '000000.txt')
    for change in ((r'^\S+', '1e300'), (r'^\S+', HUGE), (r'^\S+ ', ''))
]


def make(layout, root, **more):
    kind, arguments, _ = LAYOUTS[layout]
    return DATASETS.build(dict(type=kind, data_root=str(root), **arguments, **more))


@pytest.fixture(scope='module')
def whole_trees(tmp_path_factory):
    """A function: layout -> folder, written once."""

    @cache
    def write(layout):
        root = tmp_path_factory.mktemp(layout)
        LAYOUTS[layout][2](root)
        if layout == 'h2o':
            lines = [f'subject1/h1/0/cam4/rgb/{frame:06d}.png' for frame in (1, 0)]
            (root / 'list.txt').write_text('\n'.join(lines))
        return root

    return write


@pytest.fixture
def root(request, tmp_path, whole_trees):
    return shutil.copytree(whole_trees(request.param), tmp_path / 'data')


def cases(table):
    return pytest.mark.parametrize(
        'root, layout, spoil, lost, said',
        [(row[0], *row) for row in table],
        indirect=['root'],
    )


@cases(AT_LOADING)
def test_what_cannot_be_right_is_left_out(root, layout, spoil, lost, said):
    whole = make(layout, root)
    assert whole.left_out() == []
    spoil(root)
    dataset = make(layout, root)
    places = dataset.left_out()
    assert places and re.search(said, '\n'.join(place for place, _ in places))
    assert len(whole) - len(dataset) == lost
    for i in range(len(dataset)):
        dataset.get_data_info(i)
    with pytest.raises(ValueError, match='(?s)strict=True: .*' + said):
        make(layout, root, strict=True)


@cases([(layout, spoil, None, said) for layout, spoil, said in WITH_THE_ITEM])
def test_what_is_found_with_the_item(root, layout, spoil, lost, said, tmp_path):
    dataset = make(layout, root)
    spoil(root)
    listed = LeftOutFile(tmp_path / 'left_out.tsv')
    multiview = DATASETS.build(dict(type='MultiViewDataset', dataset=dataset))
    for each in (dataset, multiview):
        each.view_pipeline.left_out = listed
    first = dataset.prepare_data(0)
    assert first is None
    items = [dataset.prepare_data(i) for i in range(len(dataset))]
    # H2O has a file for the hands of both sides
    assert items.count(None) == (2 if layout == 'h2o' else 1)
    ((place, reason),) = listed.read()
    assert said in place and 'label' in reason
    with pytest.raises((ValueError, pickle.UnpicklingError), match=said):
        make(layout, root, strict=True).prepare_data(0)


@pytest.mark.parametrize('root', list(LAYOUTS), indirect=True)
def test_an_unreadable_image_is_left_out_or_stops(root, request, tmp_path):
    layout = request.node.callspec.params['root']
    pipeline = [dict(type='LoadImage')]
    dataset = make(layout, root, pipeline=pipeline)
    path = Path(dataset.get_data_info(0)['img_path'])
    assert dataset.prepare_data(0) is not None
    path.write_bytes(path.read_bytes()[:10])
    listed = LeftOutFile(tmp_path / 'left_out.tsv')
    dataset.view_pipeline.left_out = listed
    assert dataset.prepare_data(0) is None
    assert [place for place, _ in listed.read()] == [str(path)]
    strict = make(layout, root, pipeline=pipeline, strict=True)
    for one in (
        strict,
        DATASETS.build(dict(type='MultiViewDataset', dataset=strict)),
    ):
        with pytest.raises(OSError, match=re.escape(str(path))):
            one.prepare_data(0)
