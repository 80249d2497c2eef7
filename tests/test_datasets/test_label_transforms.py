"""Transforms that choose images and labels."""

import cv2
import numpy as np
import pytest
from mmengine.registry import init_default_scope
from mmpose.registry import DATASETS, TRANSFORMS


def test_an_image_comes_from_one_of_the_folders(make_tree):
    init_default_scope('mmpose')
    tree = make_tree(sequences={0: 2}, num_cameras=1)
    for folder, level in (('rgb_homo', 200), ('rgb_color_auto', 250)):
        other = make_tree(sequences={0: 1}, num_cameras=1, img=folder)
        path = other.image_path(0, 0, 0)
        cv2.imwrite(str(path), np.full((200, 224, 3), level, np.uint8))
    dataset = DATASETS.build(
        dict(
            type='HanCoDataset',
            data_root=str(tree.root),
            pipeline=[
                dict(
                    type='RandomImageFolder',
                    folders=['rgb', 'rgb_homo', 'rgb_color_auto'],
                ),
                dict(type='LoadImage'),
            ],
        )
    )
    np.random.seed(0)
    levels = {round(int(dataset[0]['img'][0, 0, 0]), -1) for _ in range(30)}
    own = round(tree.level(0, 0, 0), -1)
    assert levels == {own, 200, 250}
    # the other folders lack the second frame
    second = {int(dataset[1]['img'][0, 0, 0]) for _ in range(10)}
    assert len(second) == 1 and abs(second.pop() - tree.level(0, 1, 0)) <= 2


def test_a_folder_that_is_not_there_is_named(make_tree, logged):
    tree = make_tree(sequences={0: 1}, num_cameras=1)
    make_tree(sequences={0: 1}, num_cameras=1, img='rgb_homo')
    draw = dict(type='RandomImageFolder', folders=['rgb', 'rgb_homo', 'rgb_hommo'])
    DATASETS.build(dict(type='HanCoDataset', data_root=str(tree.root), pipeline=[draw]))
    (line,) = [line for line in logged if 'RandomImageFolder draws' in line]
    assert f'there is no folder {tree.root}/rgb_hommo, nor ' in line
    assert line.endswith(f'show the images of rgb; did you mean {tree.root}/rgb_homo?')


def test_a_folder_is_needed():
    with pytest.raises(ValueError, match='at least one'):
        TRANSFORMS.build(dict(type='RandomImageFolder', folders=[]))


def test_removed_labels_reach_no_loss(make_tree, pipeline):
    tree = make_tree(sequences={0: 1}, num_cameras=1)
    remove = dict(type='RemoveLabels', keys=('keypoints_cam', 'vertices'))
    for keep in (True, False):
        steps = pipeline if keep else [*pipeline[:-2], remove, *pipeline[-2:]]
        dataset = DATASETS.build(
            dict(type='HanCoDataset', data_root=str(tree.root), pipeline=steps)
        )
        labels = dataset[0]['data_samples'].gt_instance_labels
        assert ('keypoints_cam_labels' in labels) == keep
        assert 'keypoint_labels' in labels
