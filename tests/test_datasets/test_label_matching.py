"""Which label belongs to which frame."""

import json

import numpy as np
import pytest

from hamuco_mm.datasets.labels import match_labels
from hamuco_mm.datasets.labels.joint_rows import WrongJointCountError, joint_rows
from hamuco_mm.labelling import HandImage, LandmarkFiles, OpenPoseFiles
from hamuco_mm.utils.json_files import MalformedFileError

FRAMES = [str(i) for i in range(6)]
POINTS = np.arange(42.0).reshape(21, 2) * 4 + 100
SIZE = (401, 301)


@pytest.mark.parametrize('form', ['{}', '{:06d}', 'frame_{:06d}', 'cam2-{:03d}'])
def test_numbers(form):
    labels = [form.format(i) for i in range(6)]
    assert match_labels(labels, FRAMES) == dict(zip(FRAMES, labels))
    # one is missing, wherever
    for gone in range(6):
        rest = labels[:gone] + labels[gone + 1 :]
        expected = {f: n for f, n in zip(FRAMES, labels) if n in rest}
        assert match_labels(rest, FRAMES) == expected


def test_equal_names_come_first():
    frames = ['img07', 'img08', 'side']
    assert match_labels(['side', 'img08'], frames) == dict(side='side', img08='img08')
    assert match_labels(['img0008'], ['img07', 'img08']) == {'img08': 'img0008'}
    assert match_labels(['a', 'b'], FRAMES) == {}
    assert match_labels([], FRAMES) == {}


@pytest.mark.parametrize('first, frames', [(1, range(6)), (0, range(1, 7))])
@pytest.mark.parametrize('form', ['{}', 'frame_{:06d}'])
def test_numbers_shifted_by_one(form, first, frames):
    labels = [form.format(first + i) for i in range(6)]
    frames = [str(frame) for frame in frames]
    shift = first - int(frames[0])
    with pytest.raises(ValueError, match=f'--label-offset {shift}:'):
        match_labels(labels, frames)
    assert match_labels(labels, frames, shift) == dict(zip(frames, labels))
    same = match_labels(labels, frames, 0)
    assert all(int(frame) == int(label[-1]) for frame, label in same.items())
    assert len(same) == 5


def test_two_labels_of_a_frame():
    with pytest.raises(ValueError, match='7 and 007 are both'):
        match_labels(['7', '007'], FRAMES)


def nested(points, kind):
    return dict(
        lists=points.tolist(),
        flat=points.ravel().tolist(),
        batch=points[None].tolist(),
        column=points.reshape(-1, 1).tolist(),
        deep=points[:, None].tolist(),
    )[kind]


@pytest.mark.parametrize('kind', ['lists', 'flat', 'batch', 'column', 'deep'])
@pytest.mark.parametrize('width', [1, 2])
def test_any_nesting_of_joints(kind, width, tmp_path):
    """What ``np.array(value).reshape(21, width)`` reads, which the authors' code
    does."""
    rows = POINTS[:, :width]
    found = joint_rows(tmp_path / 'a', nested(rows, kind), 'entry', width)
    np.testing.assert_array_equal(found, rows)


def test_other_orders_of_numbers(tmp_path):
    path = tmp_path / 'a'
    with pytest.raises(MalformedFileError, match='joint by joint'):
        joint_rows(path, POINTS.T.tolist(), 'entry', 2)
    with pytest.raises(MalformedFileError, match='2 numbers a joint'):
        joint_rows(path, np.ones((21, 3)).tolist(), 'entry', 2)
    for count in (POINTS[:20], POINTS[:20].ravel()):
        with pytest.raises(WrongJointCountError, match='20 joints'):
            joint_rows(path, count.tolist(), 'entry', 2)
    with pytest.raises(MalformedFileError, match='not an array'):
        joint_rows(path, [[1, 2], [3]], 'entry', 2)
    with pytest.raises(MalformedFileError, match='should be a list'):
        joint_rows(path, 7, 'entry', 2)


def images(number=4, sources=None):
    return [
        HandImage(
            f'0000/cam1/{i:08d}',
            None,
            'right',
            SIZE,
            source_frame=None if sources is None else sources[i],
        )
        for i in range(number)
    ]


@pytest.fixture
def write(tmp_path):
    """Function: name, what moves the hand -> writes a label."""

    def write_file(name, shift=0.0):
        path = tmp_path / '0000/cam1' / f'{name}.json'
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps((POINTS + shift).tolist()))

    return write_file


def shifts(files, wanted):
    labels = [files.read(image) for image in wanted]
    return [
        None if x is None else round(x.keypoints[0, 0] - POINTS[0, 0]) for x in labels
    ]


def test_landmarks_of_images_and_of_their_recording(write, tmp_path):
    for number in range(8):
        write(f'hand_{number}', number)
    wanted = images(4)
    files = LandmarkFiles(tmp_path, False, images=wanted)
    assert shifts(files, wanted) == [0, 1, 2, 3]
    (line,) = files.unused()
    assert '4 of 8 labels belong to no image: hand_4' in line
    # every second frame of a video, from its frame 1
    wanted = images(4, ['1', '3', '5', '7'])
    files = LandmarkFiles(tmp_path, False, images=wanted)
    assert shifts(files, wanted) == [1, 3, 5, 7]


def test_landmarks_shifted_by_one(write, tmp_path):
    for number in range(1, 5):
        write(f'{number:08d}', number)
    wanted = images(4)
    with pytest.raises(ValueError, match='cam1: .*--label-offset 1'):
        LandmarkFiles(tmp_path, False, images=wanted).read(wanted[0])
    files = LandmarkFiles(tmp_path, False, images=wanted, offset=1)
    assert shifts(files, wanted) == [1, 2, 3, 4]
    assert files.unused() == []


def test_a_hand_of_the_other_side_is_counted(write, tmp_path):
    path = tmp_path / '0000/cam1/00000000.json'
    path.parent.mkdir(parents=True)
    joints = np.column_stack([POINTS, np.ones(21)]).tolist()
    path.write_text(json.dumps(dict(keypoints=joints, hand_side='left')))
    files = LandmarkFiles(tmp_path, False)
    assert files.read(images(1)[0]) is not None
    assert 'the other side' in files.notes.lines()[0]


@pytest.fixture
def write_openpose(tmp_path):
    """Function: coordinates -> one file of a hand and a body."""

    def write_file(points, number=0, body=((0.5, 0.5),)):
        joints = np.column_stack([points, np.full(21, 0.75)])
        joints[4] = 0  # not found
        content = dict(
            version=1.3,
            people=[
                dict(
                    person_id=[-1],
                    pose_keypoints_2d=[v for x, y in body for v in (x, y, 0.9)],
                    face_keypoints_2d=[],
                    hand_left_keypoints_2d=[0] * 63,
                    hand_right_keypoints_2d=joints.ravel().tolist(),
                )
            ],
        )
        path = tmp_path / f'0000/cam1/{number:08d}_keypoints.json'
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))

    return write_file


def check_openpose(files):
    label = files.read(images(1)[0])
    expected = POINTS.copy()
    expected[4] = 0
    np.testing.assert_allclose(label.keypoints, expected, atol=1e-3)
    assert label.confidence.tolist() == [0.75] * 4 + [0] + [0.75] * 16


LAST = np.array(SIZE) - 1


@pytest.mark.parametrize('scale', [0, 3, 4])
def test_keypoint_scales(write_openpose, tmp_path, scale):
    """OpenPose divides by width - 1 and height - 1."""
    points = {0: POINTS, 3: POINTS / LAST, 4: 2 * POINTS / LAST - 1}[scale]
    write_openpose(points, body=((0.5, 0.5) if scale else (50, 60),))
    check_openpose(OpenPoseFiles(tmp_path, keypoint_scale=scale))
    files = OpenPoseFiles(tmp_path)
    check_openpose(files)
    assert bool(files.notes.lines()) == (scale > 0)


def test_all_files_show_the_scale(write_openpose, tmp_path):
    """A hand in the lower right has no negative coordinate of -1 to 1."""
    write_openpose(2 * POINTS / LAST - 1, body=())
    write_openpose(np.full((21, 2), -0.9), number=1)
    check_openpose(OpenPoseFiles(tmp_path))


def test_a_scale_that_is_not_clear(write_openpose, tmp_path):
    write_openpose(np.linspace(-0.05, 0.9, 42).reshape(21, 2))
    with pytest.raises(ValueError, match='--keypoint-scale 3 or 4'):
        OpenPoseFiles(tmp_path).read(images(1)[0])


def test_files_of_openpose_that_belong_to_no_image(write_openpose, tmp_path):
    for number in (0, 1, 7):
        write_openpose(POINTS, number)
    wanted = images(2)
    files = OpenPoseFiles(tmp_path, wanted)
    for image in wanted:
        files.read(image)
    (line,) = files.unused()
    assert '1 of 3 files belong to no image' in line and '00000007' in line
