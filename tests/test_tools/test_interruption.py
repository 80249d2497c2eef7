"""Ctrl-C ends a training or a tool soon, in words, with what was finished."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from label_trees import LabelTree, write_model
from ranks import free_port

from hamuco_mm.engine.hooks.safe_checkpoint_hook import is_complete

pytestmark = pytest.mark.slow

PATIENCE = 120  # seconds


@pytest.fixture
def start(repository, tmp_path):
    """Function: a command -> its process, in a group of its own as in a terminal;
    what it prints is in printed.txt."""
    started = []

    def start(*command, program=sys.executable, **variables) -> subprocess.Popen:
        script, *arguments = map(str, command)
        process = subprocess.Popen(
            [program, repository / script, *arguments],
            cwd=tmp_path,
            env={
                **os.environ,
                **variables,
                'PYTHONPATH': str(repository),
                'OMP_NUM_THREADS': '1',
            },
            stdout=(tmp_path / 'printed.txt').open('w'),
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # jobs in the background of a shell, as these tests may be, ignore it
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if _is_there(process):
            os.killpg(process.pid, signal.SIGKILL)


def _wait(happens: Callable[[], object], process: subprocess.Popen) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happens():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)


def _is_there(process: subprocess.Popen) -> bool:
    """Any process of its group."""
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True


def _wait_for_all_to_end(process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 30
    while _is_there(process):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_interrupted_distributed_training(start, write_config, tmp_path):
    work_dir = tmp_path / 'run'
    process = start(
        *('tools/dist_train.sh', write_config(max_epochs=1000), 2),
        *('--work-dir', work_dir, '--no-validate'),
        program='bash',
        PYTHON=sys.executable,
        PORT=free_port(),
    )
    _wait(lambda: list(work_dir.glob('epoch_*.pth')), process)
    os.killpg(process.pid, signal.SIGINT)
    process.wait(timeout=60)
    printed = (tmp_path / 'printed.txt').read_text()
    assert process.returncode == 130
    assert 'Traceback' not in printed and 'what was finished is kept' in printed
    assert all(is_complete(path) for path in work_dir.glob('epoch_*.pth'))
    assert not _is_there(process)


def test_failed_distributed_training(start, write_config, tmp_path):
    process = start(
        *('tools/dist_train.sh', write_config(), 2, '--work-dir', tmp_path / 'run'),
        *('--cfg-options', 'model.no_such_part=1'),
        program='bash',
        PYTHON=sys.executable,
        PORT=free_port(),
    )
    assert process.wait(timeout=PATIENCE) == 1
    printed = (tmp_path / 'printed.txt').read_text()
    assert 'no_such_part' in printed and 'ended with status 1, see above' in printed
    assert 'Traceback' not in printed and 'ChildFailedError' not in printed


@pytest.mark.parametrize('workers', [0, 2])
def test_interrupted_training(start, write_config, tmp_path, workers):
    config, work_dir = write_config(max_epochs=1000), tmp_path / 'run'
    options = [
        f'train_dataloader.num_workers={workers}',
        f'train_dataloader.persistent_workers={workers > 0}',
    ]
    arguments = ('--work-dir', work_dir, '--no-validate', '--cfg-options', *options)
    process = start('tools/train.py', config, *arguments)
    _wait(lambda: list(work_dir.glob('epoch_*.pth')), process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    process.wait(timeout=60)
    printed = (tmp_path / 'printed.txt').read_text()
    assert process.returncode == 130
    assert printed.rstrip().endswith(f'Interrupted; what was saved is in {work_dir}.')
    assert 'Traceback' not in printed
    saved = list(work_dir.glob('epoch_*.pth*'))
    assert saved and all(map(is_complete, saved))


def test_a_terminated_training_leaves_no_workers(start, write_config, tmp_path):
    """Killed alone, with batches on their way, whose readers are gone."""
    config, work_dir = write_config(max_epochs=1000), tmp_path / 'run'
    options = [
        f'train_dataloader.{key}={value}'
        for key, value in dict(
            num_workers=2,
            persistent_workers=True,
            prefetch_factor=16,  # more than pipes hold
            batch_size=4,
            **{'sampler.type': 'RepeatedSampler', 'sampler.min_samples': 400},
        ).items()
    ]
    arguments = ('--work-dir', work_dir, '--no-validate', '--cfg-options', *options)
    process = start('tools/train.py', config, *arguments)
    _wait(lambda: list(work_dir.glob('*/vis_data/scalars.json')), process)
    process.terminate()
    assert process.wait(timeout=60) == 128 + signal.SIGTERM
    _wait_for_all_to_end(process)
    assert 'Traceback' not in (tmp_path / 'printed.txt').read_text()


FORKS = """
import os, signal, sys, time
sys.path.insert(0, 'tools')
from _interruption import exit_when_terminated
os.register_at_fork(after_in_child=lambda: os.kill(os.getpid(), signal.SIGTERM))
exit_when_terminated()
child = os.fork()
if not child:
    time.sleep(60)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
os.kill(os.getpid(), signal.SIGTERM)
time.sleep(60)
"""


def run_script(script: str, repository: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, '-c', script],
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=40,
    )


def test_a_worker_ends_that_is_terminated_while_it_starts(repository):
    """Else its pool would wait for ever. The tool itself still exits by itself."""
    done = run_script(FORKS, repository)
    assert int(done.stdout) == -signal.SIGTERM
    assert done.returncode == 128 + signal.SIGTERM
    assert not done.stderr


WHILE_IT_FORKS = """
import os, signal, sys, time
sys.path.insert(0, 'tools')
from _interruption import exit_when_terminated
# runs after what exit_when_terminated does before a fork, which is registered later
os.register_at_fork(before=lambda: os.kill(os.getpid(), signal.SIGTERM))
exit_when_terminated()
if not os.fork():
    os._exit(0)
time.sleep(30)
"""


def test_a_tool_ends_that_is_terminated_while_it_forks(repository):
    """Python drops exceptions of what it calls around a fork."""
    done = run_script(WHILE_IT_FORKS, repository)
    assert done.returncode == 128 + signal.SIGTERM
    assert not done.stderr


def test_terminated_labelling_leaves_no_workers(start, tmp_path):
    tree = LabelTree(tmp_path, frames=60, cameras=4)
    process = start(
        *('tools/misc/pseudo_label.py', tree.write_rig(labelled=False)),
        *(*write_model(tmp_path), '--out', tree.rig / 'labels.json'),
        *('--batch-size', 1, '--shard-size', 1, '--workers', 2),
    )
    _wait(lambda: list(tree.rig.glob('labels.json.shards/*.npz')), process)
    process.terminate()
    assert process.wait(timeout=60) == 128 + signal.SIGTERM
    _wait_for_all_to_end(process)
    assert 'Traceback' not in (tmp_path / 'printed.txt').read_text()


@pytest.mark.parametrize(
    'send, number',
    [
        (os.killpg, signal.SIGINT),
        (os.kill, signal.SIGINT),
        (os.kill, signal.SIGTERM),
    ],
)
def test_interrupted_generator(start, tmp_path, send, number):
    """By a terminal, and by a signal to the one process: its workers end, too."""
    root = tmp_path / 'data'
    process = start(
        *('tools/misc/generate_demo_data.py', root, '--workers', 2),
        *('--num-train-sequences', 1000, '--frames', 4, '--image-size', 64),
    )
    _wait(lambda: len(list(root.glob('rgb*/*'))) > 1, process)
    send(process.pid, number)
    process.wait(timeout=30)
    _wait_for_all_to_end(process)
    printed = (tmp_path / 'printed.txt').read_text()
    if number == signal.SIGINT:
        assert 'Interrupted; what was finished is kept.' in printed
    assert 'Traceback' not in printed


@pytest.mark.parametrize(
    'command',
    [
        ('tools/train.py', 'CONFIG'),
        ('tools/test.py', 'CONFIG', 'CONFIG'),
        ('tools/misc/generate_demo_data.py', 'out'),
        ('tools/misc/export_predictions.py', 'CONFIG', '--out-dir', 'out'),
        ('tools/misc/calibrate_sigmas.py', 'CONFIG', 'CONFIG', 'out.pth'),
        ('tools/misc/pseudo_label.py', '--data-root', 'DATA', '--out', 'out'),
        ('tools/dataset_converters/hanco2lmdb.py', 'DATA'),
        ('tools/deployment/export_onnx.py', 'CONFIG', 'CONFIG', '--out', 'out.onnx'),
        ('tools/analysis_tools/dataset_statistics.py', 'CONFIG'),
        ('demo/hamuco_demo.py', 'CONFIG', '--out-dir', 'out'),
        ('demo/webcam_demo.py',),
    ],
    ids=lambda command: Path(command[0]).stem,
)
def test_interrupted_while_it_starts(start, write_config, demo_data, tmp_path, command):
    """In the imports, which take seconds, or right after them."""
    places = dict(CONFIG=write_config(), DATA=demo_data)
    process = start(*(places.get(part, part) for part in command))
    maps = Path(f'/proc/{process.pid}/maps')
    _wait(lambda: 'libtorch_python' in maps.read_text(), process)
    os.killpg(process.pid, signal.SIGINT)
    process.wait(timeout=30)
    printed = (tmp_path / 'printed.txt').read_text()
    assert 'Interrupted' in printed
    assert 'Traceback' not in printed
