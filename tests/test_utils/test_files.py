import os
import resource

import pytest

from hamuco_mm.utils.files import replaced_directory, write_atomically


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
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # no file above 100 bytes: a full disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(OSError):
            write_atomically(path, 1000 * 'new')
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_text() == 'old'
    assert list(tmp_path.iterdir()) == [path]


def test_devices_and_links_stay_what_they_are(tmp_path):
    pipe, target, link = (tmp_path / name for name in ('pipe', 'target', 'link'))
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_atomically(pipe, 'text')
    assert os.read(reader, 10) == b'text'
    os.close(reader)
    assert pipe.is_fifo()
    target.write_text('old')
    link.symlink_to(target)
    write_atomically(link, 'new')
    assert link.is_symlink() and target.read_text() == 'new'


def test_a_directory_is_replaced_whole(tmp_path):
    out = tmp_path / 'labels'
    out.mkdir()
    (out / 'old').touch()
    with pytest.raises(RuntimeError), replaced_directory(out) as part:
        (part / 'new').touch()
        raise RuntimeError
    assert [path.name for path in out.iterdir()] == ['old']
    assert [path.name for path in tmp_path.iterdir()] == ['labels']
    # interrupted between the two renames
    out.rename(tmp_path / 'labels.old')
    with replaced_directory(out) as part:
        assert [path.name for path in out.iterdir()] == ['old']
        (part / 'new').touch()
    assert [path.name for path in tmp_path.iterdir()] == ['labels']
    assert [path.name for path in out.iterdir()] == ['new']
