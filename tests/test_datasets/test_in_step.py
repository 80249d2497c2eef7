"""Sources of several cameras, frame by frame."""

from itertools import islice

import cv2
import pytest
from changed_videos import time_mkv, time_mp4
from made_images import brightness_of, plain_image, write_plain_video

from hamuco_mm.apis.inferencers.time_steps import open_views, time_steps
from hamuco_mm.datasets.rig.extraction import Timing


def write_folder(folder, names, first=0):
    folder.mkdir(parents=True)
    for number, name in enumerate(names, first):
        cv2.imwrite(str(folder / name), plain_image(number))


def shown(inputs, **options):
    """What each time step shows, None where a camera has nothing."""
    sources, _ = open_views(inputs, **options)
    steps = list(time_steps(sources))
    assert all(len(source) == len(steps) for source in sources.values())
    return [
        [
            None if f.image is None else brightness_of(f.image)
            for f in step.frames.values()
        ]
        for step in steps
    ]


def test_a_camera_that_lost_an_image(tmp_path, logged):
    write_folder(tmp_path / 'a', [f'{n}.png' for n in range(11)])
    write_folder(tmp_path / 'b', [f'cam_{n:05d}.bmp' for n in range(11)])
    for lost in ('a/0.png', 'b/cam_00004.bmp', 'a/10.png'):
        (tmp_path / lost).unlink()
    expected = [[n, n] for n in range(11)]
    expected[0][0] = expected[4][1] = expected[10][0] = None
    assert shown(str(tmp_path)) == expected
    assert [line.split(' has')[0] for line in logged] == ['a', 'b']
    steps = list(time_steps(open_views(str(tmp_path))[0]))
    assert steps[0].name == 'cam_00000'
    assert steps[4].name == '4'
    assert steps[4].frames['b'].problem == 'b has no image of frame 4'


def test_images_are_sorted_by_their_number(tmp_path):
    """Not by what stands before it."""
    names = ['gain2_f0.png', 'gain1_f1.png', 'gain2_f2.png', 'gain1_f3.png']
    for camera in 'ab':
        write_folder(tmp_path / camera, names)
    assert shown(str(tmp_path)) == [[n, n] for n in range(4)]


def test_order_on_demand(tmp_path):
    write_folder(tmp_path / 'a', ['1.png', '2.png', '3.png'])
    write_folder(tmp_path / 'b', ['5.png', '7.png', '8.png'])
    with pytest.raises(ValueError, match='--match order'):
        shown(str(tmp_path))
    assert shown(str(tmp_path), match='order') == [[n, n] for n in range(3)]
    with pytest.raises(ValueError, match="got 'name'"):
        open_views(str(tmp_path), match='name')


def test_a_video_that_lost_a_frame(tmp_path):
    """MP4 says the mean rate, Matroska the rate of the camera."""
    whole = write_plain_video(tmp_path / 'a.mp4', range(8))
    lost = write_plain_video(tmp_path / 'b.mp4', (0, 1, 2, 4, 5, 6, 7))
    time_mp4(lost, [1, 1, 2, 1, 1, 1, 1])
    expected = [[n, n] for n in range(8)]
    expected[3][1] = None
    assert shown([str(whole), str(lost)]) == expected
    matroska = write_plain_video(tmp_path / 'c.mkv', (0, 1, 2, 4, 5, 6, 7))
    time_mkv(matroska, [0, 33, 67, 133, 167, 200, 233])
    assert shown([str(whole), str(matroska)]) == expected


def test_times_are_looked_at_as_frames_come(tmp_path):
    """Videos that state the same rate and length."""
    paths = [write_plain_video(tmp_path / f'{name}.mkv', range(6)) for name in 'ab']
    time_mkv(paths[1], [0, 33, 67, 133, 167, 200])
    steps = time_steps(open_views([str(path) for path in paths])[0])
    first = [[f.problem for f in step.frames.values()] for step in islice(steps, 5)]
    assert first == [[None, None]] * 3 + [
        [None, 'b has no image of frame 3'],
        [None, None],
    ]


def test_videos_of_other_rates(tmp_path):
    slow = write_plain_video(tmp_path / 'a.avi', range(0, 12, 2), rate=15)
    fast = write_plain_video(tmp_path / 'b.avi', range(12), rate=30)
    assert shown([str(slow), str(fast)]) == [[n, n] for n in range(0, 12, 2)]
    other = write_plain_video(tmp_path / 'c.avi', range(12), rate=25)
    with pytest.raises(ValueError, match='30.00 and 25.00|25.00 and 30.00'):
        shown([str(other), str(fast)])
    assert shown([str(other), str(fast)], match='order') == [[n, n] for n in range(12)]


@pytest.mark.parametrize('offset', [3, 4, -3, -4])
def test_offsets_of_other_rates(tmp_path, offset):
    """They count the camera's own frames, as those of a rig do."""
    slow = write_plain_video(tmp_path / 'a.avi', range(0, 12, 2), rate=15)
    fast = write_plain_video(tmp_path / 'b.avi', range(12), rate=30)
    sources, _ = open_views([str(slow), str(fast)], offset=dict(b=offset))
    timing = Timing(offset, step=2)
    seen = {step: timing.frame(step) for step in timing.time_steps(12)}
    assert len(sources['b']) == 1 + max(seen)
    assert sources['b'].fps == pytest.approx(15)
    for step in time_steps(sources, shortest=True):
        frame = step.frames['b']
        image = frame.image
        shows = None if image is None else brightness_of(image)
        assert shows == seen.get(step.index)
        assert step.name == f'{step.index:08d}'
        if frame.time is not None:
            assert frame.time == pytest.approx(step.index / 15, abs=1e-3)
    assert step.index == min(5, max(seen))


def test_the_rate_is_that_of_time_steps(tmp_path):
    """Neither of the frames in between, nor a mean without those that were lost."""
    write_plain_video(tmp_path / 'a.avi', range(12), rate=30)
    write_plain_video(tmp_path / 'b.avi', range(0, 12, 2), rate=15)
    sources, _ = open_views(str(tmp_path))
    assert [source.fps for source in sources.values()] == pytest.approx([15, 15])
    whole = write_plain_video(tmp_path / 'c.mp4', range(8))
    lost = write_plain_video(tmp_path / 'd.mp4', (0, 1, 2, 4, 5, 6, 7))
    time_mp4(lost, [1, 1, 2, 1, 1, 1, 1])
    sources, _ = open_views([str(lost), str(whole)])
    assert [source.fps for source in sources.values()] == pytest.approx([30, 30])


def test_images_beside_a_video(tmp_path):
    write_folder(tmp_path / 'a', [f'{n}.png' for n in range(1, 7)])
    write_plain_video(tmp_path / 'b.avi', range(6))
    assert shown(str(tmp_path)) == [[n, n] for n in range(6)]
    (tmp_path / 'a/3.png').unlink()
    assert shown(str(tmp_path))[1:3] == [[1, 1], [None, 2]]
    write_plain_video(tmp_path / 'c.avi', range(12), rate=60)
    assert shown(str(tmp_path))[1:3] == [[1, 1, 2], [None, 2, 4]]


def test_what_a_folder_holds_is_named(tmp_path, logged):
    for camera in ('b', 'rig.left', 'cam10', 'cam9'):
        write_folder(tmp_path / camera, ['0.png'])
    for name in ('.DS_Store', 'Thumbs.db', '._b.mp4', 'b/._0.png'):
        (tmp_path / name).write_bytes(b'\0\5\x16\7')
    sources, _ = open_views(str(tmp_path))
    assert list(sources) == ['b', 'cam9', 'cam10', 'rig.left']
    assert not logged
    (tmp_path / 'front.h264').touch()
    (tmp_path / 'empty').mkdir()
    open_views(str(tmp_path))
    assert logged[-1].endswith('not used are empty, front.h264')
    calibration = tmp_path / 'calibration.toml'
    calibration.touch()
    open_views(str(tmp_path), calibration=str(calibration))
    assert logged[-1].endswith('not used are empty, front.h264')
    write_folder(tmp_path / 'b/inner', ['0.png'])
    sources, is_group = open_views(str(tmp_path / 'b'))
    assert (list(sources), is_group) == (['b'], False)
    assert logged[-1].endswith('its images are one view; not used are inner')


def test_names_of_views(tmp_path, logged):
    for folder in ('1.5/left', '2.5/left', 'rig.left', 'rig.right'):
        write_folder(tmp_path / folder, ['0.png'])
    paths = [str(tmp_path / name) for name in ('rig.left', 'rig.right')]
    assert list(open_views(paths)[0]) == ['rig.left', 'rig.right']
    assert not logged
    paths = [str(tmp_path / f'{name}/left') for name in ('1.5', '2.5')]
    assert list(open_views(paths)[0]) == ['cam0', 'cam1']
    assert '(left, left) do not tell them apart' in logged[-1]


def test_two_cameras_of_one_name(tmp_path):
    write_folder(tmp_path / 'left', ['0.png'])
    write_plain_video(tmp_path / 'left.avi', range(2))
    with pytest.raises(ValueError, match="two sources are called 'left'"):
        open_views(str(tmp_path))


def test_lists_are_taken_as_they_stand(tmp_path, logged):
    write_folder(tmp_path / 'a', [f'{n}.png' for n in range(12)])
    write_folder(tmp_path / 'b', [f'{n:02d}.png' for n in range(12)])
    lists = [sorted(map(str, (tmp_path / camera).iterdir())) for camera in 'ab']
    assert shown(lists)[2] == [10, 2]
    assert f'{tmp_path}/a/10.png, {tmp_path}/b/02.png differ' in logged[-1]


@pytest.mark.parametrize('names', [('x.png', 'y.png'), ('1_7.png', '2_9.png')])
def test_lists_whose_numbers_say_nothing(tmp_path, logged, names):
    write_folder(tmp_path / 'a', names)
    write_folder(tmp_path / 'b', ['1.png', '9.png'])
    lists = [sorted(map(str, (tmp_path / camera).iterdir())) for camera in 'ab']
    assert shown(lists) == [[0, 0], [1, 1]]
    assert not logged


def test_images_of_several_sizes(tmp_path):
    for camera in 'ab':
        write_folder(tmp_path / camera, ['0.png', '1.png', '2.png'])
    (tmp_path / 'a/0.png').write_bytes(b'no image')
    cv2.imwrite(str(tmp_path / 'a/2.png'), plain_image(2, (32, 24)))
    with pytest.raises(
        ValueError, match='a/2.png has 32x24 pixels, but .*a/1.png 64x48'
    ):
        open_views(str(tmp_path))
