import json

import cv2
import numpy as np
import pytest
from made_images import make_image, write_video

from hamuco_mm.apis.inferencers.boxes import boxes_by_view
from hamuco_mm.apis.inferencers.cameras import load_cameras
from hamuco_mm.apis.inferencers.time_steps import (
    named_views,
    open_views,
    time_steps,
)
from hamuco_mm.cameras import write_calibration
from hamuco_mm.cameras.camera import Camera
from hamuco_mm.cameras.mirroring import mirror_box
from hamuco_mm.datasets.frames import open_source
from hamuco_mm.labelling.detection import best_boxes


@pytest.fixture(scope='module')
def videos(tmp_path_factory):
    root = tmp_path_factory.mktemp('videos')
    return {
        'left': write_video(root / 'left.avi', 3),
        'right': write_video(root / 'right.avi', 3, first=5),
        'long': write_video(root / 'long.avi', 4),
    }


def test_one_view(rig, videos):
    folder = str(rig / 'cam1')
    for inputs, count, name in (
        (folder, 2, 'cam1'),
        (f'{folder}/0001.png', 1, '0001'),
        ([f'{folder}/0001.png'] * 3, 3, 'images'),
        (make_image(0), 1, 'image'),
        ([make_image(0), make_image(1)], 2, 'images'),
        (videos['left'], 3, 'left'),
    ):
        sources, is_group = open_views(inputs)
        steps = list(time_steps(sources))
        assert not is_group
        assert list(sources) == [name]
        assert [step.index for step in steps] == list(range(count))
    frames = list(open_source(folder))
    assert [frame.name for frame in frames] == ['0000', '0001']
    assert (frames[1].image == make_image(11)).all()
    grey = make_image(0)[..., 0]
    assert (next(iter(open_source(grey))).image == grey[..., None]).all()


def test_video_frames_come_in_order(videos):
    source = open_source(videos['left'])
    assert source.fps == pytest.approx(12)
    for seed, frame in enumerate(source):
        # JPEG changes a little
        assert np.abs(frame.image.astype(int) - make_image(seed)).mean() < 4


def test_groups(rig, videos):
    pair = {name: videos[name] for name in ('left', 'right')}
    lists = [[make_image(0), make_image(1)], [make_image(2), make_image(3)]]
    for inputs, names, count in (
        (str(rig), ['cam0', 'cam1', 'cam2'], 2),
        (pair, ['left', 'right'], 3),
        (list(pair.values()), ['left', 'right'], 3),
        (lists, ['cam0', 'cam1'], 2),
        (dict(a=make_image(0)), ['a'], 1),
    ):
        sources, is_group = open_views(inputs)
        assert is_group
        assert list(sources) == names
        steps = list(time_steps(sources))
        assert len(steps) == count
        assert all(list(step.frames) == names for step in steps)
    assert (steps[0].frames['a'].image == make_image(0)).all()


@pytest.mark.parametrize(
    'inputs, error',
    [
        ('nowhere.jpg', 'no image nowhere.jpg'),
        ('nowhere.mp4', 'no video nowhere.mp4'),
        ('nowhere', 'no file or folder nowhere'),
        ([], 'empty'),
        ({}, 'at least one camera'),
        ('webcam:x', 'webcam:<number>'),
        (np.zeros((4, 4, 3)), 'uint8 in BGR'),
        (3, 'got int'),
        (['a.jpg', np.zeros((4, 4, 3), np.uint8)], 'all paths or all arrays'),
    ],
)
def test_what_cannot_be_opened(inputs, error):
    with pytest.raises((OSError, ValueError), match=error):
        open_views(inputs)


def test_unreadable_files(tmp_path):
    broken = tmp_path / 'broken.mp4'
    broken.write_bytes(b'no video')
    with pytest.raises(OSError, match='broken.mp4 cannot be read'):
        open_views(str(broken))
    empty = tmp_path / 'empty'
    empty.mkdir()
    with pytest.raises(FileNotFoundError, match='has no images'):
        open_views(str(empty))
    image = tmp_path / 'broken.png'
    image.write_bytes(b'no image')
    (frame,) = open_source(str(image))
    assert frame.image is None
    assert frame.problem == f'{image} cannot be read as an image'
    image.write_bytes(b'')
    (frame,) = open_source(str(image))
    assert frame.problem == f'{image} cannot be read as an image: it has no bytes'


def test_images_of_other_kinds_are_named(tmp_path, logged):
    for number in range(5):
        (tmp_path / f'IMG_{number}.HEIC').touch()
    with pytest.raises(FileNotFoundError, match='has no images'):
        open_views(tmp_path)
    cv2.imwrite(str(tmp_path / 'IMG_9.png'), make_image(0))
    open_views(tmp_path)
    for said in logged:
        assert 'not read are IMG_0.HEIC, IMG_1.HEIC, IMG_2.HEIC and 2 more: im' in said
    assert len(logged) == 2


def test_views_of_different_length(videos):
    with pytest.raises(ValueError, match='left: 3, long: 4'):
        open_views([videos['left'], videos['long']])
    # where no file says its length, it shows in the end
    sources = {name: iter(open_source(videos[name])) for name in ('left', 'long')}
    steps = time_steps(sources)
    assert [next(steps).index for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match='left ended after 3 time steps'):
        next(steps)


def seeds(frames):
    """Which of the made images each frame is, None for none."""
    return [
        None
        if frame.image is None
        else min(
            range(10),
            key=lambda i: np.abs(frame.image.astype(int) - make_image(i)).mean(),
        )
        for frame in frames
    ]


def test_views_that_began_at_other_times(tmp_path):
    """Frame N of a camera is time step 0, as in the data set of a rig; what all
    have is predicted."""
    early = write_video(tmp_path / 'early.avi', 5)
    late = write_video(tmp_path / 'late.avi', 4, first=2)
    for offset in (dict(early=2), dict(late=-2)):
        sources, _ = open_views([early, late], offset=offset)
        steps = list(time_steps(sources, shortest=True))
        by_view = {
            name: seeds([step.frames[name] for step in steps]) for name in sources
        }
        if 'early' in offset:
            assert by_view == dict(early=[2, 3, 4], late=[2, 3, 4])
        else:
            assert by_view == dict(early=[0, 1, 2, 3, 4], late=[None, None, 2, 3, 4])
            assert 'late had not begun' in steps[1].frames['late'].problem


@pytest.mark.parametrize('offset', [dict(a=-2), dict(a=3), dict(a=1, b=-1)])
def test_names_and_times_of_shifted_views_ascend(tmp_path, offset):
    """The same number of two cameras is another moment."""
    for camera in 'ab':
        write_video(tmp_path / f'{camera}.avi', 8)
    sources, _ = open_views(str(tmp_path), offset=offset)
    steps = list(time_steps(sources, shortest=True))
    names = [f'{index:08d}' for index in range(len(steps))]
    assert [step.name for step in steps] == names
    times = [index / 12 for index in range(len(steps))]  # of 12 frames a second
    assert [step.time for step in steps] == pytest.approx(times)


def test_views_that_end_at_other_times(videos, caplog):
    pair = [videos['left'], videos['long']]
    sources, _ = open_views(pair, shortest=True)
    assert [step.index for step in time_steps(sources, shortest=True)] == [0, 1, 2]
    with pytest.raises(ValueError, match='--offset CAMERA=N.*--shortest'):
        open_views(pair)


@pytest.mark.parametrize(
    'offset, message',
    [
        (dict(other=1), 'names other, but the views are left, long'),
        (dict(left=1.5), 'left should be a whole number'),
        (dict(left=3), 'left=3 leaves no frame of the 3 frames'),
    ],
)
def test_offsets_that_cannot_be(videos, offset, message):
    with pytest.raises(ValueError, match=message):
        open_views([videos['left'], videos['long']], offset=offset)
    with pytest.raises(ValueError, match='between several views'):
        open_views(videos['left'], offset=offset)


def test_boxes(rig):
    sources, _ = open_views(str(rig))
    box = [10, 20, 60, 80]
    assert boxes_by_view(None, sources)('cam0', 1) is None
    assert boxes_by_view(box, sources)('cam2', 1).tolist() == [[*box, 1]]
    find = boxes_by_view(dict(cam0=[[box + [0.5]], []], cam1=[None, box]), sources)
    assert find('cam0', 0).tolist() == [[*box, 0.5]]
    assert find('cam0', 1).shape == (0, 5)
    assert find('cam1', 0) is None
    assert find('cam1', 1).tolist() == [[*box, 1]]
    assert find('cam2', 0) is None
    for wrong, error in (
        (dict(cam9=box), 'cam9'),
        ([[box]], '1 lists'),
        ([5, 5, 1, 9], 'x1 < x2'),
        ([1, 2, 3], 'x1, y1'),
        ([0.1, 0.2, 0.6, 1.0], 'parts of the image'),
        ([[0, 0, 1, 1, 0.9], box], 'parts of the image'),
    ):
        with pytest.raises(ValueError, match=error):
            boxes_by_view(wrong, sources)


def test_stream_that_outlasts_its_boxes():
    box = [10, 20, 60, 80]
    # as a webcam, it does not say its length
    find = boxes_by_view([box, box], dict(webcam=(_ for _ in range(3))))
    assert find('webcam', 1).tolist() == [[*box, 1]]
    with pytest.raises(ValueError, match='boxes for 2 images of webcam'):
        find('webcam', 2)


def test_detections_are_thinned_out():
    boxes = [
        [0, 0, 10, 10, 0.9],
        [1, 0, 10, 10, 0.8],
        [50, 0, 60, 10, 0.7],
        [80, 0, 90, 10, 0.1],
    ]
    kept = best_boxes(boxes, 0.3, 0.3)
    assert np.allclose(kept[:, 4], [0.9, 0.7])
    assert best_boxes([], 0.3, 0.3).shape == (0, 5)


def test_mirrored_boxes():
    box = np.array([[10.0, 20, 60, 80], [0, 0, 100, 90]])
    once = mirror_box(box, (90, 100, 3))
    assert once.tolist() == [[39, 20, 89, 80], [0, 0, 100, 90]]
    assert (mirror_box(once, (90, 100)) == box).all()


def test_cameras(calibration, tmp_path):
    views = ['cam0', 'cam1', 'cam2']
    assert load_cameras(None, views) is None
    by_name = load_cameras(calibration, views[:2])
    assert list(by_name) == views[:2]
    assert np.allclose(by_name['cam1'].camera.R, calibration['cam1']['R'])
    renamed = load_cameras(list(calibration.values()), ['a', 'b', 'c'])
    assert np.allclose(renamed['b'].camera.R, calibration['cam1']['R'])
    path = tmp_path / 'rig.json'
    write_calibration(
        path,
        {
            name: Camera(*(np.array(camera[key], float) for key in 'KRt'))
            for name, camera in calibration.items()
        },
    )
    from_file = load_cameras(str(path), views)
    assert np.allclose(from_file['cam2'].camera.K, calibration['cam2']['K'])
    with pytest.raises(ValueError, match='3 cameras .*none for top'):
        load_cameras(str(path), ['cam0', 'top'])
    with pytest.raises(ValueError, match='3 cameras for 2 views'):
        load_cameras(list(calibration.values()), views[:2])
    with pytest.raises(ValueError, match='cam0'):
        load_cameras(dict(cam0=dict(R=np.eye(3), t=np.zeros(3))), ['cam0'])


def test_a_calibration_that_does_not_say_its_meaning(tmp_path):
    """What rig2coco.py is told by its options, prediction is told by the same."""
    path = tmp_path / 'calibration.json'
    K, pose = (
        [[300, 0, 64], [0, 300, 64], [0, 0, 1]],
        [[0, -1, 0], [1, 0, 0], [0, 0, 1]],
    )
    cameras = {name: dict(K=K, R=pose, t=[100, 0, 200]) for name in ('a', 'b')}
    path.write_text(json.dumps(dict(cameras=cameras)))
    views = ['left', 'right']
    names = dict(left='a', right='b')
    with pytest.raises(ValueError, match='--extrinsics'):
        load_cameras(path, views, names)
    with pytest.raises(ValueError, match='--unit'):
        load_cameras(path, views, names, extrinsics='cam2world')
    with pytest.raises(ValueError, match="no camera 'left'.*--camera-names"):
        load_cameras(path, views, extrinsics='cam2world', unit='mm')
    found = load_cameras(path, views, names, extrinsics='cam2world', unit='mm')
    for view in found.values():
        np.testing.assert_allclose(view.camera.R, np.transpose(pose))
        place = -np.transpose(view.camera.R) @ np.ravel(view.camera.t)
        np.testing.assert_allclose(place, [0.1, 0, 0.2])


def test_options_that_would_do_nothing():
    camera = dict(K=np.eye(3), R=np.eye(3), t=np.zeros(3))
    with pytest.raises(ValueError, match='unit belong to cameras'):
        load_cameras(None, ['a'], unit='mm')
    with pytest.raises(ValueError, match='rescale_intrinsics belong to cameras'):
        load_cameras(None, ['a'], rescale_intrinsics=True)
    with pytest.raises(ValueError, match='axes belong to a calibration file'):
        load_cameras(dict(a=camera), ['a'], axes='opengl')
    with pytest.raises(ValueError, match='names b, but the views are a'):
        load_cameras(dict(a=camera), ['a'], dict(b='a'))


def test_several_images_are_views_and_that_is_said(logged):
    """Not for videos and folders, which are recordings, nor where they have names."""
    named_views(['photo.jpg'])
    named_views(['left.mp4', 'right.mp4'])
    named_views(['left=0.jpg', 'right=1.jpg'])
    assert not logged
    assert list(named_views(['0.jpg', '1.jpg'])) == ['0', '1']
    (said,) = logged
    assert 'the 2 images are taken for views of one hand' in said
    assert 'give their folder' in said
