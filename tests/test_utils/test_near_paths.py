"""What a path that leads nowhere may have meant."""

import pytest

from hamuco_mm.utils.near_paths import near_path


@pytest.mark.parametrize(
    ('path', 'words'),
    [
        ('data/hand', '; did you mean data/hands?'),
        ('dat/hands/1.png', '; did you mean data/hands/1.png?'),
        ('data/hands/other.png', '; data/hands has 1.png'),
        ('elsewhere/hands/1.png', '; there is no folder elsewhere'),
        ('data/none/x', '; data/none is empty'),
    ],
)
def test_the_nearest_is_named(tmp_path, monkeypatch, path, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'data/hands').mkdir(parents=True)
    (tmp_path / 'data/hands/1.png').touch()
    (tmp_path / 'data/hands/.hidden').touch()
    (tmp_path / 'data/none').mkdir()
    assert near_path(path) == words


def test_long_folders_are_cut(tmp_path):
    for number in range(9):
        (tmp_path / f'{number}.png').touch()
    assert near_path(tmp_path / 'hand.jpg').endswith('3.png, 4.png and 4 more')
