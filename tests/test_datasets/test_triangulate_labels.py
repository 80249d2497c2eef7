"""3D labels that the views of a time step make themselves."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hanco_tree import HanCoTree
from mmengine.dataset import BaseDataset
from mmpose.registry import DATASETS, TRANSFORMS
from ring_rig import RingRig, changed, labels, moving_hand

from hamuco_mm.datasets import MultiViewDataset
from hamuco_mm.datasets.build import views_by_sequence
from hamuco_mm.datasets.image_size import size_of_record
from hamuco_mm.rigs.check import RigObservations

NUM_VIEWS = 5


def triangulated(views, **settings):
    transform = TRANSFORMS.build(dict(type='TriangulateLabels', **settings))
    return transform(dict(views=views))['views']


@pytest.fixture(scope='module')
def joints():
    return moving_hand(num_steps=1)


@pytest.fixture(params=[(0, 0, 0, 0, 0), (-0.2, 0.05, 0, 0, 0)], ids=['ideal', 'lens'])
def views(joints, request):
    return RingRig(joints, NUM_VIEWS, dist=request.param).views()


def truth_in(view, joints):
    camera = view['camera_param']
    return joints[0] @ camera['R'].T + camera['t']


def test_exact_labels_give_the_truth_in_every_camera(views, joints):
    for view, found in zip(views, triangulated(views)):
        np.testing.assert_allclose(found['keypoints'], view['keypoints'], atol=1e-3)
        np.testing.assert_allclose(
            found['keypoints_cam'][0], truth_in(view, joints), atol=1e-5
        )
        assert found['keypoints_cam'].dtype == np.float32


def test_a_wrong_label_is_outvoted(views, joints):
    wrong = changed(views, labels(lambda keypoints: keypoints + 200), cameras=[2])
    for view, found in zip(views, triangulated(wrong)):
        np.testing.assert_allclose(found['keypoints'], view['keypoints'], atol=1e-3)
        assert (found['keypoints_visible'] == 1).all()


def test_ground_truth_does_not_get_through(views):
    false = dict(
        keypoints_cam=np.full((1, 21, 3), 7.0), vertices=np.full((1, 778, 3), 7.0)
    )
    without = triangulated(views)
    for found, expected in zip(
        triangulated([dict(view, **false) for view in views]), without
    ):
        assert found.keys() == expected.keys()
        for name in ('keypoints', 'keypoints_visible', 'keypoints_cam'):
            np.testing.assert_array_equal(found[name], expected[name])


def test_a_view_without_a_camera_keeps_its_2d_labels(views, joints):
    view = dict(views[0], keypoints_cam=np.zeros((1, 21, 3)))
    del view['camera_param']
    found = triangulated([view, *views[1:]])
    assert found[0]['keypoints'] is view['keypoints']
    assert 'keypoints_cam' not in found[0]
    np.testing.assert_allclose(
        found[1]['keypoints_cam'][0], truth_in(views[1], joints), atol=1e-5
    )


def test_what_is_no_hand_is_no_label(views):
    """One camera sees no depth, and labels of two points no hand."""
    (alone,) = triangulated(views[:1])
    assert 'keypoints_cam' not in alone
    one_point = changed(views, labels(lambda points: 0 * points + 5000.0))
    for view, found in zip(one_point, triangulated(one_point, threshold=1e6)):
        assert 'keypoints_cam' not in found
        np.testing.assert_array_equal(found['keypoints'], view['keypoints'])


@pytest.mark.parametrize(
    ('settings', 'cameras', 'idle'),
    [
        (dict(), dict(), False),
        (dict(num_views=2), dict(), False),
        (dict(num_views=1), dict(), True),
        (dict(), dict(with_calib=False), True),
    ],
    ids=['calibrated', 'two_views', 'one_view', 'uncalibrated'],
)
def test_where_it_does_nothing_it_says_so_once(
    tmp_path, logged, settings, cameras, idle
):
    tree = HanCoTree(tmp_path / 'hanco', num_cameras=3)
    DATASETS.build(
        dict(
            type='MultiViewDataset',
            dataset=dict(type='HanCoDataset', data_root=str(tree.root), **cameras),
            step_pipeline=[dict(type='TriangulateLabels')],
            **settings,
        )
    )
    told = [line for line in logged if 'TriangulateLabels does nothing' in line]
    assert len(told) == idle
    assert all('loss_keypoint_cam' in line for line in told)


@pytest.mark.parametrize('unit', [1, 1000], ids=['metres', 'millimetres'])
def test_cameras_that_give_no_hand_are_told(tmp_path, logged, unit):
    tree = HanCoTree(tmp_path / 'hanco', num_cameras=3)
    tree.remove('xyz')  # they would tell, too
    for key in tree.xyz:
        M = np.array([tree.M[(*key, camera)] for camera in range(3)])
        M[:, :3, 3] *= unit
        K = [tree.K[(*key, camera)].tolist() for camera in range(3)]
        tree.write_json(tree.frame_path('calib', *key), dict(K=K, M=M.tolist()))
    MultiViewDataset(
        dict(type='HanCoDataset', data_root=str(tree.root)),
        step_pipeline=[dict(type='TriangulateLabels')],
    )
    told = [line for line in logged if 'TriangulateLabels does nothing' in line]
    assert len(told) == (unit == 1000)
    for line in told:
        assert 'the joints of no time step looked at are those of a hand' in line


class PlainRig(BaseDataset):
    """Of MMEngine alone: neither sizes nor sequences."""

    def __init__(self, views, **kwargs):
        self.views = views
        super().__init__(**kwargs)

    def load_data_list(self):
        return self.views


@pytest.fixture
def plain_views(tmp_path):
    """Of one time step, with images of 128 x 96 pixels."""
    views = RingRig(moving_hand(num_steps=1), 3).views()
    for view in views:
        del view['image_size'], view['sequence'], view['camera']
        view['camera_id'] = ('front', 'left', 'top')[view['camera_id']]
        view['img_path'] = str(tmp_path / f'{view["camera_id"]}.png')
        cv2.imwrite(view['img_path'], np.zeros((96, 128, 3), np.uint8))
    return views


def test_a_data_set_without_sizes_has_those_of_its_images(plain_views, logged):
    dataset = MultiViewDataset(
        PlainRig(plain_views), step_pipeline=[dict(type='TriangulateLabels')]
    )
    assert not [line for line in logged if 'TriangulateLabels does nothing' in line]
    for view in dataset.get_data_info(0)['views']:
        assert view['image_size'].tolist() == [128, 96]
        for known, size in (
            (dict(width=7, height=5), (7, 5)),
            (dict(ori_shape=(5, 7)), (7, 5)),
        ):
            assert size_of_record(dict(view, **known)) == size
    (views,) = views_by_sequence(dataset).values()
    assert RigObservations.from_views(views).names == ['front', 'left', 'top']


@pytest.mark.parametrize('step_pipeline', [[], [dict(type='TriangulateLabels')]])
def test_training_looks_for_sizes_where_a_step_needs_them(
    plain_views, monkeypatch, step_pipeline
):
    asked = []

    def size_of(record):
        asked.append(record['img_path'])
        return size_of_record(record)

    dataset = MultiViewDataset(
        PlainRig(
            plain_views, pipeline=[dict(type='LoadImage'), dict(type='PackHandInputs')]
        ),
        step_pipeline=step_pipeline,
    )
    monkeypatch.setattr('hamuco_mm.datasets.multiview_dataset.size_of_record', size_of)
    assert len(dataset[0]['inputs']) == 3
    assert len(asked) == (3 if step_pipeline else 0)


def test_a_size_that_is_not_known_is_named(plain_views, logged):
    for view in plain_views:
        Path(view['img_path']).unlink()
    MultiViewDataset(
        PlainRig(plain_views), step_pipeline=[dict(type='TriangulateLabels')]
    )
    (line,) = [line for line in logged if 'TriangulateLabels does nothing' in line]
    assert 'no image_size' in line and 'calibration' not in line


def test_given_data_infos_stay_as_they_are(views):
    before = [view['keypoints'].copy() for view in views]
    names = [set(view) for view in views]
    triangulated(views)
    for view, keypoints, keys in zip(views, before, names):
        np.testing.assert_array_equal(view['keypoints'], keypoints)
        assert set(view) == keys


def test_a_data_set_of_time_steps_trains_with_them(tmp_path, pipeline):
    right, wrong = (
        HanCoTree(tmp_path / name, {0: 1}, num_cameras=5) for name in ('right', 'wrong')
    )
    moved = wrong.uv[0, 0, 2] + 40
    wrong.write_label((0, 0), 2, [moved.tolist(), np.ones(21).tolist()])

    def labels_of(tree, *steps):
        flat = dict(
            type='HanCoDataset',
            data_root=str(tree.root),
            bbox_mode='fixed',
            pipeline=pipeline,
        )
        dataset = DATASETS.build(
            dict(
                type='MultiViewDataset',
                dataset=flat,
                step_pipeline=[dict(type=step) for step in steps],
            )
        )
        return [sample.gt_instance_labels for sample in dataset[0]['data_samples']]

    for expected, found in zip(labels_of(right), labels_of(wrong, 'TriangulateLabels')):
        for name in ('keypoint_labels', 'keypoints_cam_labels'):
            np.testing.assert_allclose(found[name], expected[name], atol=1e-3)


@pytest.mark.parametrize('max_cached', [0, 1, 100])
def test_kept_joints_are_those_of_the_same_labels(views, joints, max_cached):
    transform = TRANSFORMS.build(dict(type='TriangulateLabels', max_cached=max_cached))
    moved = changed(views, labels(lambda keypoints: keypoints + (3, 0)))
    elsewhere = [dict(v, camera_param=dict(v['camera_param'])) for v in views]
    for view in elsewhere:
        view['camera_param']['t'] = view['camera_param']['t'] + (0, 0, 0.05)
    order = [3, 0, 4, 1, 2]
    for _ in range(2):
        for given in (views, moved, elsewhere, views[:3]):
            found = transform(dict(views=given))['views']
            expected = triangulated(given)
            turned = transform(dict(views=[given[i] for i in order if i < len(given)]))
            of_camera = {view['camera_id']: view for view in turned['views']}
            for view, other in zip(found, expected):
                for name in ('keypoints', 'keypoints_cam'):
                    np.testing.assert_array_equal(view[name], other[name])
                    same = of_camera[view['camera_id']][name]
                    np.testing.assert_array_equal(view[name], same)
    at_first = transform(dict(views=views))['views'][0]['keypoints']
    assert (transform(dict(views=moved))['views'][0]['keypoints'] != at_first).all()
