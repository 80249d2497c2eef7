"""tools/benchmark.py from the data to the page, with an interruption."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from hamuco_mm.synthesis.openhandmv import Preset, generate_openhandmv

CONFIG = """
_base_ = ['{repository}/configs/hamuco_demo.py']
loader = dict(
    batch_size=1,
    dataset=dict(dataset=dict(data_root='{{{{$OPENHANDMV_ROOT:nowhere}}}}')))
train_dataloader = loader
val_dataloader = loader
test_dataloader = loader
train_cfg = dict(max_epochs=4, val_interval=4)
"""
TABLE = """
experiments = dict(
    full=dict(config='{config}'),
    alone=dict(
        config='{config}', options={{'model.view_neck': None, 'model.view_head': None}}),
    labels=dict(config='{config}', tool='baselines'),
)
tables = dict(
    table1=dict(
        title='Whole', columns={{'fusion/PA-MPJPE': 'fusion'}},
        rows=[dict(experiment='full', label='Full')]),
    table4=dict(
        title='Parts', columns={{'fusion/PA-MPJPE': 'fusion', 'PA-MPJPE': 'labels'}},
        rows=[dict(experiment='alone', label='-'),
              dict(experiment='labels', label='DLT', prefix='dlt_triangulation/')]))
"""


@pytest.fixture
def command(repository, tmp_path):
    """The tool on very small data, without where it works."""
    data = tmp_path / 'data'
    small = Preset(train=2, val=1, test=1, frames=2, views=3, image_size=128)
    generate_openhandmv(str(data), small)
    config = tmp_path / 'small.py'
    config.write_text(CONFIG.format(repository=repository))
    table = tmp_path / 'experiments.py'
    table.write_text(TABLE.format(config=config))
    return [
        *(sys.executable, repository / 'tools/benchmark.py', '--preset', 'own'),
        *('--data-root', data, '--experiments', table),
    ]


def results_of(work_dir):
    return json.loads((work_dir / 'results.json').read_text())['runs']


def in_its_first_training(command, work_dir, *options) -> subprocess.Popen:
    """The tool, in a group of its own, as soon as there is a checkpoint."""
    process = subprocess.Popen(
        [*map(str, command), '--work-dir', str(work_dir), *options],
        cwd=work_dir.parent,
        env=dict(os.environ, OMP_NUM_THREADS='1'),
        start_new_session=True,
    )
    deadline = time.monotonic() + 600
    while not list(work_dir.glob('full-seed0/epoch_*.pth')):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    return process


@pytest.mark.slow
def test_killed_benchmark_goes_on(command, run_command, tmp_path):
    work_dir, other = tmp_path / 'work', tmp_path / 'other'
    process = in_its_first_training(command, work_dir, '--minutes', '20')
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=30)
    assert results_of(work_dir)['full-seed0']['state'] == 'training'

    shown = run_command(*command, '--work-dir', work_dir, '--parallel', '2')
    assert '3 of 3 runs are done' in shown
    runs = results_of(work_dir)
    for key in ('full-seed0', 'alone-seed0'):
        assert runs[key]['state'] == 'done' and runs[key]['epochs'] == 4
        assert runs[key]['steps'] == 4 * 4
        assert runs[key]['metrics']['fusion/PA-MPJPE'] > 0
    assert runs['labels-seed0']['metrics']['dlt_triangulation/PA-MPJPE'] > 0

    # in one piece: the same
    run_command(*command, '--work-dir', other, '--only', 'table1')
    assert list(results_of(other)) == ['full-seed0']
    assert results_of(other)['full-seed0']['metrics'] == runs['full-seed0']['metrics']

    docs = tmp_path / 'docs'
    docs.mkdir()
    run_command(*command, '--work-dir', work_dir, '--write-docs', '--docs', docs)
    page = (docs / 'results.md').read_text()
    assert 'not run' not in page
    assert f'{runs["full-seed0"]["metrics"]["fusion/PA-MPJPE"]:.2f}' in page
    assert (tmp_path / 'benchmarks/results/own.json').is_file()


@pytest.mark.slow
def test_a_terminated_benchmark_leaves_nothing_that_trains(command, tmp_path):
    work_dir = tmp_path / 'work'
    process = in_its_first_training(command, work_dir)
    process.terminate()  # it alone, not its group
    assert process.wait(timeout=60) == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_data_that_are_not_there_are_named(repository, run_command, tmp_path):
    printed = run_command(
        *(sys.executable, repository / 'tools/benchmark.py', '--preset', 'own'),
        *('--data-root', tmp_path / 'none', '--work-dir', tmp_path / 'work'),
        status=1,
    )
    assert 'error: there is no' in printed and 'choose a --preset' in printed


def test_list_runs_nothing(repository, run_command, tmp_path):
    printed = run_command(
        *(sys.executable, repository / 'tools/benchmark.py', '--list'),
        *('--only', 'table4', '--work-dir', tmp_path / 'work'),
    )
    assert 'not run' in printed and 'no_dcvi-seed1' in printed
    assert not (tmp_path / 'work').exists()
