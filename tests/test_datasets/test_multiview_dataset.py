"""Grouping by time step, drawing views, images that cannot be read."""

import gc
import weakref

import cv2
import numpy as np
import pytest
from mmengine.dataset import Compose, ConcatDataset
from mmpose.registry import DATASETS

from hamuco_mm.datasets import FrameWindowDataset, HanCoDataset, MultiViewDataset


@pytest.fixture
def build(pipeline):
    """Returns a function that builds a multi-view data set of a tree."""

    def make(tree, test_mode=False, **kwargs):
        flat = dict(
            type='HanCoDataset',
            data_root=str(tree.root),
            pipeline=pipeline,
            test_mode=test_mode,
        )
        return DATASETS.build(dict(type='MultiViewDataset', dataset=flat, **kwargs))

    return make


def meta_of(item):
    return [
        (
            s.metainfo['frame_id'],
            s.metainfo['camera_id'],
            s.metainfo['view_index'],
            s.metainfo['num_views'],
        )
        for s in item['data_samples']
    ]


def cameras_of(item):
    return [s.metainfo['camera_id'] for s in item['data_samples']]


def test_an_item_has_all_views_of_one_time_step(make_tree, build):
    tree = make_tree(sequences={0: 2, 4: 1})
    dataset = build(tree)
    assert len(dataset) == 3
    for idx, frame in enumerate(('0000/00000000', '0000/00000001', '0004/00000000')):
        item = dataset[idx]
        assert meta_of(item) == [(frame, v, v, 3) for v in range(3)]
        sequence, number = map(int, frame.split('/'))
        for camera, image in enumerate(item['inputs']):
            # The grey value of an image says which view it is.
            level = tree.level(sequence, number, camera)
            assert abs(int(image[0, 32, 32]) - level) <= 2
    assert dataset.metainfo['dataset_name'] == 'hanco'
    assert dataset.metainfo['num_keypoints'] == 21


def test_get_data_info(make_tree, build):
    info = build(make_tree()).get_data_info(1)
    assert info['frame_id'] == '0000/00000001' and info['sample_idx'] == 1
    assert [view['camera_id'] for view in info['views']] == [0, 1, 2]


def test_missing_views_do_not_shift_others(make_tree, build):
    tree = make_tree(sequences={0: 3})
    tree.image_path(0, 0, 1).unlink()
    tree.label_path(0, 1, 0).unlink()
    dataset = build(tree)
    assert [cameras_of(dataset[i]) for i in range(3)] == [[0, 2], [1, 2], [0, 1, 2]]
    assert [v[2:] for v in meta_of(dataset[0])] == [(0, 2), (1, 2)]
    full = build(tree, min_views=3)
    assert len(full) == 1 and meta_of(full[0])[0][0] == '0000/00000002'


def test_every_nth_time_step_is_kept(make_tree, build):
    dataset = build(make_tree(sequences={0: 3, 4: 2}), sample_interval=2)
    frames = [meta_of(dataset[i])[0][0] for i in range(len(dataset))]
    assert frames == ['0000/00000000', '0000/00000002', '0004/00000001']


def test_view_ids_choose_and_order(make_tree, build):
    dataset = build(make_tree(), view_ids=[2, 0])
    assert cameras_of(dataset[0]) == [2, 0]


def test_chosen_cameras_that_are_nowhere_are_named(make_tree, build, logged):
    tree = make_tree(sequences={0: 1, 4: 1})
    tree.image_path(0, 0, 2).unlink()
    build(tree, view_ids=[2, 0])  # one sequence has it
    assert not [line for line in logged if 'view_ids' in line]
    dataset = build(tree, view_ids=[0, 1, 18])
    (line,) = [line for line in logged if 'view_ids' in line]
    assert '[18]' in line and 'the cameras are [0, 1, 2]' in line
    assert cameras_of(dataset[0]) == [0, 1]


def test_num_views_and_random_order(make_tree, build):
    tree = make_tree(num_cameras=5)
    np.random.seed(0)
    draws = [cameras_of(build(tree, num_views=3)[0]) for _ in range(30)]
    assert all(len(d) == 3 and d == sorted(d) for d in draws)
    assert len(set(map(tuple, draws))) > 3

    dataset = build(tree, num_views=(2, 4))
    sizes = {len(dataset[0]['inputs']) for _ in range(40)}
    assert sizes == {2, 3, 4}

    dataset = build(tree, view_order='random')
    orders = {tuple(cameras_of(dataset[0])) for _ in range(20)}
    assert len(orders) > 3
    assert all(sorted(order) == [0, 1, 2, 3, 4] for order in orders)
    assert [m[2] for m in meta_of(dataset[0])] == [0, 1, 2, 3, 4]


def test_test_mode_draws_nothing(make_tree, build):
    tree = make_tree(num_cameras=5)
    dataset = build(tree, test_mode=True, num_views=(2, 3), view_order='random')
    assert all(cameras_of(dataset[0]) == [0, 1, 2] for _ in range(5))


def test_more_views_than_there_are(make_tree, build):
    assert cameras_of(build(make_tree(), num_views=8)[0]) == [0, 1, 2]


def test_each_view_is_transformed_by_itself(make_tree, pipeline):
    transform = dict(type='RandomBBoxTransform', rotate_prob=1.0)
    dataset = MultiViewDataset(
        HanCoDataset(
            str(make_tree().root), pipeline=pipeline[:2] + [transform] + pipeline[2:]
        )
    )
    angles = [s.metainfo['bbox_rotation'].item() for s in dataset[0]['data_samples']]
    assert len(set(angles)) == 3


@pytest.mark.parametrize('windows', [False, True])
def test_hooks_switch_the_pipeline_of_the_views(make_tree, build, pipeline, windows):
    """As MMDetection's PipelineSwitchHook does."""
    dataset = build(make_tree())
    if windows:
        dataset = FrameWindowDataset(dataset, seq_len=1)
    assert dataset[0]['inputs'][0].shape == (3, 64, 64)
    steps = [dict(step) for step in pipeline]
    steps[2]['input_size'] = (32, 32)
    dataset.pipeline = Compose(steps)
    assert dataset[0]['inputs'][0].shape == (3, 32, 32)


@pytest.mark.parametrize('indices, frames', [(1, [0]), (-1, [2]), ([2, 0], [2, 0])])
def test_indices_count_time_steps(make_tree, build, indices, frames):
    tree = make_tree(sequences={0: 3})
    dataset = build(tree, indices=indices)
    whole = build(tree)
    for subset in (dataset, whole.get_subset(indices)):
        assert [meta_of(subset[i])[0][0] for i in range(len(subset))] == [
            f'0000/0000000{f}' for f in frames
        ]


def test_subsets_are_freed(make_tree, build):
    """And so no later one can take its parts for its own."""
    whole = build(make_tree())
    for dataset in (whole, whole.dataset):
        subset = weakref.ref(dataset.get_subset(1))
        gc.collect()
        assert subset() is None


def test_repeat_dataset(make_tree, build, pipeline):
    tree = make_tree()
    dataset = DATASETS.build(
        dict(
            type='RepeatDataset',
            times=3,
            dataset=dict(
                type='MultiViewDataset',
                dataset=dict(
                    type='HanCoDataset', data_root=str(tree.root), pipeline=pipeline
                ),
            ),
        )
    )
    assert len(dataset) == 6
    assert meta_of(dataset[3]) == meta_of(dataset[1])


def test_two_images_of_one_view_are_an_error(make_tree, pipeline):

    class Repeating(HanCoDataset):
        def view_keys(self):
            frames, cameras = super().view_keys()
            return frames, np.zeros_like(cameras)

    with pytest.raises(ValueError, match='0000/00000000.*of its own'):
        MultiViewDataset(Repeating(str(make_tree().root), pipeline=pipeline))


def test_other_data_sets_can_be_grouped_by_their_data_infos(make_tree, pipeline):

    class Plain(HanCoDataset):
        view_keys = property()  # hides it: hasattr() is False

    dataset = MultiViewDataset(Plain(str(make_tree().root), pipeline=pipeline))
    assert len(dataset) == 2 and cameras_of(dataset[1]) == [0, 1, 2]

    class Unnamed(Plain):
        def get_data_info(self, idx):
            info = super().get_data_info(idx)
            del info['frame_id']
            return info

    with pytest.raises(ValueError, match='frame_id.*cannot be grouped'):
        MultiViewDataset(Unnamed(str(make_tree().root), pipeline=pipeline))


@pytest.mark.parametrize(
    'kwargs, match',
    [
        (dict(num_views=0), 'num_views'),
        (dict(num_views='4'), "num_views should be .* got '4'"),
        (dict(num_views=(1, 2, 3)), 'num_views should be'),
        (dict(num_views=(3, 2)), 'num_views'),
        (dict(view_order='shuffled'), 'view_order'),
        (dict(view_ids=[7]), 'view_ids'),
        (dict(min_views=4), '4 or more views'),
        (dict(sample_interval=0), 'sample_interval'),
    ],
)
def test_wrong_arguments(make_tree, build, kwargs, match):
    with pytest.raises(ValueError, match=match):
        build(make_tree(), **kwargs)


def test_data_sets_put_together_are_not_grouped(make_tree, build):
    parts = ConcatDataset([build(make_tree()), build(make_tree())])
    with pytest.raises(ValueError, match='a ConcatDataset: wrap each of its parts'):
        MultiViewDataset(parts)


@pytest.mark.parametrize('loader', ['LoadImage', 'LoadImageCached', 'LoadJPEG'])
@pytest.mark.parametrize('content', [b'', b'not a jpeg' * 50, 'cut short', 'deleted'])
def test_unreadable_image_is_dropped(
    make_tree, build, logged, pipeline, content, loader
):
    pipeline[0]['type'] = loader
    tree = make_tree()
    dataset = build(tree)
    path = tree.image_path(0, 0, 1)
    if content == 'deleted':  # after the index was opened
        path.unlink()
    elif content == 'cut short':
        path.write_bytes(path.read_bytes()[:-500])
    else:
        path.write_bytes(content)
    item = dataset[0]
    assert meta_of(item) == [('0000/00000000', 0, 0, 2), ('0000/00000000', 2, 1, 2)]
    assert len(item['inputs']) == 2
    dataset[0]
    told = [line for line in logged if 'cannot be read' in line]
    assert len(told) == 1 and str(path) in told[0]  # once, not in each epoch
    other = tree.image_path(0, 1, 2)
    other.write_bytes(b'')
    dataset[1]
    assert '(failure 2 of this process)' in logged[-1] and str(other) in logged[-1]


def test_strict_stops_at_an_unreadable_image(make_tree, build):
    tree = make_tree()
    dataset = build(tree)
    flat = dataset.dataset
    dataset = MultiViewDataset(
        HanCoDataset(str(tree.root), pipeline=flat.pipeline.transforms, strict=True)
    )
    tree.image_path(0, 0, 1).write_bytes(b'')
    with pytest.raises(Exception, match=str(tree.image_path(0, 0, 1))):
        dataset[0]


def test_item_without_a_readable_view(make_tree, build):
    tree = make_tree()
    for camera in range(3):
        tree.image_path(0, 0, camera).write_bytes(b'')
    # Training takes another item, testing must not skip one.
    assert meta_of(build(tree)[0])[0][0] == '0000/00000001'
    with pytest.raises(OSError, match='0000/00000000.*00000000.jpg'):
        build(tree, test_mode=True)[0]


def test_mistakes_of_a_pipeline_are_not_taken_for_bad_images(
    make_tree, build, pipeline
):
    pipeline.insert(1, lambda results: results['no such key'])
    with pytest.raises(KeyError, match='no such key'):
        build(make_tree())[0]


def test_pipeline_that_gives_none_drops_the_view(make_tree, build, pipeline):
    pipeline.insert(1, lambda results: None if results['camera_id'] == 0 else results)
    assert cameras_of(build(make_tree())[0]) == [1, 2]


def test_rotation_of_the_crop_is_that_of_the_metainfo(make_tree, build, pipeline):
    """Labels in the crop agree with the 3D truth turned about the optical
    axis by minus ``bbox_rotation``."""
    pipeline.insert(2, dict(type='RandomCropBox', rotation=180.0))
    sample = build(make_tree())[0]['data_samples'][1]
    meta = sample.metainfo
    angle = -np.deg2rad(meta['bbox_rotation'].item())
    assert abs(angle) > 0.01
    K = meta['camera_param']['K'].astype(float)
    joints = sample.gt_instances.keypoints_cam[0].astype(float)
    uv, _ = cv2.projectPoints(joints, np.zeros(3), np.zeros(3), K, None)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    expected = (uv[:, 0] - meta['input_center']) @ turn.T
    expected = expected / (meta['input_scale'] / 2)
    np.testing.assert_allclose(
        sample.gt_instance_labels.keypoint_labels[0], expected, atol=1e-3
    )


def test_a_pipeline_that_loses_the_cameras(make_tree, build, pipeline):
    dataset = build(make_tree())
    packing = dict(type='PackPoseInputs')
    lost = [step for step in pipeline if step['type'] != 'PackHandInputs'] + [packing]
    flat = dict(type='HanCoDataset', data_root=str(make_tree().root), pipeline=lost)
    assert all('camera_param' in s.metainfo for s in dataset[0]['data_samples'])
    other = DATASETS.build(dict(type='MultiViewDataset', dataset=flat))
    with pytest.raises(ValueError, match=r'\.jpg: the pipeline loses camera_param'):
        other.prepare_data(0)
