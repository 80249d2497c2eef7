"""Files of other programs, in their true layouts: the same hand from each."""

import codecs
import json
import os

import numpy as np
import pytest
from label_formats import (
    BODYPARTS,
    MMPOSE_NAMES,
    POINTS,
    SCORES,
    deeplabcut_csv,
    deeplabcut_h5,
    mediapipe_points,
    mmpose_instance,
    mmpose_meta,
    whole_body,
)

from hamuco_mm.datasets.labels import CameraLabels, LabelNotes
from hamuco_mm.datasets.labels.camera_files import best_hand
from hamuco_mm.datasets.labels.reading import read_hands
from hamuco_mm.utils.json_files import MalformedFileError

NAN = float('nan')
PARTS = POINTS / (640, 480)


@pytest.fixture
def read(tmp_path):
    """Function: content of one image's file -> its hands, and the notes."""

    def read_file(content, name='a.json'):
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(
                content if isinstance(content, str) else json.dumps(content)
            )
        notes = LabelNotes()
        return read_hands(path, notes), notes.lines()

    return read_file


def check(label, points=POINTS, scores=SCORES):
    np.testing.assert_allclose(label.keypoints, points, atol=1e-6)
    np.testing.assert_allclose(label.confidence, np.broadcast_to(scores, 21))


class TestMMPose:
    def test_an_image(self, read):
        """The inferencer's file, and the top-down demo's; the latter's joints are
        in whatever order their names say."""
        hands, said = read([mmpose_instance(), mmpose_instance(POINTS + 1)])
        check(hands[0])
        check(hands[1], POINTS + 1)
        assert len(said) == 1 and 'joints without names' in said[0]
        order = np.random.default_rng(0).permutation(21)
        meta = mmpose_meta([MMPOSE_NAMES[i] for i in order])
        instances = [mmpose_instance(POINTS[order], SCORES[order])]
        hands, said = read(dict(meta_info=meta, instance_info=instances))
        check(hands[0])
        assert not said

    def test_sides_that_this_packages_inferencer_states(self, read):
        hands, said = read(
            [dict(mmpose_instance(), hand_side=s) for s in ('left', 'right')]
        )
        assert [hand.hand_side for hand in hands] == ['left', 'right']
        assert not any('hand_side' in line for line in said)
        with pytest.raises(ValueError, match="should be 'left' or 'right', got 'both'"):
            read([dict(mmpose_instance(), hand_side='both')])

    def test_both_hands_of_a_body(self, read):
        body = whole_body()
        scores = np.concatenate([np.zeros(91), SCORES, SCORES])
        hands, _ = read([mmpose_instance(body, scores)])
        assert [hand.hand_side for hand in hands] == ['left', 'right']
        check(hands[0])
        check(hands[1], POINTS + 40)

    def test_both_hands_by_name(self, read):
        names = [
            f'{side}_{name}' for side in ('right', 'left') for name in MMPOSE_NAMES
        ]
        joints = np.concatenate([POINTS, POINTS + 9])
        content = dict(
            meta_info=mmpose_meta(names),
            instance_info=[mmpose_instance(joints, [*SCORES, *SCORES])],
        )
        hands, _ = read(content)
        sides = {hand.hand_side: hand for hand in hands}
        check(sides['right'])
        check(sides['left'], POINTS + 9)

    @pytest.mark.parametrize('first, form', [(0, 'list'), (1, 'demo'), (0, 'demo')])
    def test_a_video(self, tmp_path, first, form):
        """The inferencer counts frames from 0, the demo from 1."""
        frames = [
            dict(frame_id=first + i, instances=[mmpose_instance(POINTS + i)])
            for i in range(3)
        ] + [dict(frame_id=first + 3, instances=[])]
        content = frames
        if form == 'demo':
            content = dict(meta_info=mmpose_meta(), instance_info=frames)
        (tmp_path / 'cam0.json').write_text(json.dumps(content))
        notes = LabelNotes()
        labels = CameraLabels(tmp_path / 'cam0', notes)
        assert labels.names == ['0', '1', '2', '3']
        for i in range(3):
            check(labels.hands(str(i))[0], POINTS + i)
        assert labels.hands('3') == []
        assert any('from 1' in line for line in notes.lines()) == (first == 1)

    @pytest.mark.parametrize(
        'content, match',
        [
            ([dict(keypoints=[[1, 2]] * 21)], 'keypoint_scores'),
            ([mmpose_instance(POINTS, SCORES[:20])], '20 scores'),
            ([mmpose_instance(POINTS[:17], SCORES[:17])], '17 keypoints without names'),
            (dict(instance_info=7), 'list of instances'),
            (
                dict(
                    meta_info=mmpose_meta(['a'] * 42),
                    instance_info=[mmpose_instance([[1, 2]] * 42, [1] * 42)],
                ),
                'does not say its side',
            ),
            (
                dict(
                    meta_info=mmpose_meta(['toe', *MMPOSE_NAMES[1:]]),
                    instance_info=[mmpose_instance()],
                ),
                r"lacks the joints \['wrist'\]; not known are \['toe'\]",
            ),
        ],
    )
    def test_malformed(self, read, content, match):
        with pytest.raises(MalformedFileError, match=match):
            read(content)

    @pytest.mark.parametrize(
        'frames, match',
        [
            ([dict(instances=[])], 'expected "frame_id"'),
            (
                [dict(frame_id=3, instances=[mmpose_instance()])] * 2,
                'has the frame_id 3 2 times',
            ),
        ],
    )
    def test_a_malformed_video(self, tmp_path, frames, match):
        path = tmp_path / 'cam0.json'
        path.write_text(json.dumps(frames))
        with pytest.raises(MalformedFileError, match=match):
            CameraLabels(tmp_path / 'cam0', LabelNotes())

    def test_keys_that_are_not_used(self, read):
        _, said = read([mmpose_instance(track_id=3)])
        assert any('"track_id"' in line for line in said)


CATEGORY = dict(score=0.83, index=1, categoryName='Left', displayName='Left')


def tells_of_other_joints(said):
    assert len(said) == 1
    assert 'model.head.hand_model.joints=mediapipe' in said[0]


class TestMediaPipe:
    @pytest.mark.parametrize(
        'content',
        [
            # tasks in JavaScript
            dict(
                landmarks=[mediapipe_points(visibility=0)],
                worldLandmarks=[mediapipe_points(visibility=0)],
                handedness=[[CATEGORY]],
                handednesses=[[CATEGORY]],
            ),
            # Hands in JavaScript
            dict(
                multiHandLandmarks=[mediapipe_points()],
                multiHandWorldLandmarks=[mediapipe_points()],
                multiHandedness=[dict(index=0, score=0.83, label='Left')],
            ),
            # tasks in Python, through dataclasses.asdict
            dict(
                handedness=[
                    [
                        dict(
                            index=1,
                            score=0.83,
                            display_name='Left',
                            category_name='Left',
                        )
                    ]
                ],
                hand_landmarks=[
                    mediapipe_points(visibility=None, presence=None, name=None)
                ],
                hand_world_landmarks=[mediapipe_points(visibility=0.0, presence=0.0)],
            ),
            # a protocol buffer through MessageToDict
            dict(
                multi_hand_landmarks=[dict(landmark=mediapipe_points())],
                multi_handedness=[
                    dict(classification=[dict(index=1, score=0.83, label='Left')])
                ],
            ),
        ],
    )
    def test_a_hand(self, read, content):
        """Which MediaPipe calls a left one, as in a mirror."""
        (hand,), said = read(content)
        check(hand, PARTS, 0.83)
        assert hand.hand_side == 'right'
        tells_of_other_joints(said)

    @pytest.mark.parametrize('handedness', [['Left', 'Right'], [['Left'], ['Right']]])
    @pytest.mark.parametrize('hands', ['hand_landmarks', 'multi_hand_landmarks'])
    def test_sides_as_words(self, read, hands, handedness):
        """What programs keep of a result that is no JSON itself."""
        said = dict(
            hand_landmarks='handedness', multi_hand_landmarks='multi_handedness'
        )
        points = [mediapipe_points(), mediapipe_points(POINTS + 8)]
        found, _ = read({hands: points, said[hands]: handedness})
        assert [hand.hand_side for hand in found] == ['right', 'left']
        check(found[0], PARTS, 1)

    @pytest.mark.parametrize(
        'handedness, score',
        [([CATEGORY], 0.83), (CATEGORY, 0.83), ('Left', 0.6)],
    )
    def test_one_hand_with_its_side(self, read, handedness, score):
        content = dict(landmarks=mediapipe_points(), handedness=handedness, score=0.6)
        (hand,), _ = read(content)
        assert hand.hand_side == 'right'
        check(hand, PARTS, score)

    @pytest.mark.parametrize('kind', ['python', 'javascript', 'task'])
    def test_holistic(self, read, kind):
        """It knows the sides from the body: they are not those of a mirror."""
        left, right = mediapipe_points(), mediapipe_points(POINTS + 8)
        content = dict(
            python=dict(
                pose_landmarks=None,
                face_landmarks=None,
                left_hand_landmarks=dict(landmark=left),
                right_hand_landmarks=dict(landmark=right),
            ),
            javascript=dict(leftHandLandmarks=left, rightHandLandmarks=right),
            task=dict(
                faceLandmarks=[], leftHandLandmarks=[left], rightHandLandmarks=[right]
            ),
        )[kind]
        hands, said = read(content)
        sides = {hand.hand_side: hand for hand in hands}
        check(sides['left'], PARTS, 1)
        check(sides['right'], (POINTS + 8) / (640, 480), 1)
        tells_of_other_joints(said)

    def test_holistic_without_hands(self, read):
        nobody = dict(left_hand_landmarks=None, right_hand_landmarks=None)
        assert read(nobody) == ([], [])

    def test_a_visibility_that_says_something(self, read):
        points = mediapipe_points()
        for point, score in zip(points, SCORES):
            point['visibility'] = float(score)
        points[3]['visibility'] = None
        (hand,), _ = read(dict(landmarks=points))
        expected = SCORES.copy()
        expected[3] = 0
        np.testing.assert_allclose(hand.confidence, expected)

    def test_missing_joints_and_unknown_keys(self, read):
        points = mediapipe_points(colour='red')
        points[5].update(x=None)
        (hand,), said = read(dict(landmarks=points, frame=7))
        assert hand.confidence.tolist() == [1] * 5 + [0] + [1] * 15
        assert any('"colour"' in line for line in said)
        assert any('"frame"' in line for line in said)

    def test_a_confidence_that_is_no_number(self, read):
        with pytest.raises(MalformedFileError, match='confidence that is no number'):
            read(dict(landmarks=mediapipe_points(visibility='high')))


class TestTables:
    def rows(self, form='{:.4f},{:.4f},{:.4f}'):
        return [form.format(x, y, c) for (x, y), c in zip(POINTS, SCORES)]

    @pytest.mark.parametrize('column', ['likelihood', 'Confidence', 'score'])
    def test_confidences(self, read, column):
        (hand,), said = read('\n'.join([f'x,y,{column}', *self.rows()]), 'a.csv')
        check(hand)
        assert not said

    @pytest.mark.parametrize(
        'encoding, mark',
        [('utf-8', codecs.BOM_UTF8), ('utf-16-le', codecs.BOM_UTF16_LE)],
    )
    def test_byte_order_marks(self, read, encoding, mark):
        text = '\n'.join(['x,y,confidence', *self.rows()])
        (hand,), _ = read(mark + text.encode(encoding), 'a.csv')
        check(hand)

    def test_a_byte_order_mark_in_json(self, read):
        text = json.dumps(dict(keypoints=np.column_stack([POINTS, SCORES]).tolist()))
        (hand,), _ = read(codecs.BOM_UTF8 + text.encode())
        check(hand)

    @pytest.mark.parametrize('head', ['', 'sep=;\n'])
    @pytest.mark.parametrize('separator', [';', '\t'])
    def test_decimal_commas(self, read, head, separator):
        rows = [row.replace('.', ',') for row in self.rows('{:.4f}|{:.4f}|{:.4f}')]
        text = '\n'.join(['x|y|confidence', *rows]).replace('|', separator)
        # a spreadsheet has more lines than are filled in
        (hand,), _ = read(head + text + '\n' + separator * 2 + '\n', 'a.csv')
        check(hand)

    def test_empty_cells_are_missing_joints(self, read):
        rows = self.rows()
        rows[4], rows[20] = ',,', 'NaN,3,1'
        (hand,), _ = read('\n'.join(['x,y,confidence', *rows, '']), 'a.csv')
        expected = SCORES.copy()
        expected[[4, 20]] = 0
        np.testing.assert_allclose(hand.confidence, expected)

    def test_surplus_columns_are_named(self, read):
        rows = [f'{i},{row},7' for i, row in enumerate(self.rows())]
        _, said = read('\n'.join([',x,y,confidence,speed', *rows]), 'a.csv')
        assert len(said) == 1 and '"speed"' in said[0]

    def test_visibility_of_zero_says_nothing(self, read):
        rows = [f'{x},{y},0' for x, y in POINTS]
        (hand,), _ = read('\n'.join(['x,y,visibility', *rows]), 'a.csv')
        check(hand, POINTS, 1)

    def test_names_of_other_programs(self, read):
        order = np.random.default_rng(1).permutation(21)
        rows = [f'{BODYPARTS[i]},{self.rows()[i]}' for i in order]
        lines = ['bodypart,x,y,likelihood', *rows, 'Elbow,1,2,1']
        (hand,), said = read('\n'.join(lines), 'a.csv')
        check(hand)
        assert any("['Elbow']" in line for line in said)

    def test_bytes_that_are_no_text(self, read):
        with pytest.raises(MalformedFileError, match='not readable as CSV'):
            read(b'x,y\n\xff\xfe\xfa', 'a.csv')


class TestDeepLabCut:
    FRAMES = [(POINTS, SCORES), (POINTS + 3, SCORES)]

    def labels(self, path, text, name='cam0.csv'):
        (path / name).write_text(text)
        notes = LabelNotes()
        return CameraLabels(path / 'cam0', notes), notes.lines

    @pytest.mark.parametrize(
        'name', ['cam0.csv', 'cam0DLC_resnet50_handJun1shuffle1_50000.csv']
    )
    def test_a_video(self, tmp_path, name):
        frames = [*self.FRAMES, (POINTS * NAN, SCORES * 0)]
        labels, said = self.labels(tmp_path, deeplabcut_csv(frames), name)
        assert labels.names == ['0', '1', '2']
        check(labels.hands('0')[0])
        check(labels.hands('1')[0], POINTS + 3)
        assert labels.hands('2') == [] and not said()

    def test_images_labelled_by_hand(self, tmp_path):
        """CollectedData: named by images, without likelihoods; folders with one
        table are read, too."""
        table = deeplabcut_csv(
            self.FRAMES, index=['labeled-data/a/img007.png', 'labeled-data/a/img08.png']
        )
        lines = [
            ','.join(c for i, c in enumerate(line.split(',')) if i % 3 or i == 0)
            for line in table.splitlines()
        ]
        (tmp_path / 'cam0').mkdir()
        labels, _ = self.labels(tmp_path, '\n'.join(lines), 'cam0/CollectedData_me.csv')
        assert labels.names == ['img007', 'img08']
        check(labels.hands('img08')[0], POINTS + 3, 1)

    def test_a_folder_of_labelled_images(self, tmp_path):
        """labeled-data/<video>: the images, and their table as CSV and as HDF5."""
        folder = tmp_path / 'cam0'
        folder.mkdir()
        for name in ('img007.png', 'CollectedData_me.h5'):  # neither is opened
            (folder / name).touch()
        table = deeplabcut_csv(self.FRAMES, index=['a/img007.png', 'a/img08.png'])
        labels, _ = self.labels(tmp_path, table, 'cam0/CollectedData_me.csv')
        assert labels.names == ['img007', 'img08']
        check(labels.hands('img007')[0])

    def test_json_beside_a_table(self, tmp_path):
        (tmp_path / 'cam0.json').write_text('[]')
        with pytest.raises(ValueError, match='both labels of cam0: keep one'):
            self.labels(tmp_path, deeplabcut_csv(self.FRAMES))

    def test_images_of_several_videos(self, tmp_path):
        """Lightning Pose has all in one table: which img01 is meant?"""
        table = deeplabcut_csv(
            self.FRAMES, index=['labeled-data/a/img01.png', 'labeled-data/b/img01.png']
        )
        with pytest.raises(MalformedFileError, match="2 lines for the frame 'img01'"):
            self.labels(tmp_path, table)

    def test_two_scorers(self, tmp_path):
        one, other = (deeplabcut_csv([frame]).splitlines() for frame in self.FRAMES)
        both = [f'{a},{b.split(",", 1)[1]}' for a, b in zip(one, other)]
        with pytest.raises(MalformedFileError, match="2 columns 'Wrist x'.*one scorer"):
            self.labels(tmp_path, '\n'.join(both))

    def test_a_frame_that_is_no_number(self, tmp_path):
        table = deeplabcut_csv(self.FRAMES, index=['inf', 'nan'])
        assert self.labels(tmp_path, table)[0].names == ['inf', 'nan']

    def test_the_newer_index_of_three_columns(self, tmp_path):
        lines = deeplabcut_csv(self.FRAMES).splitlines()
        table = [line.replace(',', ',,,', 1) for line in lines[:3]]
        table += [
            line.replace(line[0], f'labeled-data,a,img{line[0]}.png', 1)
            for line in lines[3:]
        ]
        labels, _ = self.labels(tmp_path, '\n'.join(table))
        assert labels.names == ['img0', 'img1']
        check(labels.hands('img1')[0], POINTS + 3)

    def test_individuals(self, tmp_path):
        frames = [
            [(POINTS, SCORES), (POINTS + 9, SCORES)],
            [(POINTS * NAN, SCORES * 0), (POINTS, SCORES)],
        ]
        names = ['left_hand', 'right_hand']
        labels, _ = self.labels(tmp_path, deeplabcut_csv(frames, names))
        sides = {hand.hand_side: hand for hand in labels.hands('0')}
        check(sides['left'])
        check(sides['right'], POINTS + 9)
        assert [hand.hand_side for hand in labels.hands('1')] == ['right']
        check(best_hand(labels.hands('0'), 'right'), POINTS + 9)

    def test_sides_in_the_names_of_joints(self, tmp_path):
        text = deeplabcut_csv(self.FRAMES)
        for part in BODYPARTS:
            text = text.replace(f',{part}', f',L_{part}')
        labels, _ = self.labels(tmp_path, text)
        assert [hand.hand_side for hand in labels.hands('0')] == ['left']
        check(labels.hands('0')[0])

    def test_what_is_no_joint_is_named(self, tmp_path):
        """Another body part, and the columns that Lightning Pose adds."""
        lines = deeplabcut_csv(self.FRAMES, extra=['cup']).splitlines()
        added = ('DLC', 'Wrist', 'x_posterior_var', '0.5', '0.5')
        table = [f'{line},{cell}' for line, cell in zip(lines, added)]
        labels, said = self.labels(tmp_path, '\n'.join(table))
        check(labels.hands('0')[0])
        assert any("['cup']" in line for line in said())
        assert any('x_posterior_var' in line for line in said())

    @pytest.mark.parametrize(
        'text, match',
        [
            ('scorer,a\nbodyparts,b\n', 'bodyparts'),
            (
                deeplabcut_csv(FRAMES).replace('Wrist', 'Toe'),
                r"not known are \['Toe'\]",
            ),
            ('x,y\n1,2\n', 'the frames of a recording'),
        ],
    )
    def test_malformed(self, tmp_path, text, match):
        with pytest.raises(ValueError, match=match):
            self.labels(tmp_path, text)


class Executes:
    """What an attacker pickles."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


class TestHDF5:
    FRAMES = ((POINTS, SCORES), (POINTS + 1, SCORES / 2))

    def labels(self, tmp_path, **kwargs):
        frames = kwargs.pop('frames', self.FRAMES)
        deeplabcut_h5(tmp_path / 'cam0DLC_a.h5', frames, **kwargs)
        return CameraLabels(tmp_path / 'cam0', LabelNotes())

    def test_a_hand_in_each_frame(self, tmp_path):
        labels = self.labels(tmp_path)
        assert labels.names == ['0', '1']
        for name, (points, scores) in zip(labels.names, self.FRAMES):
            check(labels.hands(name)[0], points, scores)

    def test_individuals(self, tmp_path):
        frames = [[(POINTS, SCORES), (POINTS + 7, SCORES)]]
        labels = self.labels(tmp_path, frames=frames, individuals=['left', 'right'])
        left, right = labels.hands('0')
        check(left, POINTS)
        check(right, POINTS + 7)
        assert [left.hand_side, right.hand_side] == ['left', 'right']

    def test_names_are_not_run(self, tmp_path):
        trap = tmp_path / 'trap'
        with pytest.raises(MalformedFileError, match='asks for .*mkdir'):
            self.labels(tmp_path, columns=[Executes(trap)])
        assert not trap.exists()

    @pytest.mark.parametrize(
        'columns, words',
        [
            (b'(lp0', 'names of its columns cannot be read'),
            ([('x',)] * 63, 'expected one table of pandas'),
            ([('a', 'b', 'x')], 'expected one table of pandas'),
            (dict(), 'expected one table of pandas'),
        ],
    )
    def test_other_names(self, tmp_path, columns, words):
        with pytest.raises(MalformedFileError, match=words):
            self.labels(tmp_path, columns=columns)

    def test_other_files(self, tmp_path):
        path = tmp_path / 'cam0.h5'
        path.write_bytes(b'\x89HDF')
        with pytest.raises(MalformedFileError, match=r'cam0\.h5: expected one table'):
            CameraLabels(tmp_path / 'cam0', LabelNotes())
        with pytest.raises(FileNotFoundError, match="no labels of camera 'cam1'"):
            CameraLabels(tmp_path / 'cam1', LabelNotes())

    def test_the_csv_beside_it_is_the_same_table(self, tmp_path):
        csv = deeplabcut_csv([(POINTS + 3, SCORES)])
        (tmp_path / 'cam0DLC_a.csv').write_text(csv)
        check(self.labels(tmp_path).hands('0')[0], POINTS + 3)

    def test_a_file_of_one_image(self, tmp_path):
        (tmp_path / 'cam0').mkdir()
        for name in 'ab':
            deeplabcut_h5(tmp_path / 'cam0' / f'{name}.h5', self.FRAMES)
        with pytest.raises(MalformedFileError, match='of a whole recording'):
            CameraLabels(tmp_path / 'cam0', LabelNotes()).hands('a')


def test_both_of_one_camera(tmp_path):
    for name in ('cam0.csv', 'cam0DLC_a.csv'):
        (tmp_path / name).write_text(deeplabcut_csv(TestDeepLabCut.FRAMES))
    with pytest.raises(ValueError, match='keep one'):
        CameraLabels(tmp_path / 'cam0', LabelNotes())
    (tmp_path / 'cam1').mkdir()
    for name in ('0.json', '0.csv'):
        (tmp_path / 'cam1' / name).write_text('{}')
    with pytest.raises(ValueError, match='both labels of one frame'):
        CameraLabels(tmp_path / 'cam1', LabelNotes())


def test_files_of_other_tools_are_named(read):
    with pytest.raises(MalformedFileError, match='--openpose'):
        read(dict(version=1.3, people=[]))
    with pytest.raises(MalformedFileError, match='"keypoints" of'):
        read(dict(joints=[]))


def test_defaults_are_no_information(read):
    """A joint at (0, 0) is missing, and confidences are not per cents."""
    joints = np.column_stack([POINTS, SCORES])
    joints[[2, 3]] = 0, 0, 1
    (hand,), said = read(dict(keypoints=joints.tolist()))
    assert hand.confidence[[1, 2, 3]].tolist() == [SCORES[1], 0, 0]
    assert said[0].startswith('2 joints at (0, 0)')
    joints[:, 2] = 1.5
    (hand,), said = read(dict(keypoints=joints.tolist()))
    assert hand.confidence.max() == 1 and any('above 1' in line for line in said)
    joints[:, 2] = 95
    with pytest.raises(MalformedFileError, match='confidence of 95'):
        read(dict(keypoints=joints.tolist()))


def test_unknown_keys_of_a_label(read):
    _, said = read(dict(keypoints=[[1, 2, 1]] * 21, side='left'))
    assert said == [
        f'1 files have the key "side", which is not used; {said[0].split("; ")[1]}'
    ]
