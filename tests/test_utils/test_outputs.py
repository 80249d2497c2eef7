"""Outputs that cannot be written are told before the work."""

import os

import pytest

from hamuco_mm.utils.outputs import check_output_file, check_output_folder


def test_what_can_be_written_leaves_nothing_behind(tmp_path):
    (tmp_path / 'there.json').write_text('1')
    for name in ('new.json', 'there.json', 'a/b/new.json'):
        check_output_file(tmp_path / name)
        check_output_folder((tmp_path / name).with_suffix(''))
    assert [path.name for path in tmp_path.iterdir()] == ['there.json']
    assert (tmp_path / 'there.json').read_text() == '1'
    check_output_file('/dev/null')


def test_what_cannot_is_named(tmp_path):
    file = tmp_path / 'file'
    file.write_text('')
    for check in (check_output_file, check_output_folder):
        with pytest.raises(NotADirectoryError, match='file/a/b cannot be written'):
            check(file / 'a' / 'b')
        with pytest.raises(OSError, match='/proc/nothing cannot be written'):
            check('/proc/nothing')
    with pytest.raises(NotADirectoryError, match='file is no folder'):
        check_output_folder(file)
    with pytest.raises(IsADirectoryError, match='is a folder: name a file'):
        check_output_file(tmp_path)
    (tmp_path / 'lost').symlink_to('lost')
    with pytest.raises(OSError, match='lost/a cannot be written'):
        check_output_folder(tmp_path / 'lost/a')


@pytest.mark.skipif(os.geteuid() == 0, reason='permissions do not bind root')
def test_read_only(tmp_path):
    file = tmp_path / 'file'
    file.write_text('')
    file.chmod(0o444)
    with pytest.raises(PermissionError, match='is read-only'):
        check_output_file(file)
    tmp_path.chmod(0o555)
    with pytest.raises(PermissionError, match='cannot be written'):
        check_output_folder(tmp_path / 'a')
