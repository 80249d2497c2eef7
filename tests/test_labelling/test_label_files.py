"""Labels from files of OpenPose and of MediaPipe's kind."""

import hashlib
import json
import os
import sys
from types import ModuleType, SimpleNamespace

import cv2
import numpy as np
import pytest
from bent_hands import bent_hand, mediapipe_result
from command_checks import load_script

from hamuco_mm.datasets.frames import IMAGE_SUFFIXES
from hamuco_mm.datasets.labels.joint_names import MEDIAPIPE_NAMES
from hamuco_mm.labelling import HandImage, LandmarkFiles, OpenPoseFiles
from hamuco_mm.utils.json_files import MalformedFileError

POINTS = np.arange(42.0).reshape(21, 2) + 5
SCORES = np.linspace(0.1, 0.9, 21)
IMAGE = HandImage('0000/cam1/00000012', None, 'right', (200, 100))


def image(side='right'):
    return IMAGE._replace(side=side)


@pytest.fixture
def write(tmp_path):

    def write(name, content, directory='0000/cam1'):
        path = tmp_path / directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


def person(points=POINTS, scores=SCORES, side='right'):
    other = 'left' if side == 'right' else 'right'
    return {
        f'hand_{side}_keypoints_2d': np.column_stack([points, scores]).ravel().tolist(),
        f'hand_{other}_keypoints_2d': [0] * 63,
    }


def check(label, points=POINTS, scores=SCORES):
    np.testing.assert_allclose(label.keypoints, points)
    np.testing.assert_allclose(label.confidence, scores)


@pytest.mark.parametrize(
    'name',
    [
        '00000012_keypoints.json',
        'clip_000000000012_keypoints.json',
        '12_keypoints.json',
    ],
)
def test_openpose(write, tmp_path, name):
    write(
        name,
        dict(people=[person(POINTS + 9, SCORES / 2), person(), person(side='left')]),
    )
    write('clip_000000000013_keypoints.json', dict(people=[person(POINTS * 3)]))
    files = OpenPoseFiles(tmp_path)
    check(files.read(image()))
    check(files.read(image('left')))
    check(files.read(image()._replace(name='0000/cam1/00000013')), POINTS * 3)
    assert files.read(image()._replace(name='0000/cam1/00000099')) is None
    assert files.read(image()._replace(name='0000/cam2/00000012')) is None


def test_openpose_without_a_hand(write, tmp_path):
    write('12_keypoints.json', dict(people=[]))
    assert OpenPoseFiles(tmp_path).read(image()) is None
    write('12_keypoints.json', dict(people=[person(side='left')]))
    assert OpenPoseFiles(tmp_path).read(image()) is None


@pytest.mark.parametrize(
    'content, match',
    [
        ('{', 'not readable as JSON'),
        ([], '"people"'),
        (dict(people=[dict(pose_keypoints_2d=[])]), '--hand'),
        (dict(people=[dict(hand_right_keypoints_2d=[1, 2, 3])]), '63 numbers'),
        (dict(people=[dict(hand_right_keypoints_2d=['a'] * 63)]), '63 numbers'),
    ],
)
def test_malformed_openpose(write, tmp_path, content, match):
    path = write('12_keypoints.json', content)
    with pytest.raises(MalformedFileError, match=match) as raised:
        OpenPoseFiles(tmp_path).read(image())
    assert str(path) in str(raised.value)


def test_two_videos_of_a_camera(write, tmp_path):
    for name in 'ab':
        write(f'{name}_000000000012_keypoints.json', dict(people=[person()]))
    with pytest.raises(ValueError, match='both of frame 12'):
        OpenPoseFiles(tmp_path).read(image())


def points_of(points, scores=None):
    return [
        dict(x=x, y=y, z=0.0)
        if scores is None
        else dict(x=x, y=y, visibility=scores[i])
        for i, (x, y) in enumerate(points)
    ]


@pytest.mark.parametrize(
    'content, scores',
    [
        (POINTS.tolist(), 1),
        (dict(landmarks=points_of(POINTS, SCORES)), SCORES),
        (dict(landmarks=np.column_stack([POINTS, SCORES]).tolist(), score=0.7), 0.7),
        (
            dict(
                hand_landmarks=[points_of(POINTS + 1), points_of(POINTS)],
                handedness=[
                    [dict(category_name='Right', score=0.9)],
                    [dict(category_name='Left', score=0.6)],
                ],
            ),
            0.6,
        ),
        (
            dict(
                multi_hand_landmarks=[dict(landmark=points_of(POINTS))],
                multi_handedness=[dict(classification=[dict(label='Left', score=0.8)])],
            ),
            0.8,
        ),
    ],
)
def test_landmarks_in_pixels(write, tmp_path, content, scores):
    write('00000012.json', content)
    files = LandmarkFiles(tmp_path, normalized=False)
    check(files.read(image()), POINTS, np.broadcast_to(scores, 21))


def test_normalized_landmarks(write, tmp_path):
    """Parts of an image of 200 x 100; both hands, named as in a mirror."""
    write(
        '00000012.json',
        dict(
            hand_landmarks=[points_of(POINTS / 200), points_of(POINTS / 100)],
            handedness=[
                [dict(category_name='Right', score=0.5)],
                [dict(category_name='Left', score=0.9)],
            ],
        ),
    )
    files = LandmarkFiles(tmp_path, normalized=True)
    check(files.read(image()), POINTS * (2, 1), np.full(21, 0.9))
    check(files.read(image('left')), POINTS * (1, 0.5), np.full(21, 0.5))
    as_is = LandmarkFiles(tmp_path, normalized=True, swap_sides=False)
    check(as_is.read(image('left')), POINTS * (2, 1), np.full(21, 0.9))


@pytest.mark.parametrize('mirrored', [True, False])
def test_sides_of_each_release(write, tmp_path, mirrored):
    """The later ones of the tasks call a right hand 'Right' in any image."""
    words = ('Right', 'Left') if mirrored else ('Left', 'Right')
    hands = {side: 10 * bent_hand(side) + 99 for side in ('left', 'right')}
    for frame in range(5):
        content = mediapipe_result(dict(zip(words, hands.values())))
        write(f'{frame:08d}.json', content)
    files = LandmarkFiles(tmp_path, normalized=False)
    for side, joints in hands.items():
        label = files.read(image(side)._replace(name='0000/cam1/00000003'))
        check(label, joints[:, :2], np.full(21, 0.9))
    said = [line for line in files.notes.lines() if 'assume mirrored images' in line]
    assert bool(said) is not mirrored


def test_csv_by_name_and_by_order(write, tmp_path):
    shuffled = np.random.default_rng(0).permutation(21)
    write(
        '00000012.csv',
        'joint,x,y,confidence\n'
        + '\n'.join(
            f'{MEDIAPIPE_NAMES[i].upper()},{POINTS[i, 0]},{POINTS[i, 1]},{SCORES[i]}'
            for i in shuffled
        ),
    )
    write('00000013.csv', 'x, y\n' + '\n'.join(f'{x}, {y}' for x, y in POINTS))
    write('00000014.csv', 'x,y\n')
    files = LandmarkFiles(tmp_path, normalized=False)
    check(files.read(image()))
    check(files.read(image()._replace(name='0000/cam1/00000013')), POINTS, np.ones(21))
    for number in (14, 15):  # no hand; no file
        name = f'0000/cam1/000000{number}'
        assert files.read(image()._replace(name=name)) is None


@pytest.mark.parametrize(
    'name, content, normalized, match',
    [
        ('00000012.json', POINTS.tolist(), True, '--coordinates pixels'),
        ('00000012.json', (POINTS / 99).tolist(), False, '--coordinates normalized'),
        ('00000012.json', POINTS[:20].tolist(), False, '21 points'),
        ('00000012.json', dict(points=[]), False, '"landmarks"'),
        ('00000012.json', 7, False, 'a list or an object'),
        ('00000012.json', [[1]] * 21, False, r'landmarks\[0\]'),
        ('00000012.json', [dict(x=1)] * 21, False, r'landmarks\[0\]'),
        (
            '00000012.json',
            dict(hand_landmarks=[[], []], handedness=[[]]),
            False,
            'as many',
        ),
        ('00000012.json', dict(hand_landmarks=5), False, 'a list of hands'),
        ('00000012.json', dict(hand_landmarks=[[]], handedness=5), False, 'as many'),
        ('00000012.csv', 'a,b\n1,2\n', False, 'columns x and y'),
        ('00000012.csv', 'x,y\n1,2\n', False, '1 points, expected 21'),
        ('00000012.csv', 'x,y\n' + '1,b\n' * 21, False, 'numbers'),
        ('00000012.csv', 'joint,x,y\n' + 'wrist,1,2\n' * 21, False, 'both the'),
        ('00000012.csv', 'joint,x,y\n' + 'toe,1,2\n' * 21, False, "'toe'"),
    ],
)
def test_malformed_landmarks(write, tmp_path, name, content, normalized, match):
    path = write(name, content)
    with pytest.raises(MalformedFileError, match=match) as raised:
        LandmarkFiles(tmp_path, normalized).read(image())
    assert str(path) in str(raised.value)


@pytest.mark.parametrize('kind', [OpenPoseFiles, LandmarkFiles])
def test_no_such_directory(tmp_path, kind):
    arguments = (True,) if kind is LandmarkFiles else ()
    with pytest.raises(FileNotFoundError, match='nowhere'):
        kind(tmp_path / 'nowhere', *arguments)


def test_mediapipe_reads_the_images_that_the_package_reads(repository):
    """The tool runs without the package, so it has a copy of the suffixes."""
    tool = load_script(repository / 'tools/misc/mediapipe_landmarks.py')
    assert tool.SUFFIXES == IMAGE_SUFFIXES


@pytest.fixture
def landmarks_tool(repository):
    return load_script(repository / 'tools/misc/mediapipe_landmarks.py')


def of_image(content):
    """A file as the tool writes it of an image."""
    points = [dict(x=0.5, y=0.1 + 0.01 * j, z=0) for j in range(21)]
    return dict(
        hand_landmarks=[points],
        handedness=[[dict(category_name='Left', score=0.9)]],
        image_sha256=hashlib.sha256(content).hexdigest(),
        made_with=dict(max_num_hands=2, min_detection_confidence=0.3),
    )


def test_landmarks_of_a_replaced_image_are_made_anew(landmarks_tool, write, tmp_path):
    picture = tmp_path / 'picture.jpg'
    picture.write_bytes(b'before')
    path = tmp_path / '0000/cam1/00000012.json'
    before, after = (
        {key: of_image(content)[key] for key in ('image_sha256', 'made_with')}
        for content in (b'before', b'after')
    )
    assert not landmarks_tool.is_current(path, picture, before)
    write(path.name, of_image(b'before'))
    assert landmarks_tool.is_current(path, picture, before)
    # whatever the times of the files say
    os.utime(picture, (0, 0))
    assert not landmarks_tool.is_current(path, picture, after)
    # files that do not say it
    write(path.name, dict(hand_landmarks=[]))
    assert landmarks_tool.is_current(path, picture, after)
    os.utime(path, (0, 0))
    os.utime(picture, (9, 9))
    assert not landmarks_tool.is_current(path, picture, after)


class Finder:
    """In place of MediaPipe: finds as many hands as it may."""

    def __init__(self, max_num_hands, min_detection_confidence, static_image_mode):
        self.number = max_num_hands

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def process(self, image):
        points = [SimpleNamespace(x=0.5, y=0.1, z=0.0)] * 21
        kind = SimpleNamespace(label='Left', score=0.9)
        return SimpleNamespace(
            multi_hand_landmarks=[SimpleNamespace(landmark=points)] * self.number,
            multi_handedness=[SimpleNamespace(classification=[kind])] * self.number,
        )


def test_landmarks_by_other_options_are_made_anew(
    run_script, tmp_path, monkeypatch, capsys
):
    """Who finds too few hands lowers the confidence, and runs it again."""
    module = ModuleType('mediapipe.python.solutions.hands')
    module.Hands = Finder
    monkeypatch.setitem(sys.modules, module.__name__, module)
    file, out = tmp_path / 'images/0000/cam1/00000012.png', tmp_path / 'out'
    file.parent.mkdir(parents=True)
    assert cv2.imwrite(str(file), np.zeros((8, 8, 3), np.uint8))

    def hands(*options):
        run_script('misc/mediapipe_landmarks.py', file.parents[2], out, *options)
        content = (out / '0000/cam1/00000012.json').read_text()
        printed = capsys.readouterr().out
        return len(json.loads(content)['hand_landmarks']), '; 1 new' in printed

    assert hands() == (2, True)
    assert hands() == (2, False)
    assert hands('--max-hands', 4) == (4, True)
    assert hands('--max-hands', 4, '--min-confidence', 0.1) == (4, True)
    files = LandmarkFiles(out, normalized=True)
    assert files.read(image()._replace(path=file)) is not None
    assert not any('not used' in line for line in files.notes.lines())


def test_landmarks_of_images_that_are_gone_are_removed(landmarks_tool, write, tmp_path):
    kept = write('0.json', of_image(b''))
    gone = write('1.json', of_image(b''))
    foreign = write('2.json', dict(landmarks=[]))
    of_other_data = write('1.json', of_image(b''), directory='0000/cam9')
    assert landmarks_tool.remove_gone(tmp_path, {kept}) == 1
    assert not gone.exists()
    assert kept.exists() and foreign.exists() and of_other_data.exists()


def test_landmarks_belong_to_the_image_they_were_made_of(write, tmp_path):
    """Also where the recording has another frame of this name."""
    picture = tmp_path / 'picture.jpg'
    picture.write_bytes(b'now')
    images = [
        HandImage(f'0000/cam1/{n:08d}', picture, 'right', (200, 100), None, None, frame)
        for n, frame in enumerate(('4', '5'))
    ]
    for n in range(5):
        write(f'{n:08d}.json', of_image(b'now' if n < 2 else b'before'))
    files = LandmarkFiles(tmp_path, normalized=True, images=images)
    assert [files.read(image).keypoints[0].tolist() for image in images] == [
        [100, 10],
        [100, 10],
    ]
    picture.write_bytes(b'replaced')
    with pytest.raises(MalformedFileError, match='another image .* again'):
        files.read(images[0])


def test_labels_that_are_older_than_their_images(write, tmp_path):
    picture = tmp_path / 'picture.jpg'
    picture.write_bytes(b'')
    own = IMAGE._replace(path=picture, source_frame='16')
    label = write('00000012.json', POINTS.tolist())
    other = write('00000012_keypoints.json', dict(people=[person()]), '0000/cam2')

    def notes():
        landmarks = LandmarkFiles(tmp_path, normalized=False, images=[own])
        openpose_image = own._replace(name='0000/cam2/00000012')
        openpose = OpenPoseFiles(tmp_path, [openpose_image])
        landmarks.read(own)
        openpose.read(openpose_image)
        return landmarks.notes.lines(), openpose.notes.lines()

    os.utime(picture, (0, 0))
    assert notes() == ([], [])
    for file in (label, other):
        os.utime(file, (0, 0))
    os.utime(picture, (9, 9))
    assert all('make the labels anew' in line for (line,) in notes())
    # a video whose frames are called as the images
    own = own._replace(source_frame='12')
    assert notes() == ([], [])


def test_several_hands_of_no_side(write, tmp_path):
    """The most confident one is taken, and that there are others is said; of hands
    with a side, the wanted one is clear."""
    hands = [points_of(POINTS), points_of(POINTS + 1)]
    write('00000012.json', dict(hand_landmarks=hands))
    write(
        '00000013.json',
        dict(
            hand_landmarks=hands, handedness=[dict(label=s) for s in ('Left', 'Right')]
        ),
    )
    files = LandmarkFiles(tmp_path, normalized=False)
    check(files.read(image()._replace(name='0000/cam1/00000013')), POINTS, np.ones(21))
    assert not any('several hands' in line for line in files.notes.lines())
    check(files.read(image()), POINTS, np.ones(21))
    (line,) = [line for line in files.notes.lines() if 'several hands' in line]
    assert line.startswith('1 images have several hands that may be meant')
