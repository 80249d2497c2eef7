"""Confidences by the agreement of the views."""

import json
from collections import Counter

import numpy as np
import pytest
from label_trees import LabelTree
from scipy.optimize import least_squares

from hamuco_mm.labelling import clean_hanco, clean_rig

SETTINGS = dict(tolerance=0.12, min_confidence=0.1)


@pytest.fixture
def tree(tmp_path):
    return LabelTree(tmp_path, frames=3, cameras=4)


@pytest.fixture
def moved(tree):
    """Labels that are 40 px from where they should be."""
    return {(tree.names[1], 4), (tree.names[6], 0), (tree.names[6], 20)}


def nothing(done, total):
    assert 0 < done <= total


def test_moved_labels_of_a_rig_lose_their_confidence(tree, moved):
    source = tree.write_rig(moved=moved)
    out = tree.rig / 'clean.json'
    count = clean_rig(source, out, SETTINGS, nothing)
    assert count == Counter(kept=12 * 21 - 3, lowered=3)
    before, after = (json.loads(path.read_text()) for path in (source, out))
    assert after['info'].pop('cleaned') == SETTINGS
    for old, new in zip(before['annotations'], after['annotations']):
        name = tree.names[old['image_id']]
        joints, known = (
            np.reshape(hand.pop('keypoints'), (21, 3)) for hand in (new, old)
        )
        np.testing.assert_array_equal(joints[:, :2], known[:, :2])
        for joint in range(21):
            if (name, joint) in moved:
                assert joints[joint, 2] < 0.01
            else:
                assert joints[joint, 2] > 0.85
        new.pop('num_keypoints'), old.pop('num_keypoints')
        assert new == old
    for key in ('images', 'cameras', 'categories'):
        assert before[key] == after[key]


def test_a_rig_whose_info_is_null_is_cleaned(tree):
    source = tree.write_rig()
    rig = json.loads(source.read_text())
    source.write_text(json.dumps(dict(rig, info=None)))
    clean_rig(source, tree.rig / 'cleaned.json', SETTINGS, nothing)
    assert 'cleaned' in json.loads((tree.rig / 'cleaned.json').read_text())['info']


def test_moved_labels_of_hanco_lose_their_confidence(tree, moved):
    tree.write_hanco_labels(moved)
    source, out = (tree.hanco / name for name in ('rgb_2D_keypoints', 'clean'))
    count = clean_hanco(tree.hanco, None, out, SETTINGS, nothing)
    assert count == Counter(kept=12 * 21 - 3, lowered=3)
    for name in tree.names:
        old, new = (
            json.loads((path / f'{name}.json').read_text()) for path in (source, out)
        )
        assert new[0] == old[0] and old[1] == [0.9] * 21
        for joint in range(21):
            low = (name, joint) in moved
            assert (new[1][joint] < 0.01) if low else (new[1][joint] > 0.85)
    # again, of other labels than the usual ones: nothing is left to lower
    again = clean_hanco(tree.hanco, out, tree.hanco / 'again', SETTINGS, nothing)
    assert again['lowered'] == 0


def test_confidences_that_are_lists_of_one_number(tree, moved):
    """One of the nestings of HanCo's labels that are read: the same comes out."""
    tree.write_hanco_labels(moved)
    flat, out = (tree.hanco / name for name in ('flat', 'clean'))
    expected = clean_hanco(tree.hanco, None, flat, SETTINGS, nothing)
    for path in (tree.hanco / 'rgb_2D_keypoints').glob('*/*/*.json'):
        points, confidence = json.loads(path.read_text())
        path.write_text(json.dumps([points, [[c] for c in confidence]]))
    assert clean_hanco(tree.hanco, None, out, SETTINGS, nothing) == expected
    for name in tree.names:
        one, other = ((path / f'{name}.json').read_text() for path in (out, flat))
        assert json.loads(one) == json.loads(other)


def test_labels_behind_links_are_cleaned(tree, moved, tmp_path):
    """Folders of large data sets lie on several disks."""
    tree.write_hanco_labels(moved)
    source, out = (tree.hanco / name for name in ('rgb_2D_keypoints', 'clean'))
    expected = clean_hanco(tree.hanco, None, tree.hanco / 'plain', SETTINGS, nothing)
    (sequence,) = (path for path in source.iterdir() if path.is_dir())
    sequence.rename(tmp_path / 'elsewhere')
    sequence.symlink_to(tmp_path / 'elsewhere')
    assert clean_hanco(tree.hanco, None, out, SETTINGS, nothing) == expected
    for name in tree.names:
        assert len(json.loads((out / f'{name}.json').read_text())[0]) == 21
    # and are no links to the labels that were there
    assert not (out / sequence.name).is_symlink()


def test_what_only_one_view_sees_stays(tree):
    """Joint 7 of the first time step has a label in one view alone, and all
    labels of a camera that is not calibrated stay too."""
    source = tree.write_rig()
    rig = json.loads(source.read_text())
    for hand in rig['annotations'][1:4]:
        hand['keypoints'][3 * 7 + 2] = 0
    del rig['cameras']['cam3']
    last = rig['annotations'][3]
    last['keypoints'][0] += 40
    source.write_text(json.dumps(rig))
    count = clean_rig(source, tree.rig / 'clean.json', SETTINGS, nothing)
    after = json.loads((tree.rig / 'clean.json').read_text())['annotations']
    assert after[0]['keypoints'][3 * 7 + 2] == 0.9
    assert after[1]['keypoints'][3 * 7 + 2] == 0
    assert after[3]['keypoints'] == last['keypoints']
    assert count['lowered'] == 0 and count['unknown'] == 1


def test_the_tolerance_is_a_size_of_the_hand(tree):
    """Half the tolerance to the side, against the point of least squares."""
    source = tree.write_rig()
    rig = json.loads(source.read_text())
    uv = np.stack([tree.uv[name] for name in tree.names[::4]])
    spread = np.sqrt(uv.var(1).sum(-1))
    size = 3 * np.median(spread)  # of the hand in cam0
    hand = rig['annotations'][0]
    hand['keypoints'][3 * 5] += 0.5 * 0.12 * size
    source.write_text(json.dumps(rig))
    clean_rig(source, tree.rig / 'clean.json', SETTINGS, nothing)
    new = json.loads((tree.rig / 'clean.json').read_text())['annotations'][0]

    labels = [tree.uv[name][5].copy() for name in tree.names[:4]]
    labels[0][0] += 0.5 * 0.12 * size

    def residuals(point):
        return np.concatenate(
            [
                camera.project((camera.R @ point + camera.t)[None])[0] - label
                for camera, label in zip(tree.cameras, labels)
            ]
        )

    error = np.linalg.norm(least_squares(residuals, np.zeros(3)).fun[:2])
    factor = np.exp(-2 * (error / size / 0.12) ** 2)
    assert 0.6 < factor < 0.95
    assert new['keypoints'][3 * 5 + 2] / 0.9 == pytest.approx(factor, abs=0.02)


def test_without_cameras_nothing_can_be_said(tree):
    source = tree.write_rig(cameras=False)
    with pytest.raises(ValueError, match='rig.json.*nothing can be compared'):
        clean_rig(source, tree.rig / 'clean.json', SETTINGS, nothing)
    tree.write_hanco_labels()
    for path in (tree.hanco / 'calib').glob('*/*.json'):
        path.write_text('{}')
    with pytest.raises(ValueError, match='no usable view'):
        clean_hanco(tree.hanco, None, tree.hanco / 'clean', SETTINGS, nothing)
    assert not (tree.rig / 'clean.json').exists()
    assert not (tree.hanco / 'clean').exists()
