"""Images of LoadJPEG against those of LoadImage, that is, of OpenCV."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from mmpose.datasets.transforms import LoadImage
from PIL import Image

from hamuco_mm.datasets import LoadJPEG


def picture(height=48, width=65):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (height, width, 3), np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 2)


def save(path, **options):
    Image.fromarray(picture()).save(path, **options)
    return str(path)


def images(path, **options):
    return [loader(**options)(dict(img_path=path)) for loader in (LoadJPEG, LoadImage)]


@pytest.mark.parametrize(
    'options',
    (
        dict(quality=95),
        dict(quality=70, subsampling='4:2:0'),
        dict(quality=90, subsampling='4:2:2'),
        dict(progressive=True),
    ),
)
def test_the_same_pixels(tmp_path, options):
    pytest.importorskip('simplejpeg')
    ours, theirs = images(save(tmp_path / 'a.jpg', **options))
    assert ours['img'].dtype == np.uint8 and ours['img'].flags.writeable
    np.testing.assert_array_equal(ours['img'], theirs['img'])
    for key in ('img_shape', 'ori_shape', 'img_path'):
        assert ours[key] == theirs[key]


def test_simplejpeg_is_what_decodes(tmp_path, monkeypatch):
    simplejpeg = pytest.importorskip('simplejpeg')
    black = np.zeros((4, 5, 3), np.uint8)
    monkeypatch.setattr(simplejpeg, 'decode_jpeg', lambda *args, **kwargs: black)
    ours, theirs = images(save(tmp_path / 'a.jpg'))
    assert ours['img'] is black and theirs['img'].any()


def test_what_opencv_does(tmp_path):
    """Other formats, grey and turned images, and options of LoadImage."""
    grey = tmp_path / 'grey.jpg'
    Image.fromarray(picture()[..., 0]).save(grey)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    turned = save(tmp_path / 'turned.jpg', exif=exif)
    # which OpenCV reads whatever the notes are called
    other = tmp_path / 'other.jpg'
    other.write_bytes(Path(turned).read_bytes().replace(b'Exif\0\0', b'EXIF\0\0'))
    for path in (str(grey), turned, str(other), save(tmp_path / 'a.png')):
        ours, theirs = images(path)
        np.testing.assert_array_equal(ours['img'], theirs['img'])
    assert ours['img'].shape == (48, 65, 3)
    assert images(turned)[0]['img'].shape == (65, 48, 3)
    # with a long comment before the orientation
    late = tmp_path / 'late.jpg'
    content = Path(turned).read_bytes()
    comment = b'\xff\xfe' + (5002).to_bytes(2, 'big') + 5000 * b'x'
    late.write_bytes(content[:2] + comment + content[2:])
    ours, theirs = images(str(late))
    np.testing.assert_array_equal(ours['img'], theirs['img'])
    assert ours['img'].shape == (65, 48, 3)
    ours, theirs = images(
        save(tmp_path / 'a.jpg'), to_float32=True, color_type='grayscale'
    )
    assert ours['img'].dtype == np.float32 and ours['img'].ndim == 2
    np.testing.assert_array_equal(ours['img'], theirs['img'])


@pytest.mark.parametrize('content', (None, b'', b'\xff\xd8nothing'))
def test_the_parents_errors(tmp_path, content):
    path = tmp_path / 'a.jpg'
    if content is not None:
        path.write_bytes(content)
    errors = []
    for loader in (LoadJPEG, LoadImage):
        with pytest.raises(Exception) as error:
            loader()(dict(img_path=str(path)))
        errors.append(error)
    assert errors[0].type is errors[1].type
    assert str(path) in str(errors[0].value)


def test_cut_short_as_opencv_sees_it(tmp_path):
    path = tmp_path / 'a.jpg'
    content = tmp_path / 'whole.jpg'
    save(content, quality=95)
    path.write_bytes(content.read_bytes()[:-600])
    try:
        expected = LoadImage()(dict(img_path=str(path)))['img']
    except Exception as error:
        with pytest.raises(type(error)):
            LoadJPEG()(dict(img_path=str(path)))
    else:
        np.testing.assert_array_equal(
            LoadJPEG()(dict(img_path=str(path)))['img'], expected
        )


def test_without_simplejpeg(tmp_path, monkeypatch):
    path = save(tmp_path / 'a.jpg')
    monkeypatch.setattr('hamuco_mm.datasets.transforms.load_jpeg.simplejpeg', None)
    ours, theirs = images(path)
    np.testing.assert_array_equal(ours['img'], theirs['img'])


def test_images_stay_in_the_caches(tmp_path):
    """At multiples of 16 or 32 libjpeg-turbo would write past them."""
    pytest.importorskip('simplejpeg')
    kept = []
    for number in range(8):
        path = tmp_path / f'{number}.jpg'
        Image.fromarray(picture(32 + number, 64 - 2 * number)).save(path)
        kept.append(LoadJPEG()(dict(img_path=str(path)))['img'])
        assert all(row.ctypes.data % 16 for row in kept[-1])
    for number, image in enumerate(kept):
        np.testing.assert_array_equal(
            image, LoadImage()(dict(img_path=str(tmp_path / f'{number}.jpg')))['img']
        )
