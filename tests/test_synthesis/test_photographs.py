"""Photographs behind generated hands."""

import dataclasses
import shutil
import sys

import cv2
import numpy as np
import pytest

from hamuco_mm.synthesis import DatasetConfig, SceneConfig, SceneGenerator
from hamuco_mm.synthesis.photographs import photographs, photographs_digest
from hamuco_mm.synthesis.randomness import STREAMS


@pytest.fixture
def folder(tmp_path):
    """Twenty photographs of one colour each, some in a subfolder."""
    for number in range(20):
        place = tmp_path / 'photos' / ('' if number % 3 else 'more')
        place.mkdir(parents=True, exist_ok=True)
        color = np.full((500, 700, 3), 12 * number, np.uint8)
        cv2.imwrite(str(place / f'{number:02d}.png'), color)
    (tmp_path / 'photos' / 'LICENCE.txt').write_text('free')
    return tmp_path / 'photos'


def test_a_folder_is_dealt_to_the_streams(folder):
    colors = {
        stream: {int(photo[0, 0, 0]) for photo in photographs(str(folder), stream)}
        for stream in STREAMS
    }
    assert sorted(map(len, colors.values())) == [2, 2, 8, 8]
    assert len(set.union(*colors.values())) == 20
    assert all(photo.shape == (400, 560, 3) for photo in photographs(folder, 'train'))


def test_patches_come_from_the_folder(folder):
    """Of one colour, as no other background is before shading and grain."""
    config = SceneConfig(image_size=32, photos=str(folder))
    seen, plain = (
        SceneGenerator(0, 'train', dataclasses.replace(config, photos=photos))
        for photos in (str(folder), False)
    )

    def flat(generator):
        pictures = generator.backgrounds(generator.scene(0, 1))
        return sum(picture.std(axis=(0, 1)).max() < 1e-3 for picture in pictures)

    assert flat(seen) > flat(plain) == 0


@pytest.mark.parametrize(
    'what', ('missing', 'empty', 'broken', 'cut_off', 'tiny', 'few')
)
def test_what_cannot_be_used_is_named(tmp_path, folder, what):
    if what in ('missing', 'empty'):
        shutil.rmtree(folder)
    if what == 'empty':
        folder.mkdir()
    if what == 'broken':
        (folder / '00.jpg').write_bytes(b'not a picture')
    if what == 'cut_off':
        path = folder / '00.jpg'
        cv2.imwrite(str(path), np.full((99, 99, 3), 90, np.uint8))
        path.write_bytes(path.read_bytes()[:-200])
    if what == 'tiny':
        cv2.imwrite(str(folder / '00.gif.png'), np.zeros((1, 9, 3), np.uint8))
    if what == 'few':
        for path in sorted(folder.rglob('*.png'))[5:]:
            path.unlink()
    match = dict(
        missing='there is none',
        empty='has no images',
        broken=r'00\.jpg.* is not an image',
        cut_off=r'00\.jpg.* is not an image',
        tiny=r'00\.gif\.png: 9 x 1 pixels are no photograph',
        few="5 photographs, of which none is left for the stream 'test'",
    )[what]
    with pytest.raises(ValueError, match=match):
        photographs(str(folder), 'test' if what == 'few' else 'pretrain')


def test_the_fingerprint_follows_the_photographs_not_their_place(folder, tmp_path):
    def fingerprint(place):
        return DatasetConfig(scene=SceneConfig(photos=str(place))).fingerprint

    moved = shutil.copytree(folder, tmp_path / 'moved')
    assert photographs_digest(moved) == photographs_digest(folder)
    assert fingerprint(moved) == fingerprint(folder) != DatasetConfig().fingerprint
    cv2.imwrite(str(moved / '01.png'), np.zeros((500, 700, 3), np.uint8))
    assert fingerprint(moved) != fingerprint(folder)


def test_those_of_scikit_image_differ_between_streams():
    pytest.importorskip('skimage', reason='scikit-image is an optional extra')
    photos = [
        photo.tobytes()
        for stream in ('train', 'test', 'pretrain')
        for photo in photographs(True, stream)
    ]
    assert len(photos) == len(set(photos))


def test_those_of_scikit_image_are_used():
    pytest.importorskip('skimage', reason='scikit-image is an optional extra')
    plain, photos = (
        SceneGenerator(0, 'train', SceneConfig(image_size=32, photos=photos))
        for photos in (False, True)
    )
    assert not any(
        np.array_equal(photos.backgrounds(scene), plain.backgrounds(scene))
        for scene in (plain.scene(i, 1) for i in range(4))
    )


def test_without_scikit_image_they_are_refused(monkeypatch):
    photographs.cache_clear()
    monkeypatch.setitem(sys.modules, 'skimage', None)
    monkeypatch.setitem(sys.modules, 'skimage.data', None)
    with pytest.raises(ImportError, match='pip install scikit-image'):
        photographs(True, 'train')
