"""Two processes do not write one output."""

import signal
import subprocess
import sys

import pytest

from hamuco_mm.utils.files import replaced_directory
from hamuco_mm.utils.one_writer import BusyError, only_writer

HOLD = """
import sys, time
from pathlib import Path
from hamuco_mm.utils.files import replaced_directory
from hamuco_mm.utils.one_writer import claim
claim(Path(sys.argv[1]))
print('claimed', flush=True)
time.sleep(60)
"""


@pytest.fixture(params=['folder', 'file', 'new'])
def output(request, tmp_path):
    path = tmp_path / 'out'
    if request.param == 'folder':
        path.mkdir()
    elif request.param == 'file':
        path.touch()
    return path


def test_another_process_is_in_the_way_until_it_is_killed(output):
    process = subprocess.Popen(
        [sys.executable, '-c', HOLD, output], stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b'claimed\n'
    busy = pytest.raises(BusyError, match=f'another process is writing {output}')
    with busy, only_writer(output):
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with only_writer(output):
        pass


def test_nothing_stays_behind(output, tmp_path):
    before = sorted(tmp_path.rglob('*'))
    with only_writer(output), only_writer(output):  # its own way is free
        assert sorted(tmp_path.rglob('*')) != before
    assert sorted(tmp_path.rglob('*')) == before


REPLACE = """
import sys, time
from pathlib import Path
from hamuco_mm.utils.files import replaced_directory
with replaced_directory(Path(sys.argv[1])) as part:
    (part / 'file').touch()
    print('writing', flush=True)
    time.sleep(60)
"""


def test_another_process_replaces_the_folder(tmp_path):
    path = tmp_path / 'out'
    process = subprocess.Popen(
        [sys.executable, '-c', REPLACE, path], stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b'writing\n'
    busy = pytest.raises(BusyError, match=f'another process is writing {path}:')
    with busy, replaced_directory(path):
        pass
    assert (tmp_path / 'out.part/file').exists()
    process.kill()
    process.communicate()
    with replaced_directory(path):
        pass
    assert list(path.iterdir()) == []
