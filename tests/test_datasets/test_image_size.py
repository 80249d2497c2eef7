"""Sizes of images are those of what the image reader gives."""

import numpy as np
import pytest
from PIL import Image, UnidentifiedImageError

from hamuco_mm.datasets.frames import IMAGE_SUFFIXES, open_source
from hamuco_mm.datasets.image_size import image_size
from hamuco_mm.datasets.rig.folder import scan_folder
from hamuco_mm.datasets.storage import read_image
from hamuco_mm.labelling import HandImage

WIDTH, HEIGHT = 40, 24


@pytest.mark.parametrize('suffix', IMAGE_SUFFIXES)
@pytest.mark.parametrize('orientation', [None, 1, 3, 5, 6, 7, 8])
def test_turned_images(tmp_path, suffix, orientation):
    """Of each kind of image, also in a rig and from the inferencers."""
    path = tmp_path / f'images/0000/cam0/0{suffix}'
    path.parent.mkdir(parents=True)
    exif = Image.Exif()
    if orientation is not None:
        exif[274] = orientation
    without_exif = suffix in ('.bmp', '.ppm')
    Image.fromarray(np.zeros((HEIGHT, WIDTH, 3), np.uint8)).save(
        path, **({} if without_exif else dict(exif=exif))
    )
    expected = read_image(path).shape[1::-1]
    assert image_size(path) == expected
    assert HandImage('0000/cam0/0', path).size() == expected
    (frame,) = open_source(path.parent)
    assert frame.image.shape[1::-1] == expected
    image = scan_folder(tmp_path)['images'][0]
    assert (image['width'], image['height']) == expected
    if suffix == '.jpg' and orientation == 6:
        assert expected == (HEIGHT, WIDTH)


def test_what_is_no_image(tmp_path):
    (tmp_path / 'a.jpg').write_text('no image')
    with pytest.raises(UnidentifiedImageError):
        image_size(tmp_path / 'a.jpg')
