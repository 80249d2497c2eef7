"""splits.json says which sequences are for training, validation and testing."""

import json

import pytest

from hamuco_mm.datasets import HanCoDataset
from hamuco_mm.utils.json_files import MalformedFileError


@pytest.fixture
def tree(make_tree):
    return make_tree(sequences={0: 1, 1: 1, 2: 1, 1300: 1}, num_cameras=1)


def write(tree, content):
    (tree.root / 'splits.json').write_text(json.dumps(content))


def sequences(tree, split):
    dataset = HanCoDataset(str(tree.root), split=split)
    return [dataset.get_data_info(i)['sequence'] for i in range(len(dataset))]


def test_file_decides(tree):
    assert sequences(tree, 'train') == ['0000', '0001', '0002']  # by number
    write(tree, dict(train=[1, 1300], val=[0], test=[2]))
    assert sequences(tree, 'train') == ['0001', '1300']
    assert sequences(tree, 'val') == ['0000']
    assert sequences(tree, 'test') == ['0002']
    assert sequences(tree, 'all') == ['0000', '0001', '0002', '1300']


def test_sequences_that_are_absent_or_in_no_split_are_named(tree, logged):
    write(tree, dict(train=[1, 7, 8], test=[2, 9]))
    sequences(tree, 'train')
    assert [line for line in logged if 'splits.json has' in line] == [
        f'{tree.root}: splits.json has 2 sequences (7, 8) in "train", which are not there',
        f'{tree.root}: splits.json has 2 sequences (0, 1300) in no split: nothing uses '
        'them',
    ]
    logged.clear()
    sequences(tree, 'all')
    write(tree, dict(train=[0, 1], val=[2], test=[1300]))
    sequences(tree, 'train')
    assert not [line for line in logged if 'splits.json' in line]


def test_validation_needs_the_file(tree):
    with pytest.raises(ValueError, match=r"split='val' needs .*splits\.json"):
        HanCoDataset(str(tree.root), split='val')


@pytest.mark.parametrize(
    'content, message',
    [
        ([0, 1], 'expected an object'),
        (dict(train=[0], valid=[1]), 'expected an object'),
        (dict(train='0'), '"train" should be a list of numbers'),
        (dict(train=[0], val=[True]), '"val" should be a list of numbers'),
        (dict(train=[0, 1], test=[1]), 'sequence 1 is in "train" and in "test"'),
        (dict(train=[0], test=[1]), 'has no key "val"'),
    ],
)
def test_unusable_file_is_named(tree, content, message):
    write(tree, content)
    with pytest.raises(MalformedFileError, match=message) as error:
        HanCoDataset(str(tree.root), split='val')
    assert str(tree.root / 'splits.json') in str(error.value)


def test_split_without_data_is_an_error(tree):
    write(tree, dict(train=[0], val=[7]))
    with pytest.raises(ValueError, match="no usable view for split='val'"):
        HanCoDataset(str(tree.root), split='val')
