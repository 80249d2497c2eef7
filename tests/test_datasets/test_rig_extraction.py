"""From videos and image folders to the folder layout, and on to rig.json."""

import json

import cv2
import numpy as np
import pytest
from calibration_files import make_cameras, write_json, write_toml
from hypothesis import given
from hypothesis import strategies as st
from label_formats import deeplabcut_csv

from hamuco_mm.cameras import read_calibration
from hamuco_mm.datasets.rig import read_annotations, read_label
from hamuco_mm.datasets.rig.extraction import Timing, common_time_steps
from hamuco_mm.datasets.rig.recordings import find_recordings, open_recording

SIZE = (64, 48)


def frame_image(frame):
    """Its brightness says which frame it is."""
    return np.full((SIZE[1], SIZE[0], 3), 10 + 20 * frame, np.uint8)


def frame_of(path):
    return round((cv2.imread(str(path)).mean() - 10) / 20)


def write_video(path, frames):
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 30, SIZE)
    for frame in range(frames):
        writer.write(frame_image(frame))
    writer.release()
    return path


@pytest.fixture
def recording(tmp_path):
    """A video of 8 frames, one of 10, and an image folder of 9."""
    root = tmp_path / 'recording'
    write_video(root / 'cam0.avi', 8)
    write_video(root / 'cam1.avi', 10)
    for frame in range(9):
        path = root / f'cam2/img{frame}.png'
        path.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(path), frame_image(frame))
        for camera, name in (('cam0', frame), ('cam2', f'img{frame}')):
            path = root / f'labels/{camera}/{name}.json'
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(dict(keypoints=[[frame, 0, 1]] * 21)))
    (root / 'labels/cam1').mkdir()
    return root


def frames_in(out, camera, sequence='0000'):
    folder = out / 'images' / sequence / camera
    return {int(p.stem): frame_of(p) for p in sorted(folder.glob('*.*g'))}


def rig_of(tmp_path):
    return json.loads((tmp_path / 'out/rig.json').read_text())


def test_sources_by_directory_and_by_name(recording):
    found = find_recordings([str(recording)])
    assert list(found) == ['cam0', 'cam1', 'cam2']
    found = find_recordings([f'left={recording}/cam0.avi', f'{recording}/cam2'])
    assert list(found) == ['cam2', 'left']
    with pytest.raises(ValueError, match="two sources are called 'cam0'"):
        find_recordings([str(recording), f'cam0={recording}/cam1.avi'])


def test_a_video_is_read_frame_by_frame(recording):
    source = open_recording(recording / 'cam0.avi')
    assert (len(source), source.image_size) == (8, SIZE)
    read = {
        index: round(
            (cv2.imdecode(np.frombuffer(content, np.uint8), 1).mean() - 10) / 20
        )
        for index, content in source.read([1, 2, 6])
    }
    assert read == {1: 1, 2: 2, 6: 6}
    # it ends where the video does
    assert [i for i, _ in source.read([7, 8, 9])] == [7]


@given(st.integers(-20, 20), st.integers(1, 5), st.integers(1, 30))
def test_time_steps_of_a_camera(offset, step, frames):
    timing = Timing(offset, step)
    expected = [s for s in range(100) if 0 <= s * step + offset < frames]
    assert list(timing.time_steps(frames)) == expected
    assert all(timing.frame(s) in range(frames) for s in expected)


def test_time_steps_that_two_have_seen(recording):
    sources = {
        f'cam{i}': open_recording(path)
        for i, path in enumerate(find_recordings([str(recording)]).values())
    }
    timings = dict(cam0=Timing(), cam1=Timing(4), cam2=Timing(-1))
    steps = common_time_steps(sources, timings)
    assert steps['cam0'] == list(range(8))
    assert steps['cam1'] == list(range(6))
    assert steps['cam2'] == list(range(1, 8))
    assert common_time_steps(sources, timings, 3)['cam2'] == [1, 2]
    with pytest.raises(ValueError, match='no time step was seen by two'):
        common_time_steps(
            sources, dict(cam0=Timing(), cam1=Timing(-20), cam2=Timing(-40))
        )


@pytest.fixture
def videos(tmp_path):
    """Function: numbers of frames -> a folder with cam0.avi, cam1.avi, ..."""

    def write(*lengths):
        root = tmp_path / 'videos'
        for camera, frames in enumerate(lengths):
            write_video(root / f'cam{camera}.avi', frames)
        return root

    return write


@pytest.mark.parametrize(
    ('lengths', 'options', 'said'),
    [
        ((4, 6, 4), [], 'cam1 has 2 frames more than the others, which are not used; '),
        ((4, 6, 4), ['--match', 'order'], 'if it began earlier: --offset cam1=2'),
        ((4, 6, 5), [], 'cam1 has 1 frame more than the others, which'),
        ((6, 4, 6), [], 'cam1 has 2 frames fewer than the others; if it began later: '),
        ((6, 4, 6), [], '--offset cam1=-2'),
        ((4, 9), ['--step', '2'], '--offset cam1=5'),
        ((4, 6, 4), ['--max-frames', '5'], '--offset cam1=2'),
    ],
)
def test_videos_of_different_length_are_named(videos, convert, lengths, options, said):
    assert said in convert(videos(*lengths), *options)


@pytest.mark.parametrize(
    ('lengths', 'options'),
    [
        ((4, 4, 4), []),
        ((4, 6, 4), ['--offset', 'cam1=2']),
        ((4, 6, 4), ['--max-frames', '4']),
        ((5, 6, 5), ['--step', '3']),
        ((6,), []),
    ],
)
def test_a_difference_that_is_explained_is_not_named(videos, convert, lengths, options):
    assert 'warning' not in convert(videos(*lengths), *options)


def test_images_that_are_matched_by_numbers_are_not_named(convert, tmp_path):
    for camera, count in (('cam0', 4), ('cam1', 6)):
        folder = tmp_path / 'photos' / camera
        folder.mkdir(parents=True)
        for frame in range(count):
            cv2.imwrite(str(folder / f'{frame}.png'), frame_image(frame))
    printed = convert(tmp_path / 'photos')
    assert 'cam0 has no image of 2 of 6 frames' in printed
    assert '--offset' not in printed
    printed = convert(tmp_path / 'photos', '--match', 'order', '--overwrite')
    assert '--offset cam1=2' in printed


def test_offset_and_step(recording, convert, tmp_path):
    printed = convert(recording, '--offset', 'cam1=3', 'cam2=-1', '--step', 2)
    out = tmp_path / 'out'
    assert frames_in(out, 'cam0') == {0: 0, 1: 2, 2: 4, 3: 6}
    assert frames_in(out, 'cam1') == {0: 3, 1: 5, 2: 7, 3: 9}
    assert frames_in(out, 'cam2') == {1: 1, 2: 3, 3: 5}
    assert '11 images of 4 time steps and 3 cameras' in printed
    assert 'not calibrated' in printed
    first = rig_of(tmp_path)['images'][0]
    assert (first['width'], first['height']) == SIZE
    assert (first['frame_id'], first['camera']) == ('0000/00000000', 'cam0')


def test_labels_follow_their_frames(recording, convert, tmp_path):
    """A video's by number, an image folder's by name; and their joints by
    what is in them."""
    printed = convert(
        recording,
        '--offset',
        'cam2=2',
        '--labels',
        recording / 'labels',
        '--hand-side',
        'left',
    )
    assert 'cam0: 8 labels for 8 images' in printed
    assert 'cam1: 0 labels for 8 images' in printed
    label = read_label(tmp_path / 'out/labels/0000/cam2/00000003.json')
    assert label.keypoints[0, 0] == 5
    rig = rig_of(tmp_path)
    assert len(rig['annotations']) == 8 + 7
    assert {a['hand_side'] for a in rig['annotations']} == {'left'}


def test_an_interrupted_run_goes_on(recording, convert, tmp_path):
    convert(recording)
    out = tmp_path / 'out'
    kept = out / 'images/0000/cam0/00000002.jpg'
    cv2.imwrite(str(kept), frame_image(9))
    lost = out / 'images/0000/cam0/00000005.jpg'
    lost.unlink()
    convert(recording)
    assert frame_of(lost) == 5
    assert frame_of(kept) == 9
    assert not list(out.rglob('*.part'))


def test_other_settings_replace_only_when_told(recording, convert, tmp_path):
    convert(recording)
    refused = convert(recording, '--offset', 'cam1=2')
    assert "'offset': 0" in refused and '--overwrite' in refused
    convert(recording, '--offset', 'cam1=2', '--overwrite')
    assert frames_in(tmp_path / 'out', 'cam1')[0] == 2


@pytest.mark.parametrize(
    ('mark', 'tool'),
    [('pseudo_labels', 'pseudo_label.py'), ('cleaned', 'clean_labels.py')],
)
def test_labels_of_replaced_images_are_refused(
    recording, convert, tmp_path, mark, tool
):
    convert(recording)
    out = tmp_path / 'out'
    rig = rig_of(tmp_path)
    labels = out / 'rig_model.json'
    labels.write_text(json.dumps(dict(rig, info=dict(rig['info'], **{mark: {}}))))
    read_annotations(labels)

    # images of another quality show the same
    printed = convert(recording, '--quality', 50, '--overwrite')
    assert 'rig_model.json' not in printed
    read_annotations(labels)

    printed = convert(recording, '--offset', 'cam1=2', '--overwrite')
    assert f'{labels} has labels of the images that were replaced' in printed
    read_annotations(out / 'rig.json')
    with pytest.raises(ValueError, match=f'replaced those of 0000/cam1 .*{tool}'):
        read_annotations(labels)
    # a copy without the folders' notes says nothing of them
    (out / 'images/0000/cam1/.source.json').unlink()
    read_annotations(labels)


def test_a_second_recording_with_another_calibration(recording, convert, tmp_path):
    cameras = make_cameras()
    small = dict(cameras)
    path = write_json(tmp_path / 'a.json', small)
    convert(
        recording, '--calibration', path, '--extrinsics', 'world2cam', '--unit', 'm'
    )
    convert(
        recording,
        '--sequence',
        'take2',
        '--calibration',
        path,
        '--extrinsics',
        'cam2world',
        '--unit',
        'mm',
        '--max-frames',
        3,
    )
    rig = rig_of(tmp_path)
    # 8, 9 and 9 frames that two cameras have seen; then 3 of each
    assert len(rig['images']) == 26 + 9
    assert set(rig['cameras']) == {
        f'{s}/cam{i}' for s in ('0000', 'take2') for i in range(3)
    }
    R, t = cameras['cam1'].R, cameras['cam1'].t
    np.testing.assert_allclose(rig['cameras']['0000/cam1']['R'], R)
    np.testing.assert_allclose(rig['cameras']['take2/cam1']['t'], -R.T @ t / 1000)
    assert rig['info']['read_as']['take2']['extrinsics'] == 'cam2world'
    assert rig['info']['read_as']['0000']['offsets'] == dict(cam0=0, cam1=0, cam2=0)


def test_a_calibration_of_another_resolution(recording, convert, tmp_path):
    """Of 640 x 480, for videos of 64 x 48."""
    path = write_toml(tmp_path / 'a.toml', make_cameras(), unit=1e-3)
    refused = convert(recording, '--calibration', path, '--unit', 'mm')
    assert '640x480' in refused and '--rescale-intrinsics' in refused
    convert(recording, '--calibration', path, '--unit', 'mm', '--rescale-intrinsics')
    camera = read_calibration(tmp_path / 'out/calibration/0000.json').cameras['cam0']
    assert camera.image_size == SIZE
    assert camera.K[0, 0] == pytest.approx(60)


def test_cameras_are_matched_by_name(recording, convert, tmp_path):
    path = write_json(
        tmp_path / 'a.json', {f'C{i}': c for i, c in enumerate(make_cameras().values())}
    )
    options = ['--calibration', path, '--extrinsics', 'world2cam', '--unit', 'm']
    refused = convert(recording, *options)
    assert "no camera 'cam0'" in refused and '--camera-names' in refused
    convert(recording, *options, '--camera-names', 'cam0=C2', 'cam1=C1', 'cam2=C0')
    found = rig_of(tmp_path)['cameras']['0000/cam0']
    np.testing.assert_allclose(found['K'], make_cameras()['cam2'].K)


def test_labels_in_the_json_alone_are_not_lost(recording, convert, tmp_path):
    """Those that another tool wrote there."""
    convert(recording)
    path = tmp_path / 'out/rig.json'
    rig = rig_of(tmp_path)
    rig['annotations'] = [dict(id=0, image_id=0)]
    path.write_text(json.dumps(rig))
    assert 'has 1 labels' in convert()
    assert len(rig_of(tmp_path)['annotations']) == 1
    assert 'error' not in convert('--overwrite')
    assert rig_of(tmp_path)['annotations'] == []


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['{}/nowhere.mp4'], 'no video or image folder'),
        (['{}', '--offset', 'cam9=1'], "--offset names ['cam9']"),
        (['{}', '--labels', '{}/none'], 'no labels of camera'),
        (['{}', '--calibration', '{}/none.toml'], 'there is no calibration'),
        (['{}/labels'], 'neither videos nor image folders'),
        (['text={}/text.avi', '{}/cam2'], 'cannot read this video'),
    ],
)
def test_errors_name_the_source(recording, convert, arguments, message):
    (recording / 'text.avi').write_text('no video')
    if 'text' not in arguments[0]:
        (recording / 'text.avi').unlink()
    told = convert(*[a.replace('{}', str(recording)) for a in arguments])
    assert told.startswith('error: ') and message in told


def test_labels_go_with_the_images_they_belong_to(recording, convert, tmp_path):
    labels = ['--labels', recording / 'labels']
    convert(recording, *labels)
    folder = tmp_path / 'out/labels/0000'
    assert len(list(folder.glob('cam2/*.json'))) == 9
    # frame 8 has no label any more
    (recording / 'labels/cam2/img8.json').unlink()
    convert(recording, *labels)
    assert len(list(folder.glob('cam2/*.json'))) == 8
    # other images of cam2 alone: cam0 keeps its labels
    convert(recording, '--offset', 'cam2=2', '--overwrite')
    assert not list(folder.glob('cam2/*.json'))
    assert len(list(folder.glob('cam0/*.json'))) == 8
    assert len(rig_of(tmp_path)['annotations']) == 8


def test_labels_of_other_names_and_formats(recording, convert, tmp_path):
    """The numbers in the names count; the file of all frames is as good."""
    folder = recording / 'labels'
    for path in (folder / 'cam0').iterdir():
        path.rename(path.with_stem(f'frame_{int(path.stem):06d}'))
    for path in (*(folder / 'cam1').iterdir(), folder / 'cam1'):
        path.unlink() if path.is_file() else path.rmdir()
    frames = [(np.full((21, 2), 10.0 + i), np.full(21, 0.5)) for i in range(10)]
    (folder / 'cam1.csv').write_text(deeplabcut_csv(frames))
    printed = convert(recording, '--labels', folder)
    assert (
        'cam0: 8 labels for 8 images; 1 labels have no frame: frame_000008\n' in printed
    )
    assert 'cam1: 9 labels for 9 images\n' in printed
    label = read_label(tmp_path / 'out/labels/0000/cam1/00000003.json')
    assert label.keypoints[0].tolist() == [13, 13] and label.confidence[0] == 0.5


def test_labels_and_frames_that_lack_each_other(recording, convert):
    folder = recording / 'labels/cam0'
    (folder / '3.json').rename(folder / '77.json')
    printed = convert(recording, '--labels', recording / 'labels')
    assert (
        'cam0: 7 labels for 8 images; 2 labels have no frame: 8, 77; '
        '1 images have no label: 3\n'
    ) in printed


def test_a_side_that_nobody_states_is_said(recording, convert):
    labels = ['--labels', recording / 'labels']
    assert 'do not say the side of the hand' in convert(recording, *labels)
    said = convert(recording, *labels, '--hand-side', 'right')
    assert 'do not say the side' not in said


def test_images_with_both_hands(recording, convert, tmp_path):
    """Of which one or the other is the more confident: that one is taken is said."""
    folder = recording / 'labels/cam0'
    for frame in range(8):
        hands = [
            dict(
                keypoints=[[frame, 5 + of]] * 21,
                keypoint_scores=[0.9 - 0.8 * ((frame + of) % 2)] * 21,
                hand_side=side,
            )
            for of, side in enumerate(('left', 'right'))
        ]
        (folder / f'{frame}.json').write_text(json.dumps(hands))
    labels = ['--labels', recording / 'labels']
    several = (
        '8 images have several hands that may be meant, of which the most confident'
    )
    assert f'{several} is taken (--hand-side says which side)' in convert(
        recording, *labels
    )
    assert 'several hands' not in convert(recording, *labels, '--hand-side', 'right')
    label = read_label(tmp_path / 'out/labels/0000/cam0/00000002.json')
    assert label.hand_side == 'right' and label.keypoints[0].tolist() == [2, 6]


def test_parts_of_the_image_of_one_camera(recording, convert):
    """Those of the others are pixels."""
    for path in (recording / 'labels/cam0').iterdir():
        path.write_text(json.dumps(dict(keypoints=[[0.5, 0.25, 1]] * 21)))
    told = convert(recording, '--labels', recording / 'labels')
    assert told.startswith('error: ')
    assert 'labels/cam0: no label has a coordinate above 1' in told


def test_labels_that_count_from_1(recording, convert, tmp_path):
    folder = recording / 'labels/cam0'
    for frame in reversed(range(8)):
        (folder / f'{frame}.json').rename(folder / f'{frame + 1}.json')
    labels = ['--labels', recording / 'labels']
    assert '--label-offset 1' in convert(recording, *labels)
    assert not (tmp_path / 'out').exists()  # before long work
    for path in (recording / 'labels/cam2').iterdir():
        path.rename(path.with_stem(f'img{int(path.stem[3:]) + 1}'))
    printed = convert(recording, *labels, '--label-offset', 1)
    assert 'cam0: 8 labels for 8 images' in printed
    label = read_label(tmp_path / 'out/labels/0000/cam0/00000005.json')
    assert label.keypoints[0, 0] == 5


@pytest.mark.parametrize(
    'rename, content, match',
    [
        ('{}.json', [[0.5, 0.5, 1]] * 21, 'no label has a coordinate above 1'),
        ('{}.json', [[50, 50, 35]] * 21, 'confidence of 35'),
        ('hand.json', [[50, 50, 1]] * 21, 'none of 1 labels belongs to a frame'),
    ],
)
def test_labels_that_cannot_be_right(recording, convert, rename, content, match):
    for path in sorted((recording / 'labels').glob('cam*/*')):
        path.unlink()
        path.with_name(rename.format(path.stem)).write_text(
            json.dumps(dict(keypoints=content))
        )
    assert match in convert(recording, '--labels', recording / 'labels')


def test_no_label_at_all(recording, convert):
    for path in (recording / 'labels').glob('cam*/*'):
        path.unlink()
    printed = convert(recording, '--labels', recording / 'labels')
    assert 'error' in printed and '0 labels' in printed


def test_labels_stay_when_images_are_encoded_anew(recording, convert, tmp_path):
    convert(recording, '--labels', recording / 'labels')
    convert(recording, '--quality', 50, '--overwrite')
    assert len(rig_of(tmp_path)['annotations']) == 8 + 9


def test_the_side_of_a_recording_is_its_own(recording, convert, tmp_path):
    labels = ['--labels', recording / 'labels']
    convert(recording, *labels, '--hand-side', 'left')
    convert(recording, *labels, '--sequence', 'take2')
    rig = rig_of(tmp_path)
    sequence = {i['id']: i['frame_id'].split('/')[0] for i in rig['images']}
    assert {(sequence[a['image_id']], a['hand_side']) for a in rig['annotations']} == {
        ('0000', 'left'),
        ('take2', 'right'),
    }


def test_other_offsets_are_noted_with_the_calibration(recording, convert, tmp_path):
    path = write_json(tmp_path / 'a.json', make_cameras())
    convert(
        recording, '--calibration', path, '--extrinsics', 'world2cam', '--unit', 'm'
    )
    before = rig_of(tmp_path)
    convert(recording, '--offset', 'cam1=2', '--step', 2, '--overwrite')
    after = rig_of(tmp_path)
    assert after['cameras'] == before['cameras']
    assert after['info']['read_as']['0000'] == dict(
        before['info']['read_as']['0000'], step=2, offsets=dict(cam0=0, cam1=2, cam2=0)
    )


@pytest.mark.parametrize('mark', ['pseudo_labels', 'cleaned'])
def test_labels_of_other_tools_are_not_replaced(recording, convert, tmp_path, mark):
    """Though there are as many in the folder."""
    convert(recording, '--labels', recording / 'labels')
    path = tmp_path / 'out/rig.json'
    rig = rig_of(tmp_path)
    rig['info'][mark] = dict(min_pck=0.5)
    path.write_text(json.dumps(rig))
    refused = convert()
    assert f'info.{mark}' in refused and '--overwrite' in refused
    assert rig_of(tmp_path) == rig
    assert 'error' not in convert('--overwrite')
    assert mark not in rig_of(tmp_path)['info']
