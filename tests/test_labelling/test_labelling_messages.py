"""What labelling refuses before it looks at an image."""

import json

import pytest

from hamuco_mm.labelling.boxes import BoxFile
from hamuco_mm.labelling.hanco_labels import HanCoImages
from hamuco_mm.labelling.shards import Shards


@pytest.mark.parametrize(
    'content, words',
    [
        ([[0, 0, 1, 1]], 'expected'),
        ({'0/cam1/00000000': [0, 0, 9, 9]}, "no box of any image.*'0/cam0/00000000'"),
    ],
)
def test_boxes_that_belong_to_nothing(tmp_path, content, words):
    path = tmp_path / 'boxes.json'
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=words) as error:
        BoxFile(path, ['0/cam0/00000000'])
    assert str(path) in str(error.value)


def test_a_folder_without_images_of_hanco(tmp_path):
    (tmp_path / 'photos').mkdir()
    with pytest.raises(FileNotFoundError, match='<sequence>/cam<number>/<frame>.jpg'):
        HanCoImages(tmp_path, tmp_path / 'labels')


def test_a_damaged_record_of_an_earlier_run(tmp_path):
    (tmp_path / 'run.json').write_text('{')
    with pytest.raises(ValueError, match='run.json: not readable .* to start again'):
        Shards(tmp_path, ['a', 'b'], dict(model='one')).open()
