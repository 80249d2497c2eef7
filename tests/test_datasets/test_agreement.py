"""Labels, images, cameras and 3D joints that do not belong together are told of."""

import cv2
import numpy as np
import pytest
from rig_tree import RigTree

from hamuco_mm.datasets import HanCoDataset, RigHandDataset
from hamuco_mm.datasets.rig import HandLabel, write_label


@pytest.fixture
def told(make_tree, logged):
    """Function: what is done to a tree, arguments of the data set -> its warnings."""

    def load(change, **arguments) -> list[str]:
        tree = make_tree(sequences={0: 3})
        change(tree)
        HanCoDataset(data_root=str(tree.root), **arguments)
        return [line for line in logged if line.startswith(f'{tree.root}: ')]

    return load


def scale_labels(tree, factor: float, cameras=(0, 1, 2)) -> None:
    for (sequence, frame, camera), uv in tree.uv.items():
        if camera in cameras:
            confidence = tree.conf[(sequence, frame, camera)].tolist()
            label = [(factor * uv).tolist(), confidence]
            tree.write_label((sequence, frame), camera, label)


def enlarge_images(tree, factor: int) -> None:
    for path in tree.root.glob('rgb/*/*/*.jpg'):
        image = cv2.imread(str(path))
        cv2.imwrite(str(path), cv2.resize(image, None, fx=factor, fy=factor))


def write_cameras(tree, change_K=lambda K: K, change_M=lambda M: M) -> None:
    for key in tree.xyz:
        views = [(*key, camera) for camera in range(tree.num_cameras)]
        tree.write_json(
            tree.frame_path('calib', *key),
            dict(
                K=[change_K(tree.K[view]).tolist() for view in views],
                M=[change_M(tree.M[view]).tolist() for view in views],
            ),
        )


def test_nothing_is_told_of_what_belongs_together(told):
    assert told(lambda tree: None) == []
    assert told(lambda tree: None, bbox_mode='fixed') == []


def test_labels_in_parts_of_the_image_are_refused(told):
    with pytest.raises(ValueError, match='parts of the image, not pixels. Multiply'):
        told(lambda tree: scale_labels(tree, 1 / 300))


def test_labels_of_larger_images(told):
    """Of one camera, whose images were made smaller."""
    (line,) = told(lambda tree: scale_labels(tree, 5.0, cameras=[1]), with_calib=False)
    assert 'cam1: ' in line and 'outside of the images, of 224x200 pixels' in line


def test_labels_of_smaller_images(told):
    (line,) = told(lambda tree: enlarge_images(tree, 5), with_calib=False)
    assert 'all labelled joints are in the upper left quarter' in line


def test_a_fixed_box_for_images_of_another_size(told):
    box = (300, 300, 400, 400)
    (line,) = told(lambda tree: None, bbox_mode='fixed', fixed_bbox=box)
    assert '100% of the labelled joints are outside of fixed_bbox=[300.0, ' in line
    assert told(lambda tree: None, bbox_mode='keypoints', fixed_bbox=box) == [line]


@pytest.mark.parametrize(
    'changes',
    [
        dict(change_M=np.linalg.inv),
        dict(change_K=lambda K: np.diag([0.25, 0.25, 1]) @ K),
    ],
    ids=['camera to world', 'K of smaller images'],
)
def test_cameras_that_are_not_those_of_labels_and_3d_joints(told, changes):
    (line,) = told(lambda tree: write_cameras(tree, **changes))
    assert 'M should be world-to-camera in metres, K in pixels of these images' in line


@pytest.mark.parametrize(
    'factor, camera, said',
    [
        (1.0, None, []),
        (3.0, 'cam1', ['cam1: ', 'outside of the images, of']),
        (0.2, None, ['all labelled joints are in the upper left quarter']),
    ],
)
def test_labels_of_a_rig_for_images_of_another_size(
    tmp_path, logged, factor, camera, said
):
    """As MediaPipe's pixels of the videos, where images were made smaller."""
    tree = RigTree(tmp_path)
    for (name, frame), uv in tree.uv.items():
        if camera in (None, name):
            label = HandLabel(factor * uv, tree.confidence[name, frame])
            write_label(tree.path('labels', name, frame), label)
    RigHandDataset(str(tmp_path))
    lines = [line for line in logged if 'labelled joints' in line]
    assert len(lines) == bool(said)
    assert all(words in line for line in lines for words in said)
