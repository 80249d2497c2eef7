"""Trainings that are killed lose no finished epoch.

``KILLS`` says how often; half of them are while a checkpoint is written.
"""

import json
import os
import subprocess
import sys

import pytest

KILLS = int(os.environ.get('KILLS', '6'))


@pytest.mark.slow
def test_no_finished_epoch_is_lost(tmp_path, repository):
    support = repository / 'tests/support'
    process = subprocess.run(
        [sys.executable, support / 'killed_trainings.py', tmp_path / 'a', str(KILLS)],
        env=dict(os.environ, OMP_NUM_THREADS='1', PYTHONPATH=str(repository)),
        capture_output=True,
        text=True,
    )
    log = tmp_path / 'a/run/log'
    said = log.read_text()[-2000:] if log.exists() else ''
    assert process.returncode == 0, process.stderr[-2000:] + said
    results = json.loads(process.stdout.splitlines()[-1])
    assert len(results) == KILLS
    for result in results:
        assert result['started'] == result['before']
        assert result['left'] >= result['finished'] > result['before']
    assert sum(result['in_writing'] for result in results) >= KILLS // 2
