"""An image has the size that its camera was calibrated at."""

import json

import cv2
import pytest
from label_trees import LabelTree
from made_images import plain_image

from hamuco_mm.datasets import RigHandDataset
from hamuco_mm.datasets.rig import scan_folder


@pytest.fixture
def rig(tmp_path):
    """The JSON file of a labelled, calibrated rig; images have 64x48 pixels."""
    return LabelTree(tmp_path).write_rig()


def edit(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def load(path, **options):
    return RigHandDataset(data_root=str(path.parent), ann_file=path.name, **options)


def state_size(content):
    for camera in content['cameras'].values():
        camera.update(width=64, height=48)


def shrink(content):
    content['images'][5].update(width=32, height=24)


@pytest.mark.parametrize(
    'change, reason',
    [
        (state_size, 'calibrated at 64x48'),
        (lambda _: None, 'of the same camera has 64x48'),
    ],
)
def test_an_image_of_another_size(rig, change, reason):
    edit(rig, change)
    assert len(load(rig)) == 12
    edit(rig, shrink)
    with pytest.raises(ValueError, match=f'has 32x24 pixels, but .*{reason}') as raised:
        load(rig)
    name = json.loads(rig.read_text())['images'][5]['file_name']
    assert name in str(raised.value)
    # without cameras there is nothing that it does not fit
    assert len(load(rig, with_calib=False)) == 12


def test_a_camera_of_its_own(rig):
    """As crops have it."""

    def add(content):
        image = content['images'][5]
        image.update(width=32, height=24, calibration='crop')
        content['cameras']['crop'] = content['cameras'][image['camera']]

    edit(rig, state_size)
    edit(rig, add)
    with pytest.raises(ValueError, match='32x24'):
        load(rig)
    edit(rig, lambda content: content['cameras']['crop'].update(width=32, height=24))
    assert len(load(rig)) == 12


def test_a_folder(rig):
    root = rig.parent
    cameras = json.loads(rig.read_text())['cameras']
    (root / 'calibration.json').write_text(
        json.dumps(dict(cameras=cameras, extrinsics='world2cam', unit='m'))
    )
    assert len(scan_folder(root)['images']) == 12
    cv2.imwrite(str(root / 'images/0000/cam2/00000001.jpg'), plain_image(0, (32, 24)))
    with pytest.raises(ValueError, match='cam2/00000001.jpg has 32x24'):
        scan_folder(root)
    (root / 'calibration.json').unlink()
    assert len(scan_folder(root)['images']) == 12


def test_hidden_files_of_a_folder(rig):
    root = rig.parent
    for name in ('images/.trash/cam0/0.jpg', 'images/0000/.cam9/0.jpg'):
        (root / name).parent.mkdir(parents=True)
        cv2.imwrite(str(root / name), plain_image(0))
    (root / 'images/0000/cam0/._0.jpg').write_bytes(b'\0\5\x16\7')
    assert len(scan_folder(root)['images']) == 12


@pytest.mark.parametrize(
    'content, error',
    [
        ([], 'should be an object with "images"'),
        (dict(images=[], annotations=None), '"annotations" should be a list'),
    ],
)
def test_what_is_no_rig(rig, content, error):
    rig.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=f'rig.json: {error}'):
        load(rig)


def test_an_image_without_a_size(rig):
    edit(rig, lambda content: content['images'][2].update(width=0))
    with pytest.raises(ValueError, match=r'images\[2\]: width and height'):
        load(rig)


@pytest.mark.parametrize('size', [(32, 24), (48, 64)])
def test_files_that_are_not_the_labelled_ones(rig, size):
    """Made smaller since, or labelled before they are turned: labels would lie
    elsewhere in them."""
    images = json.loads(rig.read_text())['images']
    names = [i['file_name'] for i in images if i['camera'] == images[0]['camera']]
    for name in names:
        cv2.imwrite(str(rig.parent / name), plain_image(0, size))
    match = f'"height" 48, but the file, .* has {size[0]}x{size[1]} pixels'
    for with_calib in (True, False):
        with pytest.raises(ValueError, match=match):
            load(rig, with_calib=with_calib)
    for name in names:  # such as one in a database
        (rig.parent / name).unlink()
    assert len(load(rig)) == 12
