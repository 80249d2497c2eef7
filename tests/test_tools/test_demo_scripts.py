"""The scripts of the two commands: their environment, and the demo's steps."""

import json
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope='module')
def run_demo(repository) -> Path:
    return repository / 'tools' / 'misc' / 'run_demo.py'


def in_environment_script(repository: Path, code: str) -> list:
    return [
        'bash',
        '-c',
        f'set -euo pipefail; source {repository}/tools/_environment.sh\n{code}',
    ]


def test_failure_names_step_remedy_and_log(repository, run_command):
    printed = run_command(
        *in_environment_script(
            repository, 'begin_step Baking "more flour" oven.log; (exit 7)'
        ),
        status=7,
    )
    assert 'FAILED (exit status 7): Baking' in printed
    assert 'more flour' in printed and 'oven.log' in printed


def test_success_says_nothing_of_failure(repository, run_command):
    printed = run_command(
        *in_environment_script(repository, 'begin_step Baking "more flour"')
    )
    assert printed == '== Baking\n'


@pytest.mark.parametrize(
    'lock, supported', [('tested', '3.10, 3.11 or 3.12'), ('newest', '3.13')]
)
def test_unsupported_python(repository, run_command, tmp_path, lock, supported):
    """An old interpreter named by PYTHON is refused in so many words."""
    old = tmp_path / 'python3.8'
    old.write_text('#!/bin/sh\nexit 1\n')
    old.chmod(0o755)
    printed = run_command(
        *in_environment_script(
            repository,
            f'PYTHON={old}; VENV_PYTHON=/nowhere/python\n'
            'begin_step Environment "install Python"; make_venv',
        ),
        status=1,
        LOCK=lock,
    )
    assert f'No Python {supported} found' in printed
    assert str(old) in printed and 'FAILED' in printed


def test_unknown_lock(repository, run_command):
    printed = run_command(*in_environment_script(repository, ''), status=2, LOCK='old')
    assert 'LOCK is "old"' in printed


def test_installed_environment_is_recognised(repository, run_command, tmp_path):
    """With the stamp of this lock nothing is installed again."""
    printed = run_command(
        *in_environment_script(
            repository,
            f'VENV={tmp_path}; VENV_PYTHON={sys.executable}\n'
            'logged_pip() { echo "pip $*"; }\n'
            'make_environment; echo; make_environment',
        )
    )
    first, second = printed.split('\n\n')
    assert first.count('\npip ') == 3
    assert second.splitlines() == [
        f'== Python environment in {tmp_path}',
        '   is there',
    ]


def test_list_of_steps(repository, run_demo, run_command):
    commands = run_command(
        sys.executable, run_demo, '--list', cwd=repository
    ).splitlines()
    assert len(commands) == 14
    assert commands[2].startswith(
        'mim train hamuco_mm configs/hamuco_demo.py --work-dir work_dirs/hamuco_demo'
    )
    for command in commands:
        program, script = command.split()[:2]
        assert program == 'mim' or (repository / script).is_file()


@pytest.mark.slow
def test_demo_runs_skips_and_sets_aside(run_demo, write_config, run_command, tmp_path):
    config = write_config()
    demo = [sys.executable, run_demo, config, '--work-dir', 'work']
    printed = run_command(*demo)
    assert '1/14 data: is there' in printed
    work = tmp_path / 'work'
    results = json.loads((work / 'results.json').read_text())
    for row in (
        *('mean_hand', 'ransac_triangulation', 'single', 'interact', 'fusion'),
        *('start_single', 'start_fusion'),
        *('half_of_the_cameras_fusion', 'uncalibrated_fusion'),
    ):
        assert results[row]['PA-MPJPE'] > 0
    assert results['minutes']['train'] > 0 and results['seed'] == 0
    absolute = json.loads((work / 'absolute.json').read_text())
    for row in ('ransac', 'hamuco_opt_center', 'hamuco_adapted_opt_center'):
        assert absolute[row]['MPJPE'] > 0
    for name in (
        *('predictions.png', 'views.png', 'curves.png', 'results.md', 'page.html'),
        'photograph/visualizations/left_hand.jpg',
    ):
        assert (work / name).stat().st_size > 0

    printed = run_command(*demo)
    assert printed.count('is there') == 14

    # an interrupted end: only what is missing is done again
    (work / 'results.json').unlink()
    printed = run_command(*demo)
    assert printed.count('is there') == 13 and '14/14 table: python' in printed

    # another config does not take these results for its own; this one names
    # a sampler that there is not, so that it stops at the first test
    config.write_text(
        config.read_text().replace(
            'loader = dict(', "loader = dict(sampler=dict(type='NoSuch'), "
        )
    )
    printed = run_command(*demo, status=1)
    assert 'held results of another config' in printed
    assert 'The step "start" of the demo failed' in printed
    assert [path.name for path in tmp_path.glob('work_until_*/results.json')] == [
        'results.json'
    ]
