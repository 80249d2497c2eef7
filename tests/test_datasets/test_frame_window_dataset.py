"""Windows of neighbouring time steps."""

import numpy as np
import pytest
from mmpose.registry import DATASETS

from hamuco_mm.datasets import (
    FrameWindowDataset,
    HanCoDataset,
    MultiViewDataset,
    multiview_collate,
)
from hamuco_mm.datasets.build import open_dataset
from hamuco_mm.datasets.frame_window_dataset import time_steps_of
from hamuco_mm.structures import ViewGroups
from hamuco_mm.synthesis import GeneratedHandDataset


@pytest.fixture
def build(pipeline):
    """Returns a function that builds the windows of a tree."""

    def make(tree, test_mode=False, views=None, **kwargs):
        flat = dict(
            type='HanCoDataset',
            data_root=str(tree.root),
            pipeline=pipeline,
            test_mode=test_mode,
        )
        steps = dict(type='MultiViewDataset', dataset=flat, num_views=views)
        return DATASETS.build(dict(type='FrameWindowDataset', dataset=steps, **kwargs))

    return make


def frames_of(item):
    """Time steps of an item, each once."""
    return list(dict.fromkeys(s.metainfo['frame_id'] for s in item['data_samples']))


def places_of(item):
    return [
        (s.frame_index, s.num_frames, s.view_index, s.num_views)
        for s in item['data_samples']
    ]


def named(sequence, *numbers):
    return [f'{sequence:04d}/{number:08d}' for number in numbers]


def test_in_testing_each_time_step_comes_once(make_tree, build):
    windows = build(make_tree(sequences={0: 5, 4: 1}), test_mode=True, seq_len=2)
    found = [frames_of(windows[i]) for i in range(len(windows))]
    expected = [named(0, 0, 1), named(0, 2, 3), named(0, 4), named(4, 0)]
    assert found == expected
    assert places_of(windows[2]) == [(0, 1, view, 3) for view in range(3)]
    assert places_of(windows[0])[2:4] == [(0, 2, 2, 3), (1, 2, 0, 3)]


def test_frames_apart(make_tree, build):
    windows = build(make_tree(sequences={0: 5}), test_mode=True, seq_len=2, seq_step=2)
    found = [frames_of(windows[i]) for i in range(len(windows))]
    assert found == [named(0, 0, 2), named(0, 4), named(0, 1, 3)]


def test_in_training_windows_begin_anywhere_and_are_whole(make_tree, build):
    windows = build(make_tree(sequences={0: 5, 4: 2}), seq_len=3)
    assert len(windows) == 3  # as many as in testing
    np.random.seed(0)
    found = {tuple(frames_of(windows[0])) for _ in range(40)}
    assert found == {tuple(named(0, *range(i, i + 3))) for i in range(3)}
    assert frames_of(windows[2]) == named(4, 0, 1)


def test_a_batch_of_windows_is_told_apart(make_tree, build):
    tree = make_tree(sequences={0: 3, 4: 1})
    tree.image_path(0, 1, 2).unlink()
    windows = build(tree, test_mode=True, seq_len=3)
    batch = multiview_collate([windows[0], windows[1]])
    groups = ViewGroups.from_data_samples(batch['data_samples'])
    assert groups.sizes == (3, 2, 3, 3)
    assert groups.windows.sizes == (3, 1)
    assert len(batch['inputs']) == 11


def test_a_time_step_that_cannot_be_read_leaves_a_shorter_window(make_tree, build):
    tree = make_tree(sequences={0: 3})
    windows = build(tree, seq_len=3)
    windows.full_init()
    for view in range(3):
        tree.image_path(0, 1, view).write_bytes(b'no image')
    assert frames_of(windows[0]) == named(0, 0, 2)
    assert places_of(windows[0])[-1] == (1, 2, 2, 3)
    with pytest.raises(OSError, match='0000/00000001'):
        build(tree, test_mode=True, seq_len=3)[0]


def test_data_infos_name_the_views(make_tree, build):
    windows = build(make_tree(sequences={0: 3}), test_mode=True, seq_len=2)
    info = windows.get_data_info(0)
    assert [(v['frame_id'], v['camera_id']) for v in info['views']] == [
        (frame, view) for frame in named(0, 0, 1) for view in range(3)
    ]
    assert windows.metainfo['num_keypoints'] == 21


def test_tools_see_the_time_steps(make_tree, tmp_path):
    tree = make_tree(sequences={0: 3})
    config = tmp_path / 'windows.py'
    flat = dict(type='HanCoDataset', data_root=str(tree.root), pipeline=[])
    steps = dict(type='MultiViewDataset', dataset=flat, num_views=1)
    windows = dict(type='FrameWindowDataset', dataset=steps)
    config.write_text(f'train_dataloader = dict(dataset={windows!r})')
    opened = open_dataset(str(config))
    assert len(opened) == 3 and len(opened.get_data_info(0)['views']) == 3


def test_time_steps_without_neighbours_are_said(make_tree, build, logged):
    build(make_tree(sequences={0: 1, 4: 1}), seq_len=2).full_init()
    assert any('none of 2 time steps has a neighbour' in line for line in logged)


def test_where_a_time_step_is_tested(make_tree, build):
    windows = build(
        make_tree(sequences={0: 5, 4: 1}), test_mode=True, seq_len=2, seq_step=2
    )
    for step in range(6):
        idx, place = windows.window_of(step)
        name = time_steps_of(windows).get_data_info(step)['frame_id']
        assert frames_of(windows[idx])[place] == name
    assert time_steps_of(windows.dataset) is windows.dataset
    # 0, 2 and 4, 1 and 3, and the other recording
    assert windows.windows_of([0, 2, 4, 0]) == [(0, [0, 1]), (1, [0]), (0, [0])]
    assert windows.windows_of([3, 1, 5]) == [(2, [1, 0]), (3, [0])]
    with pytest.raises(IndexError):
        windows.window_of(6)


def test_what_makes_no_windows_is_refused(make_tree, build):
    tree = make_tree()
    with pytest.raises(ValueError, match='seq_len=0'):
        build(tree, seq_len=0)
    with pytest.raises(ValueError, match='not of a HanCoDataset'):
        FrameWindowDataset(HanCoDataset(data_root=str(tree.root)))
    generated = GeneratedHandDataset(num_time_steps=2)
    with pytest.raises(ValueError, match='GeneratedHandDataset are hands of their own'):
        FrameWindowDataset(MultiViewDataset(generated, lazy_init=True))
