"""Images in LMDB databases in place of folders."""

import os
import runpy
import shutil
import sys
from multiprocessing import get_context
from pathlib import Path

import cv2
import mmengine.fileio as fileio
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mmpose.registry import DATASETS, TRANSFORMS
from torch.utils.data import DataLoader

from hamuco_mm.datasets.build import open_dataset
from hamuco_mm.datasets.hanco.layout import DEFAULT_PREFIX, HanCoLayout
from hamuco_mm.datasets.storage import (
    LmdbImages,
    find_image_folders,
    pack_folder,
    packing,
    read_file,
)
from hamuco_mm.datasets.storage.lmdb_images import forget_images, open_images
from hamuco_mm.datasets.view_pipeline import is_readable

lmdb = pytest.importorskip('lmdb')
BACKEND_ARGS = dict(backend='folder_lmdb')


@pytest.fixture(autouse=True)
def no_databases_left_open():
    yield
    forget_images()


@pytest.fixture
def tree(make_tree):
    """Two sequences, 12 cameras (so names differ in length), noisy images."""
    tree = make_tree(sequences={0: 2, 3: 1}, num_cameras=12)
    for number, file in enumerate(sorted(tree.root.glob('rgb/*/*/*'))):
        noise = np.random.default_rng(number).integers(0, 255, (200, 224, 3), np.uint8)
        assert cv2.imwrite(str(file), noise)
    return tree


@pytest.fixture
def lmdb_pipeline(pipeline):
    return [dict(type='LoadImage', backend_args=BACKEND_ARGS), *pipeline[1:]]


def build(tree, pipeline=(), **kwargs):
    return DATASETS.build(
        dict(
            type='HanCoDataset',
            data_root=str(tree.root),
            pipeline=list(pipeline),
            index_workers=1,
            **kwargs,
        )
    )


def contents(root: Path) -> dict:
    return {
        str(file.relative_to(root)): file.read_bytes()
        for file in root.rglob('*')
        if file.is_file()
    }


def layout_of(tree) -> HanCoLayout:
    return HanCoLayout(str(tree.root), DEFAULT_PREFIX)


def test_database_holds_the_files(tree, monkeypatch):
    # many writes, with a map that is too small for the first of them
    monkeypatch.setattr(packing, 'CHUNK_BYTES', 200_000)
    monkeypatch.setattr(packing, 'MAP_BYTES', 65_536)
    files = contents(tree.root / 'rgb')
    counts = []
    assert pack_folder(tree.root / 'rgb', advance=counts.append) == len(files)
    assert sum(counts) == len(files) and len(counts) > 3
    assert os.listdir(tree.root / 'rgb.lmdb') == ['data.mdb']
    images = LmdbImages(tree.root / 'rgb.lmdb')
    assert len(images) == len(files) == 36
    assert {name: images.get(name) for name in files} == files
    assert '0000/cam11/00000001.jpg' in images
    assert '0000/cam11' not in images
    for folder in ('', '0000', '0003', '0000/cam1', 'none', '000'):
        path = tree.root / 'rgb' / folder
        there = os.listdir(path) if path.is_dir() else []
        assert sorted(images.names(folder)) == sorted(there), folder
    images.close()


folder_names = st.lists(st.sampled_from(['0', 'a', 'cam10', 'cam9']), max_size=3)
file_names = st.sampled_from(['00.jpg', '01.jpg', '1.jpg', 'x'])


@settings(max_examples=15, deadline=None)
@given(
    paths=st.sets(
        st.builds(
            lambda folders, name: '/'.join((*folders, name)), folder_names, file_names
        ),
        min_size=1,
        max_size=12,
    ),
    readahead=st.sampled_from([None, False, True]),
    random=st.randoms(use_true_random=False),
)
def test_any_order_of_reading_gives_the_files(
    tmp_path_factory, paths, readahead, random
):
    folder = tmp_path_factory.mktemp('packed') / 'images'
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        # small ones, and ones that have pages of their own
        (folder / path).write_bytes(path.encode() * random.choice([1, 2000]))
    files = contents(folder)
    assert pack_folder(folder) == len(files)
    shutil.rmtree(folder)
    backend_args = dict(BACKEND_ARGS, readahead=readahead)
    order = [*files, *files]
    random.shuffle(order)
    for name in order:
        assert fileio.get(str(folder / name), backend_args) == files[name]
    forget_images()


def test_views_of_a_time_step_stand_next_to_each_other(tree):
    pack_folder(tree.root / 'rgb')
    path = str(tree.root / 'rgb.lmdb')
    with (
        lmdb.open(path, readonly=True, lock=False) as database,
        database.begin(buffers=True) as transaction,
    ):
        places = {
            bytes(key).decode(): np.frombuffer(content, np.uint8).ctypes.data
            for key, content in transaction.cursor()
        }
    steps = [path.split('/')[::2] for path in sorted(places, key=places.get)]
    assert steps == sorted(steps) and len(steps) == 36


def test_transforms_that_read_ahead_differently_are_refused(tree, lmdb_pipeline):
    pack_folder(tree.root / 'rgb')
    path = str(tree.image_path(0, 0, 0))

    def read(**kwargs):
        return fileio.get(path, dict(BACKEND_ARGS, **kwargs))

    # none of the first two asks for anything: the third may
    assert read() == read_file(path) == read(readahead=True) == read()
    with pytest.raises(ValueError, match='rgb.lmdb.*readahead=True.*backend_args'):
        read(readahead=False)
    assert read(readahead=True) == read()


def test_layout_is_the_same_without_the_folder(tree, age):
    pack_folder(tree.root / 'rgb')
    age(tree)
    on_disk = layout_of(tree)
    before = on_disk.fingerprint()
    shutil.rmtree(tree.root / 'rgb')
    packed = layout_of(tree)
    assert packed.sequences() == on_disk.sequences() == ['0000', '0003']
    assert packed.cameras('0003') == list(range(12))
    assert packed.frames('img', '0000', 11) == {'00000000', '00000001'}
    with packed.open_image('0000', 1, '00000000') as file:
        assert file.read(2) == b'\xff\xd8'
    stamp = packed.fingerprint()
    assert stamp != before and stamp == layout_of(tree).fingerprint()
    os.utime(tree.root / 'rgb.lmdb' / 'data.mdb', (1, 1))
    assert packed.fingerprint() != stamp


def test_items_are_equal(tree, pipeline, lmdb_pipeline):
    from_files = build(tree, pipeline)
    expected = [from_files[i] for i in range(len(from_files))]
    infos = [from_files.get_data_info(i) for i in range(len(from_files))]
    pack_folder(tree.root / 'rgb')
    shutil.rmtree(tree.root / 'rgb')
    from_lmdb = build(tree, lmdb_pipeline)
    assert len(from_lmdb) == len(expected) == 36
    for index, item in enumerate(expected):
        found = from_lmdb[index]
        assert (found['inputs'] == item['inputs']).all()
        info = from_lmdb.get_data_info(index)
        assert info.keys() == infos[index].keys()
        assert info['img_path'] == infos[index]['img_path']
        np.testing.assert_array_equal(info['image_size'], (224, 200))
        np.testing.assert_array_equal(info['bbox'], infos[index]['bbox'])
    # a second start takes the index that is there
    built_at = os.stat(from_lmdb.data_list.columns.directory).st_mtime_ns
    again = build(tree, lmdb_pipeline)
    assert os.stat(again.data_list.columns.directory).st_mtime_ns == built_at


def test_workers_read_what_the_parent_has_open(tree, lmdb_pipeline):
    pack_folder(tree.root / 'rgb')
    shutil.rmtree(tree.root / 'rgb')
    dataset = build(tree, lmdb_pipeline)
    expected = [dataset[i]['inputs'] for i in range(len(dataset))]
    loader = DataLoader(
        dataset, batch_size=None, num_workers=2, multiprocessing_context='fork'
    )
    count = 0
    for found, image in zip(loader, expected):
        assert (found['inputs'] == image).all()
        count += 1
    assert count == 36
    # and the parent still does
    assert (dataset[0]['inputs'] == expected[0]).all()


def test_forked_process_opens_for_itself(tree):
    pack_folder(tree.root / 'rgb')
    path = os.path.realpath(tree.root / 'rgb.lmdb')
    images = open_images(path)
    with get_context('fork').Pool(1) as pool:
        pid, length = pool.apply(_opened_by, (path,))
    assert pid != os.getpid() and length == len(images) == 36
    assert open_images(path) is images


def _opened_by(path):
    images = open_images(path)
    return images.pid, len(images)


def test_cached_loader(tree, lmdb_pipeline):
    pack_folder(tree.root / 'rgb')
    loader = dict(lmdb_pipeline[0], type='LoadImageCached')
    expected = cv2.imread(str(tree.image_path(0, 1, 2)))
    path = str(tree.image_path(0, 1, 2))
    shutil.rmtree(tree.root / 'rgb')
    load = TRANSFORMS.build(loader)
    for _ in range(2):
        assert (load(dict(img_path=path))['img'] == expected).all()


def test_backend_reads_what_is_in_no_database_from_disk(tree, make_tree):
    other = make_tree('other')
    pack_folder(tree.root / 'rgb')
    packed = tree.image_path(3, 0, 4)
    content = packed.read_bytes()
    packed.write_bytes(b'changed')  # the database comes first
    assert fileio.get(str(packed), backend_args=BACKEND_ARGS) == content
    loose = other.image_path(0, 1, 2)
    for path in (loose, tree.label_path(0, 0, 0)):
        assert fileio.get(str(path), backend_args=BACKEND_ARGS) == path.read_bytes()
        assert fileio.isfile(str(path), backend_args=BACKEND_ARGS)
        assert (
            fileio.get_text(str(tree.label_path(0, 0, 0)), backend_args=BACKEND_ARGS)
            == tree.label_path(0, 0, 0).read_text()
        )
    # a database made while the process runs is seen
    content = loose.read_bytes()
    pack_folder(other.root / 'rgb')
    shutil.rmtree(other.root / 'rgb')
    assert fileio.get(str(loose), backend_args=BACKEND_ARGS) == content
    # and so is one that takes the place of another
    loose.parent.mkdir(parents=True)
    loose.write_bytes(b'new')
    pack_folder(other.root / 'rgb', overwrite=True)
    assert fileio.get(str(loose), backend_args=BACKEND_ARGS) == b'new'


def test_nearest_folder_counts_and_relative_paths_work(tmp_path, monkeypatch):
    for number, folder in enumerate(('a', 'a/b/c')):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / 'x.txt').write_text(str(number))
        pack_folder(tmp_path / folder)
    monkeypatch.chdir(tmp_path / 'a')
    read = dict(backend_args=BACKEND_ARGS)
    assert fileio.get('b/c/x.txt', **read) == b'1'
    assert fileio.get('x.txt', **read) == b'0'
    assert fileio.get('../a/b/../x.txt', **read) == b'0'


def test_missing_key(tree):
    pack_folder(tree.root / 'rgb')
    path = str(tree.root / 'rgb/0000/cam99/00000000.jpg')
    with pytest.raises(FileNotFoundError) as error:
        fileio.get(path, backend_args=BACKEND_ARGS)
    assert str(tree.root / 'rgb.lmdb') in str(error.value)
    assert '0000/cam99/00000000.jpg' in str(error.value)
    assert not fileio.isfile(path, backend_args=BACKEND_ARGS)
    assert not is_readable(path)


def test_view_that_is_corrupt_in_the_database(tree, lmdb_pipeline):
    broken = tree.image_path(0, 1, 2)
    broken.write_bytes(broken.read_bytes()[:3000])
    pack_folder(tree.root / 'rgb')
    shutil.rmtree(tree.root / 'rgb')
    assert not is_readable(str(broken))
    assert is_readable(str(tree.image_path(0, 1, 3)))
    dataset = DATASETS.build(
        dict(
            type='MultiViewDataset',
            dataset=dict(
                type='HanCoDataset',
                data_root=str(tree.root),
                pipeline=lmdb_pipeline,
                test_mode=True,
            ),
        )
    )
    assert [len(dataset[i]['inputs']) for i in range(3)] == [12, 11, 12]


def test_pipeline_without_backend_is_refused(tree, pipeline, lmdb_pipeline):
    pack_folder(tree.root / 'rgb')
    build(tree, pipeline)  # the folder is there
    shutil.rmtree(tree.root / 'rgb')
    remedy = r"dict\(type='{}', backend_args=dict\(backend='folder_lmdb'\)"
    with pytest.raises(ValueError, match=remedy.format('LoadImage')):
        build(tree, pipeline)
    draw = dict(type='RandomImageFolder', folders=['rgb_merged'])
    with pytest.raises(ValueError, match=remedy.format('RandomImageFolder')):
        build(tree, [draw, *lmdb_pipeline])
    nested = dict(type='RandomApply', transforms=[dict(type='LoadImage')])
    with pytest.raises(ValueError, match=remedy.format('LoadImage')):
        build(tree, [nested])
    build(tree, [dict(draw, backend_args=BACKEND_ARGS), *lmdb_pipeline])


def test_random_image_folder(make_tree, lmdb_pipeline, pipeline):
    tree = make_tree(num_cameras=2)
    shutil.copytree(tree.root / 'rgb', tree.root / 'rgb_merged')
    name = '0000/cam0/00000000.jpg'
    bright = np.full((200, 224, 3), 255, np.uint8)
    assert cv2.imwrite(str(tree.root / 'rgb_merged' / name), bright)
    (tree.root / 'rgb_merged/0000/cam1/00000000.jpg').unlink()
    for folder in ('rgb', 'rgb_merged'):
        pack_folder(tree.root / folder)
    shutil.rmtree(tree.root / 'rgb_merged')
    # variants in a database, the data set's own images in a folder
    draw = dict(type='RandomImageFolder', folders=['rgb_merged'])
    with pytest.raises(ValueError, match='rgb_merged.lmdb'):
        build(tree, [draw, *pipeline])
    shutil.rmtree(tree.root / 'rgb')
    draw['backend_args'] = BACKEND_ARGS
    dataset = build(tree, [draw, lmdb_pipeline[0]])
    items = {
        (item['frame_id'], item['camera_id']): item['img'].mean()
        for item in (dataset[i] for i in range(len(dataset)))
    }
    assert items['0000/00000000', 0] > 250
    # not in the folder that was drawn: from where it is
    assert abs(items['0000/00000000', 1] - tree.level(0, 0, 1)) < 2


@pytest.mark.parametrize('folder', ['rgb', 'rgb_merged'])
def test_folder_that_has_changed_since_it_was_packed(
    tree, pipeline, lmdb_pipeline, logged, folder
):
    """The images of the database would be trained on, without a word."""
    shutil.copytree(tree.root / 'rgb', tree.root / 'rgb_merged')
    for name in ('rgb', 'rgb_merged'):
        pack_folder(tree.root / name)
    draw = dict(type='RandomImageFolder', folders=['rgb_merged'])
    packed = [dict(draw, backend_args=BACKEND_ARGS), *lmdb_pipeline]

    def said(steps):
        logged.clear()
        build(tree, steps)
        return [line for line in logged if 'since it was packed' in line]

    assert said(packed) == []
    # extracted again, with another exposure
    for path in (tree.root / folder).rglob('*.jpg'):
        assert cv2.imwrite(str(path), np.full((200, 224, 3), 90, np.uint8))
    (line,) = said(packed)
    assert f'{folder}/0000/cam0/00000000.jpg' in line and '--overwrite' in line
    assert said([draw, *pipeline]) == []  # the folders are read
    pack_folder(tree.root / folder, overwrite=True)
    assert said(packed) == []


def test_open_dataset_and_reading_to_look_at(tree):
    path = tree.image_path(0, 0, 0)
    content = path.read_bytes()
    assert read_file(path) == content
    pack_folder(tree.root / 'rgb')
    shutil.rmtree(tree.root / 'rgb')
    assert len(open_dataset(str(tree.root))) == 3
    assert read_file(path) == content


@pytest.mark.parametrize('error', [KeyboardInterrupt, OSError('no space')])
def test_interrupted_packing_leaves_nothing(tree, monkeypatch, error):
    monkeypatch.setattr(packing, 'CHUNK_BYTES', 200_000)
    before = sorted(os.listdir(tree.root))

    def stop(count):
        assert (tree.root / 'rgb.lmdb.part').is_dir()
        assert not (tree.root / 'rgb.lmdb').exists()
        raise error

    with pytest.raises((KeyboardInterrupt, OSError)):
        pack_folder(tree.root / 'rgb', advance=stop)
    assert sorted(os.listdir(tree.root)) == before
    # killed rather than interrupted: what is left is in nobody's way
    (tree.root / 'rgb.lmdb.part').mkdir()
    (tree.root / 'rgb.lmdb.part' / 'data.mdb').write_bytes(b'half')
    assert find_image_folders(tree.root) == ['rgb']
    assert pack_folder(tree.root / 'rgb') == 36
    # with a database there, it stays until the new one is complete
    with pytest.raises((KeyboardInterrupt, OSError)):
        pack_folder(
            tree.root / 'rgb',
            overwrite=True,
            advance=lambda count: (_ for _ in ()).throw(error),
        )
    images = LmdbImages(tree.root / 'rgb.lmdb')
    assert len(images) == 36
    images.close()


def test_folder_that_changes_while_it_is_packed(tree):
    new = tree.root / 'rgb/0000/cam0/00000007.jpg'
    with pytest.raises(ValueError, match='do not change it'):
        pack_folder(tree.root / 'rgb', advance=lambda count: new.write_bytes(b'late'))
    assert not (tree.root / 'rgb.lmdb').exists()


@pytest.mark.parametrize('damage', ['cut', 'empty', 'other'])
def test_damaged_database(tree, lmdb_pipeline, damage):
    pack_folder(tree.root / 'rgb')
    shutil.rmtree(tree.root / 'rgb')
    file = tree.root / 'rgb.lmdb/data.mdb'
    if damage == 'cut':  # reading it would end the process
        os.truncate(file, file.stat().st_size - 10_000)
    else:
        file.write_bytes(b'' if damage == 'empty' else b'no database' * 999)
    with pytest.raises(ValueError, match='rgb.lmdb'):
        build(tree, lmdb_pipeline)


def test_path_too_long(tmp_path):
    deep = tmp_path / 'rgb' / '/'.join(['x' * 200] * 3)
    deep.mkdir(parents=True)
    (deep / '0.jpg').write_bytes(b'0')
    with pytest.raises(ValueError, match='511 bytes'):
        pack_folder(tmp_path / 'rgb')
    assert os.listdir(tmp_path) == ['rgb']


def test_without_lmdb(tree, lmdb_pipeline, pipeline, monkeypatch):
    pack_folder(tree.root / 'rgb')
    monkeypatch.setitem(sys.modules, 'lmdb', None)
    build(tree, pipeline)[0]  # files need no lmdb
    with pytest.raises(ImportError, match=r'hamuco_mm\[lmdb\]'):
        pack_folder(tree.root / 'rgb', overwrite=True)
    shutil.rmtree(tree.root / 'rgb')
    with pytest.raises(ImportError, match=r'hamuco_mm\[lmdb\]'):
        build(tree, lmdb_pipeline)


def test_command(tree, repository, monkeypatch, capsys):
    shutil.copytree(tree.root / 'rgb', tree.root / 'rgb_merged')

    def run(*arguments):
        script = str(repository / 'tools/dataset_converters/hanco2lmdb.py')
        monkeypatch.setattr(sys, 'argv', [script, *map(str, arguments)])
        runpy.run_path(script, run_name='__main__')

    run(tree.root, '--folders', 'rgb_merged')
    assert not (tree.root / 'rgb.lmdb').exists()
    with pytest.raises(SystemExit, match='is there already.*--overwrite'):
        run(tree.root)
    assert not (tree.root / 'rgb.lmdb').exists()  # found out before packing
    run(tree.root, '--overwrite')  # labels are no images: rgb and rgb_merged
    assert sorted(p.name for p in tree.root.glob('*.lmdb*')) == [
        'rgb.lmdb',
        'rgb_merged.lmdb',
    ]
    assert 'rgb.lmdb: 36 files' in capsys.readouterr().out
    with pytest.raises(SystemExit, match='no folder .*depth'):
        run(tree.root, '--folders', 'depth')
    with pytest.raises(SystemExit, match='has no folder rgb'):
        run(tree.root / 'calib')


def test_labels_cameras_and_truth_may_be_packed(tree):
    tree.write_fits()
    before = build(tree)
    columns = {
        name: np.array(before.data_list.columns[name])
        for name in ('keypoints', 'confidence', 'K', 'R', 't', 'frame_xyz', 'frame_fit')
    }
    for folder in ('rgb', 'rgb_2D_keypoints', 'calib', 'xyz', 'shape'):
        pack_folder(tree.root / folder)
        shutil.rmtree(tree.root / folder)
    packed = build(tree, [dict(type='LoadImage', backend_args=BACKEND_ARGS)])
    for name, column in columns.items():
        np.testing.assert_array_equal(packed.data_list.columns[name], column)
    assert packed[0]['img'].shape == (200, 224, 3)


def test_packed_label_that_is_malformed_is_named(tree):
    tree.write_label((0, 1), 2, 'nonsense')
    pack_folder(tree.root / 'rgb_2D_keypoints')
    shutil.rmtree(tree.root / 'rgb_2D_keypoints')
    (place, reason), *others = build(tree).left_out()
    assert place.startswith(str(tree.label_path(0, 1, 2))) and not others
