"""The index: built once, reused, rebuilt when stale, shared by processes."""

import copy
import json
import multiprocessing
import os
import pickle
import shutil
import time

import cv2
import numpy as np
import pytest

from hamuco_mm.datasets import HanCoDataset, MultiViewDataset
from hamuco_mm.datasets.hanco import index as index_module
from hamuco_mm.datasets.hanco.scan import VIEW_COLUMNS


@pytest.fixture
def builds(monkeypatch):
    """Returns the list of the sequences that were read from the files."""
    read = []
    scan = index_module.scan_sequence

    def count(layout, sequence):
        read.append(sequence)
        return scan(layout, sequence)

    monkeypatch.setattr(index_module, 'scan_sequence', count)
    return read


def test_built_once_then_reused(make_tree, builds):
    tree = make_tree(sequences={0: 1, 1: 1})
    first = HanCoDataset(str(tree.root))
    assert builds == ['0000', '0001']
    second = HanCoDataset(str(tree.root), split='train')
    assert builds == ['0000', '0001']
    np.testing.assert_array_equal(
        first.get_data_info(3)['keypoints'], second.get_data_info(3)['keypoints']
    )


def test_reuse_opens_no_label(make_tree):
    tree = make_tree()
    HanCoDataset(str(tree.root))
    for path in tree.root.rglob('*.json'):
        if '.hamuco_index' not in str(path):
            times = path.stat()
            path.write_text('not read any more')  # directories stay as old
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert len(HanCoDataset(str(tree.root))) == 6


@pytest.mark.parametrize(
    'change',
    [
        'remove image',
        'remove label',
        'add frame',
        'add sequence',
        'touch',
        'remove calib',
        'remove xyz',
    ],
)
def test_rebuilt_when_stale(make_tree, age, builds, change):
    tree = make_tree(sequences={0: 2})
    age(tree)
    HanCoDataset(str(tree.root))
    builds.clear()
    expected = 6
    if change == 'remove image':
        tree.image_path(0, 1, 2).unlink()
        expected = 5
    elif change == 'remove label':
        tree.label_path(0, 0, 0).unlink()
        expected = 5
    elif change == 'add frame':
        tree.write_frame(0, 2)
        expected = 9
    elif change == 'add sequence':
        tree.write_frame(5, 0)
        expected = 9
    elif change == 'touch':
        os.utime(tree.root / 'rgb/0000/cam1')
    elif change == 'remove calib':
        tree.frame_path('calib', 0, 0).unlink()
        expected = 3
    elif change == 'remove xyz':
        tree.remove('xyz')
    dataset = HanCoDataset(str(tree.root))
    assert builds
    assert len(dataset) == expected
    assert ('keypoints_cam' in dataset.get_data_info(0)) == (change != 'remove xyz')


@pytest.mark.parametrize('kind', ['img', 'keypoints', 'calib', 'xyz'])
def test_files_that_are_written_anew_are_noticed(make_tree, age, builds, kind):
    """As calibrations are, without a change of any directory."""
    tree = make_tree(sequences={0: 2, 4: 2})
    age(tree)
    HanCoDataset(str(tree.root))
    builds.clear()
    if kind == 'img':
        path = tree.image_path(4, 0, 0)
        assert cv2.imwrite(str(path), np.zeros((50, 56, 3), np.uint8))
    elif kind == 'keypoints':
        keypoints = tree.uv[(4, 0, 0)] + 3
        tree.write_label((4, 0), 0, [keypoints.tolist(), [1.0] * 21])
    elif kind == 'calib':
        path = tree.frame_path('calib', 4, 0)
        cameras = json.loads(path.read_text())
        cameras['K'][0][0][0] = 450.0
        path.write_text(json.dumps(cameras))
    else:
        path = tree.frame_path('xyz', 4, 0)
        path.write_text(json.dumps((tree.xyz[(4, 0)] + 1).tolist()))
    item = HanCoDataset(str(tree.root)).get_data_info(6)
    assert item['frame_id'] == '0004/00000000' and builds
    if kind == 'img':
        np.testing.assert_array_equal(item['image_size'], (56, 50))
    elif kind == 'keypoints':
        np.testing.assert_allclose(item['keypoints'][0], keypoints, atol=1e-4)
    elif kind == 'calib':
        assert item['camera_param']['K'][0, 0] == 450
    else:
        R, t = item['camera_param']['R'], item['camera_param']['t']
        joints = (tree.xyz[(4, 0)] + 1) @ R.T + t
        np.testing.assert_allclose(item['keypoints_cam'][0], joints, atol=1e-5)


def test_rewriting_a_later_file_needs_rebuild_index(make_tree):
    tree = make_tree()
    HanCoDataset(str(tree.root))
    keypoints = tree.uv[(0, 1, 0)] + 3
    tree.write_label((0, 1), 0, [keypoints.tolist(), [1.0] * 21])
    stale = HanCoDataset(str(tree.root)).get_data_info(3)['keypoints'][0]
    np.testing.assert_allclose(stale, keypoints - 3, atol=1e-4)
    fresh = HanCoDataset(str(tree.root), rebuild_index=True)
    np.testing.assert_allclose(
        fresh.get_data_info(3)['keypoints'][0], keypoints, atol=1e-4
    )


def test_rebuilding_leaves_no_old_arrays_behind(make_tree):
    tree = make_tree()
    for _ in range(3):
        HanCoDataset(str(tree.root), rebuild_index=True)
    left = sorted(p.name for p in (tree.root / '.hamuco_index').iterdir())
    assert len(left) == 3  # arrays, manifest, lock


def test_an_old_reader_survives_a_rebuild(make_tree):
    tree = make_tree()
    old = HanCoDataset(str(tree.root))
    before = old.get_data_info(0)['keypoints']
    HanCoDataset(str(tree.root), rebuild_index=True)
    np.testing.assert_array_equal(old.get_data_info(0)['keypoints'], before)


@pytest.mark.parametrize('damage', ['manifest', 'array', 'missing', 'version'])
def test_damaged_index_is_rebuilt(make_tree, builds, damage):
    tree = make_tree()
    HanCoDataset(str(tree.root))
    builds.clear()
    manifest = next((tree.root / '.hamuco_index').glob('*.json'))
    content = json.loads(manifest.read_text())
    array = manifest.parent / content['arrays'] / 'keypoints.npy'
    if damage == 'manifest':
        manifest.write_text('{')
    elif damage == 'array':
        array.write_bytes(array.read_bytes()[:200])
    elif damage == 'missing':
        array.unlink()
    elif damage == 'version':
        content['format_version'] = -1
        manifest.write_text(json.dumps(content))
    assert len(HanCoDataset(str(tree.root))) == 6
    assert builds


def test_index_dir(make_tree, tmp_path):
    tree = make_tree()
    HanCoDataset(str(tree.root), index_dir=str(tmp_path / 'elsewhere'))
    assert list((tmp_path / 'elsewhere').glob('*.json'))
    assert not (tree.root / '.hamuco_index').exists()


def test_data_sets_share_an_index_dir(make_tree, tmp_path, builds):
    trees = [make_tree('one'), make_tree('other', seed=1)]
    for tree in trees + trees:
        dataset = HanCoDataset(str(tree.root), index_dir=str(tmp_path / 'shared'))
        np.testing.assert_allclose(
            dataset.get_data_info(0)['keypoints'][0], tree.uv[(0, 0, 0)], atol=1e-4
        )
    assert len(builds) == 2  # each was read once, none was replaced


def test_read_only_data_use_the_user_cache(make_tree, tmp_path, builds):
    tree = make_tree()
    tree.root.chmod(0o555)  # respected even when the test runs as root
    try:
        HanCoDataset(str(tree.root))
        assert builds
        builds.clear()
        HanCoDataset(str(tree.root))
        assert not builds
    finally:
        tree.root.chmod(0o755)
    assert not (tree.root / '.hamuco_index').exists()
    assert list((tmp_path / 'user_cache').rglob('keypoints.npy'))


def test_nowhere_to_write_names_the_remedy(make_tree, tmp_path, monkeypatch):
    tree = make_tree()
    (tree.root / '.hamuco_index').write_text('a file, not a directory')
    (tmp_path / 'blocked').write_text('')
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'blocked'))
    with pytest.raises(OSError, match='index_dir'):
        HanCoDataset(str(tree.root))


def test_copies_and_pickles_share_the_arrays(make_tree):
    tree = make_tree()
    dataset = HanCoDataset(str(tree.root))
    for other in (copy.deepcopy(dataset), pickle.loads(pickle.dumps(dataset))):
        np.testing.assert_array_equal(
            other.get_data_info(4)['keypoints'], dataset.get_data_info(4)['keypoints']
        )
    # A path goes over, not the data: the size does not grow with them.
    large = make_tree('large', sequences={0: 40})
    assert (
        abs(
            len(pickle.dumps(HanCoDataset(str(large.root))))
            - len(pickle.dumps(dataset))
        )
        < 2000
    )
    array = dataset.data_list.columns['keypoints']
    while isinstance(array.base, np.ndarray):
        array = array.base
    assert isinstance(array, np.memmap)


def test_moved_data_keep_their_index(make_tree, builds, tmp_path):
    tree = make_tree()
    HanCoDataset(str(tree.root))
    builds.clear()
    shutil.move(str(tree.root), str(tmp_path / 'moved'))
    dataset = HanCoDataset(str(tmp_path / 'moved'))
    assert not builds
    assert dataset.get_data_info(0)['img_path'].startswith(str(tmp_path / 'moved'))


def test_many_sequences_are_read_in_parallel(make_tree):
    tree = make_tree(
        sequences=dict.fromkeys(range(index_module.MIN_SEQUENCES_FOR_POOL), 1),
        num_cameras=1,
    )
    parallel = HanCoDataset(str(tree.root), index_workers=2)
    keypoints = np.array(parallel.data_list.columns['keypoints'])
    serial = HanCoDataset(str(tree.root), index_workers=1, rebuild_index=True)
    np.testing.assert_array_equal(serial.data_list.columns['keypoints'], keypoints)


def _open_lazily(root, queue):
    queue.put(len(HanCoDataset(root, lazy_init=True, index_workers=2)))


def test_a_data_loader_worker_can_build(make_tree):
    """Daemons may not start processes, so it must read in its own."""
    tree = make_tree(
        sequences=dict.fromkeys(range(index_module.MIN_SEQUENCES_FOR_POOL), 1),
        num_cameras=1,
    )
    context = multiprocessing.get_context('fork')
    queue = context.Queue()
    process = context.Process(
        target=_open_lazily, args=(str(tree.root), queue), daemon=True
    )
    process.start()
    assert queue.get(timeout=60) == index_module.MIN_SEQUENCES_FOR_POOL
    process.join()


def _open(root, barrier, queue):
    reads = []
    scan = index_module.scan_sequence
    index_module.scan_sequence = lambda *args: (
        reads.append(1),
        time.sleep(0.3),
        scan(*args),
    )[-1]
    barrier.wait()
    dataset = HanCoDataset(root)
    queue.put((len(reads), len(dataset)))


def test_of_several_processes_one_builds(make_tree):
    tree = make_tree()
    context = multiprocessing.get_context('fork')
    barrier, queue = context.Barrier(3), context.Queue()
    processes = [
        context.Process(target=_open, args=(str(tree.root), barrier, queue))
        for _ in range(3)
    ]
    for process in processes:
        process.start()
    results = [queue.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    assert sorted(results) == [(0, 6), (0, 6), (1, 6)]


def test_opening_and_grouping_860_000_views_is_fast(make_tree):
    tree = make_tree(num_cameras=8)
    dataset = HanCoDataset(str(tree.root))
    index = dataset.data_list.columns
    arrays = index.directory
    repeat = 860_000 // len(index)
    for name in VIEW_COLUMNS:
        values = np.concatenate([index[name]] * repeat)
        if name == 'frame':
            values = values + 2 * np.repeat(np.arange(repeat), len(index))
            values = values.astype(np.int32)
        np.save(arrays / f'{name}.npy', values)
    for name in ('name', 'sequence', 'meta', 'xyz'):
        column = np.array(index[f'frame_{name}'])
        np.save(arrays / f'frame_{name}.npy', np.concatenate([column] * repeat))
    # The fastest of three, since other programs share the machine.
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        dataset = MultiViewDataset(HanCoDataset(str(tree.root)))
        seconds.append(time.perf_counter() - start)
    assert len(dataset) == 860_000 // 8 and len(dataset.dataset) == 860_000
    assert min(seconds) < 1
