import pytest

from hamuco_mm.utils.files import write_atomically


@pytest.mark.parametrize('content', ['ä\n', b'\x00\xff'])
def test_the_file_is_replaced_whole(tmp_path, content):
    path = tmp_path / 'labels.json'
    path.write_text('old')
    write_atomically(str(path), content)
    expected = content.encode() if isinstance(content, str) else content
    assert path.read_bytes() == expected
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_there_survives_a_failure(tmp_path):
    path = tmp_path / 'labels.json'
    path.write_text('old')
    (tmp_path / 'labels.json.part').mkdir()  # where the new one cannot go
    with pytest.raises(OSError):
        write_atomically(path, 'new')
    assert path.read_text() == 'old'
