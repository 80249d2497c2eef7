"""Images beyond the bound are refused by every reader, by name, before decoding."""

import cv2
import mmcv
import numpy as np
import pytest
from bombs import SIDE, jpeg_of, png_of, ppm_of
from mmpose.registry import TRANSFORMS

from hamuco_mm.datasets.frames.images import ImageFiles
from hamuco_mm.datasets.image_size import image_size
from hamuco_mm.datasets.storage.file_backend import read_image
from hamuco_mm.utils.image_headers import MAX_PIXELS, ImageTooLargeError, check_pixels


@pytest.fixture(params=['png', 'jpg', 'ppm'])
def large(request, tmp_path):
    jpeg = cv2.imencode('.jpg', np.zeros((16, 16, 3), np.uint8))[1].tobytes()
    content = dict(
        png=png_of(SIDE, SIDE), jpg=jpeg_of(SIDE, SIDE, jpeg), ppm=ppm_of(SIDE, SIDE)
    )
    path = tmp_path / f'large.{request.param}'
    path.write_bytes(content[request.param])
    return path


def test_headers(large):
    with pytest.raises(ImageTooLargeError, match='large.*header says 36'):
        image_size(large)
    with pytest.raises(ImageTooLargeError, match='here: '):
        check_pixels(large.read_bytes(), 'here')


def test_decoders(large):
    with pytest.raises(ImageTooLargeError):
        mmcv.imfrombytes(large.read_bytes())
    with pytest.raises(ImageTooLargeError):
        mmcv.imread(large)
    assert read_image(large) is None
    (frame,) = ImageFiles([large], 'a')
    assert frame.image is None and 'header says' in frame.problem


@pytest.mark.parametrize('name', ['LoadImage', 'LoadImageCached', 'LoadJPEG'])
def test_transforms(large, name):
    with pytest.raises(ImageTooLargeError, match='header says .*/large'):
        TRANSFORMS.build(dict(type=name))(dict(img_path=str(large)))


def test_the_largest_that_is_allowed():
    check_pixels(png_of(MAX_PIXELS // 1000, 1000))
    with pytest.raises(ImageTooLargeError):
        check_pixels(png_of(MAX_PIXELS // 1000 + 1, 1000))


@pytest.mark.parametrize(
    'content', [b'', b'no image', b'\x89PNG\r\n\x1a\n', b'\xff\xd8']
)
def test_what_is_no_image(content, tmp_path):
    (tmp_path / 'a.png').write_bytes(content)
    with pytest.raises(OSError):
        image_size(tmp_path / 'a.png')
    check_pixels(content)
