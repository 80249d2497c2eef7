import json

import cv2
import numpy as np
import pytest
from PIL import Image

from hamuco_mm.apis.inferencers.result_files import (
    JsonList,
    PictureFiles,
    PredictionFiles,
    ResultFiles,
    mosaic,
)
from hamuco_mm.export.hand_table import HandTable
from hamuco_mm.utils.video_files import VideoFile


def test_json_list_is_complete_after_each_item(tmp_path):
    path = tmp_path / 'new' / 'list.json'
    items = []
    writer = JsonList(path)
    for item in (dict(a=1), [2.5], 'ü'):
        writer.append(item)
        items.append(item)
        assert json.loads(path.read_text()) == items  # not closed yet
    writer.close()
    JsonList(path).close()
    assert json.loads(path.read_text()) == []


def test_prediction_files(tmp_path):
    images = PredictionFiles(tmp_path)
    images.write('first', 0, [])
    images.write('second', 1, dict(views={}))
    assert json.loads((tmp_path / 'first.json').read_text()) == []
    assert json.loads((tmp_path / 'second.json').read_text()) == dict(views={})
    video = PredictionFiles(tmp_path, 'video')
    video.write('x', 0, [])
    video.write('y', 1, dict(views={}))
    assert json.loads((tmp_path / 'video.json').read_text()) == [
        dict(frame_id=0, instances=[]),
        dict(frame_id=1, views={}),
    ]


def test_pictures(tmp_path):
    red = np.zeros((31, 45, 3), np.uint8)
    red[..., 0] = 255
    files = PictureFiles(tmp_path / 'pictures')
    files.write('one', red)
    stored = cv2.imread(str(tmp_path / 'pictures' / 'one.jpg'))
    assert stored.shape == red.shape
    assert stored[10, 10, 2] > 240 > 20 > stored[10, 10, 0]

    video = PictureFiles(tmp_path / 'out.mp4', 'name', fps=7)
    for size in (31, 20, 50):
        video.write('', red[:size])
    video.close()
    capture = cv2.VideoCapture(str(tmp_path / 'out.mp4'))
    assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == 3
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(7)
    assert capture.read()[1].shape == (32, 46, 3)

    for target, name in (('out.mp4', None), ('out.JPG', None), ('out.jpg', 'video')):
        with pytest.raises(ValueError, match='folder for images'):
            PictureFiles(tmp_path / target, name)


@pytest.mark.parametrize('suffix', ['.gif', '.WebP'])
def test_animations(suffix, tmp_path):
    path = tmp_path / f'new/out{suffix}'
    files = PictureFiles(str(path), 'name', fps=5)
    for level, size in zip((40, 120, 200), (30, 20, 50)):
        files.write('', np.full((size, 45, 3), level, np.uint8))
    assert not path.exists()  # a whole file, or none
    files.close()
    with Image.open(path) as animation:
        assert animation.n_frames == 3 and animation.size == (45, 30)
        for index, level in enumerate((40, 120, 200)):
            animation.seek(index)
            shown = np.asarray(animation.convert('RGB'), int)
            assert abs(shown[5, 5] - level).max() < 6
            assert animation.info['duration'] == 200
        assert animation.info['loop'] == 0
    with pytest.raises(ValueError, match='folder for images'):
        PictureFiles(str(path))


@pytest.mark.parametrize('video, fps', [(None, 5), ('video', 0), ('video', -1)])
def test_pictures_a_second_are_those_of_a_video(video, fps, tmp_path):
    with pytest.raises(ValueError, match='vis_fps .* for videos'):
        PictureFiles(str(tmp_path), video, fps)


def test_folders_with_dots_in_their_names(tmp_path):
    picture = np.zeros((32, 32, 3), np.uint8)
    PictureFiles(tmp_path / 'v1.2').write('one', picture)
    assert (tmp_path / 'v1.2' / 'one.jpg').is_file()
    video = PictureFiles(tmp_path / 'v1.3', 'hand')
    video.write('', picture)
    video.close()
    assert (tmp_path / 'v1.3' / 'hand.mp4').is_file()


def test_images_of_the_same_name_keep_their_results(tmp_path):
    files, pictures = PredictionFiles(tmp_path), PictureFiles(tmp_path)
    for index, name in enumerate(('0', '0', '0_1', '0')):
        files.write(name, index, [index])
        pictures.write(name, np.full((8, 8, 3), 50 * index, np.uint8))
    for index, name in enumerate(('0', '0_1', '0_1_1', '0_2')):
        assert json.loads((tmp_path / f'{name}.json').read_text()) == [index]
        stored = cv2.imread(str(tmp_path / f'{name}.jpg'))
        assert abs(stored.mean() - 50 * index) < 3


def test_mosaic():
    pictures = [np.full((4, 6, 3), i, np.uint8) for i in range(3)]
    pictures[1] = pictures[1][:2]
    grid = mosaic(pictures, columns=2)
    assert grid.shape == (8, 12, 3)
    assert (grid[:4, :6] == 0).all()
    assert (grid[:2, 6:] == 1).all() and (grid[2:4, 6:] == 255).all()
    assert (grid[4:, :6] == 2).all() and (grid[4:, 6:] == 255).all()


def test_files_of_an_earlier_run_are_named(tmp_path, logged):
    def run(*names, table=False):
        logged.clear()
        files = ResultFiles()
        files.predictions = PredictionFiles(tmp_path)
        files.table = HandTable(tmp_path / 'hands.csv') if table else None
        with files:
            for index, name in enumerate(names):
                files.predictions.write(name, index, [])
        return [message for message in logged if 'earlier run' in message]

    assert not run('a', 'b', 'c', 'd', 'e', table=True)
    assert not run('a', 'b', 'c', 'd', 'e', table=True)  # the same again
    (message,) = run('a')
    assert str(tmp_path) in message
    assert message.endswith('b.json, c.json, d.json and 2 more')  # and hands.csv
    for name in 'cde':
        (tmp_path / f'{name}.json').unlink()
    (message,) = run('a')
    assert message.endswith('b.json, hands.csv')
    (message,) = run('a', table=True)
    assert message.endswith('for these: b.json')


def test_a_run_without_a_result_replaces_none(multi_view, rig, calibration, tmp_path):
    """As where a calibration turns out to be that of other images."""
    videos = {}
    for name in calibration:
        writer = VideoFile(tmp_path / f'{name}.mp4', 30)
        for image in sorted((rig / name).iterdir()):
            writer.write(cv2.imread(str(image)))
        writer.close()
        videos[name] = str(tmp_path / f'{name}.mp4')
    out = dict(pred_out_dir=str(tmp_path / 'out'), pred_formats=['json', 'csv'])
    list(multi_view(videos, cameras=calibration, **out))
    files = {path.name: path.read_bytes() for path in (tmp_path / 'out').iterdir()}
    assert set(files) == {'views.json', 'hands.csv'}
    size = dict(width=64, height=64)
    others = {name: {**camera, **size} for name, camera in calibration.items()}
    with pytest.raises(ValueError, match='calibrated at 64x64'):
        list(multi_view(videos, cameras=others, **out))
    found = {path.name: path.read_bytes() for path in (tmp_path / 'out').iterdir()}
    assert found == files


@pytest.mark.parametrize(
    'target, video, replaced',
    [
        ('photos', None, 'photos/left.jpg'),
        ('link', None, 'photos/left.jpg'),
        ('videos', 'hand', 'videos/hand.mp4'),
        ('videos/hand.mp4', 'hand', 'videos/hand.mp4'),
        ('videos/other.mp4', 'hand', None),
        ('videos', None, None),  # pictures beside a video
        ('photos/new', None, None),
    ],
)
def test_pictures_replace_no_input(tmp_path, monkeypatch, target, video, replaced):
    monkeypatch.chdir(tmp_path)
    inputs = ['photos/left.jpg', 'videos/hand.mp4', 'https://host/photos/left.jpg']
    for name in inputs[:2]:
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    (tmp_path / 'link').symlink_to('photos')
    if replaced is None:
        PictureFiles(target, video, inputs=inputs)
        return
    with pytest.raises(ValueError, match=f'pictures would replace {replaced}, which'):
        PictureFiles(target, video, inputs=inputs)
