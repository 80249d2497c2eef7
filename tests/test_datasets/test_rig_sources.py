"""rig2coco.py and people's files: what it matches, what it names, what it notices."""

import json
import os
import shutil

import cv2
import pytest
from bent_hands import bent_hand, mediapipe_result
from calibration_files import make_cameras, write_toml
from changed_videos import time_mkv, turn_mp4
from made_images import brightness_of, plain_image, write_plain_video, write_video

from hamuco_mm.datasets.rig.source_frames import SOURCE_FRAMES, source_frames
from hamuco_mm.utils.files import content_digest

CAMERAS = ('cam0', 'cam1', 'cam2')


@pytest.fixture
def folders(tmp_path):
    """Three folders of eight images, each with names of its own kind."""
    names = ('{}.png', 'left_{:05d}.png', '{:03d}_right.png')
    for camera, name in zip(CAMERAS, names):
        (tmp_path / 'recording' / camera).mkdir(parents=True)
        for number in range(8):
            path = tmp_path / 'recording' / camera / name.format(number)
            cv2.imwrite(str(path), plain_image(number))
    return tmp_path / 'recording'


@pytest.fixture
def shown(tmp_path):
    """A function: by camera, which image each time step shows."""

    def images():
        return {
            folder.name: {
                int(path.stem): brightness_of(cv2.imread(str(path)))
                for path in sorted(folder.glob('*.*g'))
            }
            for folder in sorted((tmp_path / 'out/images/0000').iterdir())
        }

    return images


def steps(*numbers):
    return {number: number for number in numbers}


def test_a_lost_image_is_a_hole(folders, convert, shown):
    (folders / 'cam1/left_00005.png').unlink()
    printed = convert(folders)
    assert 'cam1 has no image of 1 of 8 frames' in printed
    assert shown()['cam1'] == steps(0, 1, 2, 3, 4, 6, 7)
    assert shown()['cam0'] == shown()['cam2'] == steps(*range(8))


def test_offset_and_step_are_those_of_frames(folders, convert, shown, tmp_path):
    (folders / 'cam1/left_00005.png').unlink()
    convert(folders, '--offset', 'cam1=1', '--step', 2)
    assert shown()['cam0'] == {0: 0, 1: 2, 2: 4, 3: 6}
    assert shown()['cam1'] == {0: 1, 1: 3, 3: 7}
    noted = source_frames(tmp_path / 'out/images/0000/cam1')
    assert noted == {
        '00000000': 'left_00001',
        '00000001': 'left_00003',
        '00000003': 'left_00007',
    }


def test_images_are_matched_by_order_when_told(folders, convert, shown):
    (folders / 'cam1/left_00005.png').unlink()
    convert(folders, '--match', 'order')
    assert shown()['cam1'] == {**steps(*range(5)), 5: 6, 6: 7}
    refused = convert(folders)
    assert "{'frame_numbers': '0-6'}" in refused and '--overwrite' in refused
    convert(folders, '--overwrite')
    assert shown()['cam1'] == steps(0, 1, 2, 3, 4, 6, 7)


def test_a_video_that_lost_a_frame(convert, shown, tmp_path):
    folder = tmp_path / 'recording'
    folder.mkdir()
    write_plain_video(folder / 'cam0.avi', range(8))
    lost = write_plain_video(folder / 'cam1.mkv', (0, 1, 2, 4, 5, 6, 7))
    time_mkv(lost, [0, 33, 67, 133, 167, 200, 233])
    printed = convert(folder)
    assert 'cam1 has no image of 1 of 8 frames' in printed
    assert shown()['cam1'] == steps(0, 1, 2, 4, 5, 6, 7)
    # a label is of the n-th image of the video
    noted = source_frames(tmp_path / 'out/images/0000/cam1')
    assert (noted['00000002'], noted['00000004']) == ('2', '3')


def test_a_video_of_a_variable_rate(convert, shown, tmp_path):
    folder = tmp_path / 'recording'
    folder.mkdir()
    write_plain_video(folder / 'cam0.mkv', range(6))
    uneven = write_plain_video(folder / 'cam1.mkv', range(6))
    time_mkv(uneven, [0, 33, 80, 100, 150, 167])
    assert 'cam1.mkv has a variable frame rate' in convert(folder)
    convert(folder, '--match', 'order')
    assert shown()['cam1'] == steps(*range(6))
    # nothing has to be matched
    assert 'error' not in convert(f'cam1={uneven}', '--sequence', 'alone')


def test_videos_of_other_rates(convert, shown, tmp_path):
    folder = tmp_path / 'recording'
    folder.mkdir()
    write_plain_video(folder / 'cam0.avi', range(0, 12, 2), rate=15)
    write_plain_video(folder / 'cam1.avi', range(12), rate=30)
    calibration = write_toml(tmp_path / 'a.toml', make_cameras())
    words = ['--unit', 'm', '--rescale-intrinsics']
    printed = convert(folder, '--calibration', calibration, *words)
    assert 'from one time step to the next: cam1: 2' in printed
    assert shown()['cam0'] == shown()['cam1'] == {n: 2 * n for n in range(6)}
    read_as = json.loads((tmp_path / 'out/rig.json').read_text())['info']['read_as']
    assert read_as['0000']['every'] == dict(cam0=1, cam1=2)  # check_rig.py counts so
    write_plain_video(folder / 'cam2.avi', range(12), rate=25)
    assert 'frames per second' in convert(folder, '--sequence', 'other')


def test_a_video_that_ends_before_its_header_says(convert, shown, tmp_path, logged):
    folder = tmp_path / 'recording'
    folder.mkdir()
    for camera in CAMERAS[:2]:
        write_video(folder / f'{camera}.avi', 8)
    path = folder / 'cam1.avi'
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    assert 'error' not in convert(folder)
    count = len(shown()['cam1'])
    # a frame that one camera alone has is no time step
    assert 0 < count == len(shown()['cam0']) < 8
    assert f'{path} ends after {count} of 8 images' in logged[-1]


def test_a_turned_video(convert, tmp_path):
    path = write_plain_video(tmp_path / 'cam0.mp4', range(3))
    turn_mp4(path, 90)
    convert(path)
    image = json.loads((tmp_path / 'out/rig.json').read_text())['images'][0]
    assert (image['width'], image['height']) == (48, 64)


def test_what_a_directory_holds_besides_cameras_is_named(folders, convert):
    for name in ('cam3.h264', '.DS_Store', '._cam0.mp4', 'cam0/._0.png', 'Thumbs.db'):
        (folders / name).write_bytes(b'\0\5\x16\7')
    (folders / 'labels').mkdir()
    (folders / 'cam4').mkdir()
    (folders / 'cam4/0.exr').touch()
    printed = convert(folders)
    assert f'not used of {folders}: cam3.h264, cam4, labels' in printed
    assert '24 images of 8 time steps and 3 cameras' in printed
    for camera in CAMERAS:
        (folders / 'labels' / camera).mkdir()
        name = f'{sorted((folders / camera).glob("[!.]*"))[0].stem}.json'
        label = json.dumps(dict(keypoints=[[9, 9, 1]] * 21))
        (folders / 'labels' / camera / name).write_text(label)
    printed = convert(folders, '--labels', folders / 'labels')
    assert f'not used of {folders}: cam3.h264, cam4\n' in printed


def test_images_beside_cameras_are_refused(folders, convert):
    cv2.imwrite(str(folders / 'cover.png'), plain_image(0))
    assert 'has images (cover.png, ...) and cameras' in convert(folders)


def test_any_name_is_a_name(folders, convert, shown):
    names = ('rig.left', '192.168.1.10', '\u2462')
    for camera, name in zip(CAMERAS, names):
        (folders / camera).rename(folders / name)
    assert '3 cameras' in convert(folders)
    assert set(shown()) == set(names)
    equals = folders.with_name('a=b')
    folders.rename(equals)
    assert 'error' not in convert(equals, '--sequence', '1')
    assert 'error' not in convert(f'left={equals}/rig.left', '--sequence', '2')


def replace_video(folder):
    write_plain_video(folder / 'cam1.avi', range(4, 12))


def replace_image(folder):
    cv2.imwrite(str(folder / 'cam0/3.bmp'), plain_image(9))


def rename_image(folder):
    (folder / 'cam0/3.bmp').rename(folder / 'cam0/9.bmp')


def shorten(folder):
    (folder / 'cam0/7.bmp').unlink()


@pytest.fixture
def recording(tmp_path):
    folder = tmp_path / 'recording'
    (folder / 'cam0').mkdir(parents=True)
    for number in range(8):
        cv2.imwrite(str(folder / f'cam0/{number}.bmp'), plain_image(number))
    write_plain_video(folder / 'cam1.avi', range(8))
    return folder


@pytest.mark.parametrize(
    'change', [replace_video, replace_image, rename_image, shorten]
)
def test_changed_sources_are_noticed(recording, convert, change):
    """Though their size and time are the same."""
    convert(recording)
    times = {path: path.stat().st_mtime_ns for path in recording.rglob('*.*')}
    change(recording)
    for path, time in times.items():
        if path.exists():
            os.utime(path, ns=(time, time))
    refused = convert(recording)
    assert 'whose files have changed since' in refused and '--overwrite' in refused
    assert 'error' not in convert(recording, '--overwrite')


def test_the_same_source_goes_on(recording, convert, tmp_path):
    """Also one that was copied and put back."""
    convert(recording)
    shutil.copytree(recording, tmp_path / 'copy')
    shutil.rmtree(recording)
    shutil.copytree(tmp_path / 'copy', recording)
    assert 'error' not in convert(recording)


def test_what_an_earlier_version_made_is_told_of(recording, convert, tmp_path, logged):
    convert(recording)
    marker = tmp_path / 'out/images/0000/cam0/.source.json'
    settings = json.loads(marker.read_text())
    earlier = {
        k: settings[k] for k in ('source', 'frames', 'quality', 'offset', 'step')
    }
    marker.write_text(json.dumps(earlier))
    assert 'error' not in convert(recording)
    assert 'was not noted' in logged[-1] and 'cam0' in logged[-1]
    assert json.loads(marker.read_text()) == settings


def test_an_image_of_another_size(folders, convert):
    path = folders / 'cam1/left_00003.png'
    cv2.imwrite(str(path), plain_image(3, (32, 24)))
    refused = convert(folders)
    assert f'{path} has 32x24 pixels' in refused and '64x48' in refused


@pytest.mark.parametrize('damage', [lambda content: content[:-200], lambda _: b'text'])
def test_an_image_that_cannot_be_read(folders, convert, shown, logged, damage):
    path = folders / 'cam1/left_00003.png'
    progressive = [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]
    _, content = cv2.imencode('.jpg', plain_image(3, (64, 48)), progressive)
    path.write_bytes(damage(content.tobytes()))
    printed = convert(folders)
    assert f'1 of 8 images of {folders / "cam1"} cannot be read' in printed
    assert f'{path} is left out' in logged[-1]
    assert shown()['cam1'] == steps(0, 1, 2, 4, 5, 6, 7)


def test_images_that_are_not_read(folders, convert, logged):
    """A telephone's, beside others: they are named."""
    for name in ('left_00008.HEIC', '._left_00009.heic', 'notes.txt'):
        (folders / 'cam1' / name).write_bytes(b'ftypheic')
    convert(folders)
    (said,) = [line for line in logged if 'not read' in line]
    assert f'{folders / "cam1"}: not read are left_00008.HEIC: images are .jpg' in said


def test_the_first_image_has_to_be_readable(folders, convert):
    (folders / 'cam1/left_00000.png').write_bytes(b'text')
    assert 'left_00000.png: not readable' in convert(folders)


def test_damaged_notes_are_named(folders, convert, tmp_path):
    convert(folders)
    path = tmp_path / 'out/images/0000/cam1' / SOURCE_FRAMES
    path.write_text('[]')
    assert f'{path}: should be an object' in convert(folders)


def test_labels_of_one_frame(folders, convert):
    for camera in CAMERAS:
        (folders / 'labels' / camera).mkdir(parents=True)
    for name in ('3.json', '003.json', '._3.json'):
        (folders / 'labels/cam0' / name).write_text('{}')
    told = convert(folders, '--labels', folders / 'labels')
    assert '003.json' in told and 'both labels of one frame' in told


def test_content_of_a_large_file(tmp_path):
    """A part is read: blocks from the beginning to the end."""
    path = tmp_path / 'large.avi'
    path.write_bytes(bytes(3 << 20))
    digest = content_digest([path])
    assert content_digest([path]) == digest
    for place in (0, (3 << 20) - 1):
        content = bytearray(3 << 20)
        content[place] = 1
        path.write_bytes(content)
        assert content_digest([path]) != digest


def test_images_of_another_format_are_encoded_again(folders, convert, shown, tmp_path):
    path = folders / 'cam1/left_00003.png'
    cv2.imwrite(str(path.with_suffix('.bmp')), plain_image(3))
    path.unlink()
    convert(folders)
    assert shown()['cam1'] == steps(*range(8))
    assert {p.suffix for p in (tmp_path / 'out/images/0000/cam1').glob('0*')} == {
        '.png'
    }


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['cam0={}/empty'], 'empty: has no images'),
        (['{}/empty'], 'empty has neither videos nor image folders'),
        (['/=//tmp'], "'/' is no name for a camera"),
        (['../x={}/cam0'], "'../x' is no name for a camera"),
        (['{}/...mp4'], "'..' is no name for a camera"),
        (['{}', '--sequence', '../../x'], "--sequence '../../x' cannot name a file"),
        (['{}', '--sequence', '..'], "--sequence '..' cannot name a file"),
    ],
)
def test_sources_that_are_none(folders, convert, arguments, message):
    (folders / 'empty').mkdir()
    assert message in convert(*(a.replace('{}', str(folders)) for a in arguments))


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['--step', 0], '--step 0 should be at least 1'),
        (['--offset', 'cam0=x'], '--offset: invalid literal'),
        (['--offset', 'cam0'], '--offset cam0: expected CAMERA=...'),
        (['--offset', 'cam0=1', 'cam0=2'], '--offset names cam0 twice'),
        (['--match', 'name'], "invalid choice: 'name'"),
    ],
)
def test_options_are_checked(folders, convert, capsys, arguments, message):
    assert convert(folders, *arguments) == '2'
    assert message in capsys.readouterr().err


def test_options_that_belong_to_sources(convert, capsys):
    assert convert('--offset', 'cam0=1') == '2'
    assert '--offset belongs to SOURCEs, and there is none' in capsys.readouterr().err


def test_images_that_were_not_made_here(folders, convert, tmp_path):
    path = tmp_path / 'out/images/0000/cam1/7.png'
    path.parent.mkdir(parents=True)
    cv2.imwrite(str(path), plain_image(0))
    assert 'has 1 images that were not made here' in convert(folders)
    assert 'error' not in convert(folders, '--overwrite')
    assert not path.exists()


def test_sides_of_landmarks(folders, convert, tmp_path):
    """Of a release that calls a right hand 'Right': they became left hands."""
    content = mediapipe_result({'Right': bent_hand() + 30})
    for camera in CAMERAS:
        (folders / 'labels' / camera).mkdir(parents=True)
        for image in sorted((folders / camera).iterdir()):
            path = folders / 'labels' / camera / f'{image.stem}.json'
            path.write_text(json.dumps(content))
    told = convert(folders, '--labels', folders / 'labels')
    assert '24 of 24 hands have the side that MediaPipe says' in told
    rig = json.loads((tmp_path / 'out/rig.json').read_text())
    assert {hand['hand_side'] for hand in rig['annotations']} == {'right'}
