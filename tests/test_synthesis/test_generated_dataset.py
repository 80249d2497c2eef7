"""Generated hands as a data set without files."""

import pickle

import cv2
import numpy as np
import pytest
from mmengine.dataset import DefaultSampler
from mmengine.registry import init_default_scope
from mmpose.registry import DATASETS

from hamuco_mm.datasets import HanCoDataset, MultiViewDataset, PartialEpochSampler
from hamuco_mm.synthesis import (
    DatasetConfig,
    GeneratedHandDataset,
    LabelErrorModel,
    generate_dataset,
)
from hamuco_mm.synthesis.looks import LOOKS, look_as

SCENE = dict(image_size=48, rig=dict(num_views=3))


def make(**settings):
    init_default_scope('mmpose')
    return GeneratedHandDataset(
        **dict(dict(look='wild', scene=SCENE, num_time_steps=4), **settings)
    )


def test_items_are_those_of_the_same_recordings_on_a_disk(tmp_path):
    """Images, labels, cameras and truth."""
    config = DatasetConfig(
        num_train_sequences=2,
        num_test_sequences=0,
        frames=1,
        seed=3,
        train_stream='pretrain',
        scene=look_as('wild', SCENE),
    )
    generate_dataset(config, str(tmp_path))
    stored = HanCoDataset(str(tmp_path), hand_model=dict(path=None), test_mode=True)
    live = make(seed=3, num_time_steps=2, test_mode=True)
    assert len(live) == len(stored) == 6
    for index in range(len(live)):
        ours, theirs = live.get_data_info(index), stored.get_data_info(index)
        image = cv2.imread(theirs['img_path'])
        np.testing.assert_array_equal(ours.pop('img'), image)
        for key in ('keypoints', 'keypoints_visible', 'keypoints_cam', 'bbox'):
            assert ours[key].shape == theirs[key].shape, key
            np.testing.assert_allclose(ours[key], theirs[key], atol=2e-3, err_msg=key)
        np.testing.assert_allclose(ours['vertices'], theirs['vertices'], atol=1e-5)
        for key, value in theirs['camera_param'].items():
            np.testing.assert_allclose(ours['camera_param'][key], value, atol=1e-4)
        assert ours['camera_id'] == theirs['camera_id']
        assert set(theirs) <= set(ours)


def test_an_item_depends_on_its_number_alone():
    one, other = make(), make()
    late = other.get_data_info(10)
    for key, value in one.get_data_infos([2, 10, 4])[1].items():
        np.testing.assert_equal(late[key], value)
    copy = pickle.loads(pickle.dumps(one))  # as for a worker that is spawned
    np.testing.assert_array_equal(copy.get_data_info(10)['img'], late['img'])
    for changed in (make(seed=1), make(stream='val')):
        assert abs(changed.get_data_info(10)['keypoints'] - late['keypoints']).max() > 1


def test_views_of_a_time_step_show_the_same_hand_and_are_rendered_once(monkeypatch):
    dataset = MultiViewDataset(make(test_mode=True))
    assert len(dataset) == 4
    rendered = []
    from hamuco_mm.synthesis.scene_generator import SceneGenerator

    scene = SceneGenerator.scene
    monkeypatch.setattr(
        SceneGenerator,
        'scene',
        lambda self, index, frames: (
            rendered.append(index) or scene(self, index, frames)
        ),
    )
    info = dataset.get_data_info(2)
    assert rendered == [2]
    assert [view['camera_id'] for view in info['views']] == [0, 1, 2]
    world = [
        (view['keypoints_cam'][0] - view['camera_param']['t'])
        @ view['camera_param']['R']
        for view in info['views']
    ]
    np.testing.assert_allclose(world[1], world[0], atol=1e-5)
    np.testing.assert_allclose(world[2], world[0], atol=1e-5)


def test_subsets_and_metainfo():
    part = make().get_subset([1, 5])
    assert [part.get_data_info(i)['img_id'] for i in range(2)] == [1, 5]
    assert make(indices=5).view_keys()[0].tolist() == [0, 0, 0, 1, 1]
    assert make(test_mode=True).metainfo['dataset_name'] == 'hanco'
    loaded = make(test_mode=True)
    loaded.full_init()
    assert loaded.metainfo['has_keypoints_cam']


def test_sample_interval_keeps_whole_time_steps():
    frames, cameras = make(num_time_steps=5, sample_interval=2).view_keys()
    assert frames.tolist() == [frame for frame in (0, 2, 4) for _ in range(3)]
    assert cameras.tolist() == [0, 1, 2] * 3


def test_an_error_of_a_transform_is_not_taken_for_a_missing_image():
    """There is no file that could be to blame."""

    class Broken:
        def __call__(self, results):
            raise RuntimeError('a mistake of the transform')

    dataset = make(pipeline=[dict(type='LoadImage')])
    dataset.pipeline.transforms.append(Broken())
    with pytest.raises(RuntimeError, match='a mistake of the transform'):
        dataset[0]


@pytest.mark.parametrize(
    'settings, message',
    [
        (
            dict(look='studio'),
            r"look should be one of \('rig', 'wild', 'photo', 'lab'\)",
        ),
        (dict(stream='other'), 'stream should be one of'),
        (dict(renderer='blender'), 'renderer should be one of'),
        (dict(num_time_steps=0), 'num_time_steps=0'),
        (dict(sample_interval=0), 'sample_interval should be a number >= 1, got 0'),
        (dict(filter_cfg=dict(subject=3)), 'filter_cfg has no meaning here'),
        (dict(data_root='data/hanco'), 'data_root has no meaning here'),
        (dict(scene=dict(size=4)), "the look 'wild' has no 'size'; it has image_size"),
        (
            dict(scene=dict(sensor=dict(shutter=1))),
            "sensor of the look 'wild' has no 'shutter'; it has exposure",
        ),
        (dict(scene=dict(things=dict(held=2))), 'held is a share'),
    ],
)
def test_messages(settings, message):
    with pytest.raises(ValueError, match=message):
        make(**settings)


def test_changes_of_a_look():
    assert look_as('wild', {}) == LOOKS['wild']
    look = look_as('lab', dict(labels=None, sensor=dict(blur=[0, 1])))
    assert look.labels is None and look.sensor.blur == (0, 1)
    assert look.rig == LOOKS['lab'].rig
    hash(look)  # the generator of a look is made once
    noisy = look_as('rig', dict(labels=LabelErrorModel()))
    assert noisy == LOOKS['rig']


def test_a_config_can_name_it():
    init_default_scope('mmpose')
    assert DATASETS.get('GeneratedHandDataset') is GeneratedHandDataset


@pytest.mark.parametrize('world_size', [1, 2])
def test_epochs_go_on_through_the_data_set(monkeypatch, world_size):
    """No item comes again before the last one came; then it begins anew."""
    seen = []
    for epoch in range(5):
        of_epoch = []
        for rank in range(world_size):
            monkeypatch.setattr(
                'mmengine.dataset.sampler.get_dist_info',
                lambda r=rank: (r, world_size),
            )
            sampler = PartialEpochSampler(range(20), samples=6, seed=0)
            sampler.set_epoch(epoch)
            of_epoch += list(sampler)
            assert len(sampler) == 6 / world_size
        seen.append(of_epoch)
    every = sum(seen, [])
    assert sorted(every[:18]) == list(range(18))
    assert sorted(seen[3]) == [0, 1, 2, 3, 18, 19]
    assert [i - 6 for i in seen[1]] != seen[0]  # another order


def test_a_small_data_set_is_seen_whole():
    ours = PartialEpochSampler(range(5), samples=100, seed=2)
    assert sorted(ours) == list(range(5))
    assert list(ours) == list(DefaultSampler(range(5), seed=2))
    for settings, message in ((([], 5), 'no items'), ((range(3), 0), 'samples=0')):
        with pytest.raises(ValueError, match=message):
            PartialEpochSampler(*settings)
