"""Checkpoints of trainings that are killed, or that run out of disk."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from mmengine.evaluator import BaseMetric, Evaluator
from mmengine.model import BaseModel
from mmengine.runner import Runner
from mmengine.structures import BaseDataElement
from torch.utils.data import DataLoader

from hamuco_mm.engine.hooks.safe_checkpoint_hook import is_complete
from hamuco_mm.utils.one_writer import BusyError

# Parameters, so that a checkpoint takes some 0.1 s to write.
LARGE = 20_000_000


class Model(BaseModel):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(size))

    def forward(self, inputs, data_samples=None, mode='loss'):
        if mode == 'predict':
            return [BaseDataElement()]
        return dict(loss=self.weight[0] * inputs.sum())


class Score(BaseMetric):
    """Validation results in a given order, for ``save_best``."""

    def __init__(self, scores) -> None:
        super().__init__()
        self.scores = list(scores)

    def process(self, data_batch, data_samples) -> None:
        self.results.append(0)

    def compute_metrics(self, results):
        return dict(score=self.scores.pop(0))


def train(work_dir, epochs, size=4, resume=False, **checkpoint) -> Runner:
    data = [dict(inputs=torch.ones(1)) for _ in range(2)]
    runner = Runner(
        Model(size),
        work_dir=str(work_dir),
        train_dataloader=DataLoader(data),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=1e-3)),
        train_cfg=dict(by_epoch=True, max_epochs=epochs),
        default_hooks=dict(
            checkpoint=dict(type='SafeCheckpointHook', interval=1, **checkpoint)
        ),
        resume=resume,
        experiment_name=f'{Path(work_dir).name}_{epochs}_{resume}_{time.time()}',
        default_scope='mmpose',
    )
    runner.train()
    return runner


def log(runner: Runner) -> str:
    return (Path(runner.log_dir) / f'{runner.timestamp}.log').read_text()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob('*.pth*'))


def other_process(folder: Path, call: str, before: str = '') -> subprocess.Popen:
    code = (
        f'import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n'
        f'import hamuco_mm\n{before}\n'
        'from test_safe_checkpoint_hook import LARGE, train\n'
        f'train({str(folder)!r}, {call})'
    )
    return subprocess.Popen(
        [sys.executable, '-c', code], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def test_the_last_ones_are_kept(tmp_path):
    train(tmp_path, 5, max_keep_ckpts=2)
    assert names(tmp_path) == ['epoch_4.pth', 'epoch_5.pth']
    train(tmp_path, 7, resume=True, max_keep_ckpts=2)
    assert names(tmp_path) == ['epoch_6.pth', 'epoch_7.pth']
    record = (tmp_path / 'last_checkpoint').read_text()
    assert record == str(tmp_path / 'epoch_7.pth')


def test_damaged_or_missing_checkpoint_is_passed_over(tmp_path):
    train(tmp_path, 3, max_keep_ckpts=3)
    content = (tmp_path / 'epoch_3.pth').read_bytes()
    place = content.index(b'state_dict')
    other_byte = content[:place] + b'S' + content[place + 1 :]
    for damage in (content[: len(content) // 2], b'', other_byte):
        (tmp_path / 'epoch_3.pth').write_bytes(damage)
        (tmp_path / 'last_checkpoint').write_text(str(tmp_path / 'epoch_3.pth'))
        runner = train(tmp_path, 3, resume=True, max_keep_ckpts=3)
        assert runner.epoch == 3 and is_complete(tmp_path / 'epoch_3.pth')
        assert 'epoch_3.pth is damaged: going on from' in log(runner)
        assert 'epoch_2.pth, the newest complete one' in log(runner)
    (tmp_path / 'epoch_3.pth').unlink()
    (tmp_path / 'last_checkpoint').write_text('')
    runner = train(tmp_path, 3, resume=True, max_keep_ckpts=3)
    assert 'epoch_2.pth, the newest complete one' in log(runner)


def test_killed_before_the_new_checkpoint_was_recorded(tmp_path):
    train(tmp_path, 3, max_keep_ckpts=3)
    record, last = tmp_path / 'last_checkpoint', tmp_path / 'epoch_3.pth'
    record.write_text(str(tmp_path / 'epoch_2.pth'))
    saved = last.stat().st_mtime_ns
    os.utime(record, ns=(saved, saved - 10**6))
    runner = train(tmp_path, 3, resume=True, max_keep_ckpts=3)
    assert last.stat().st_mtime_ns == saved  # not trained again
    assert 'epoch_2.pth is not the last that was saved: going on from' in log(runner)
    # a person's record is kept to
    record.write_text(str(tmp_path / 'epoch_2.pth'))
    train(tmp_path, 3, resume=True, max_keep_ckpts=3)
    assert last.stat().st_mtime_ns > saved


def test_nothing_complete_is_an_error_with_the_remedy(tmp_path):
    train(tmp_path, 1)
    (tmp_path / 'epoch_1.pth').write_bytes(b'PK')
    with pytest.raises(OSError, match=r'epoch_1.pth.*is damaged.*leave out'):
        train(tmp_path, 2, resume=True)


def test_nothing_saved_yet_starts_anew(tmp_path):
    runner = train(tmp_path, 1, resume=True)
    assert runner.epoch == 1


@pytest.mark.parametrize('interval', [1, 5])
def test_a_best_metric_that_is_not_measured_is_named(tmp_path, interval):
    data = [dict(inputs=torch.ones(1))]
    runner = Runner(
        Model(4),
        work_dir=str(tmp_path),
        train_dataloader=DataLoader(data),
        val_dataloader=DataLoader(data),
        val_evaluator=Evaluator([Score([1.0])]),
        val_cfg=dict(),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=1e-3)),
        train_cfg=dict(by_epoch=True, max_epochs=7),
        default_hooks=dict(
            checkpoint=dict(
                type='SafeCheckpointHook',
                interval=interval,
                save_best='scores',
                rule='greater',
            )
        ),
        experiment_name=f'{tmp_path.name}_{time.time()}',
        default_scope='mmpose',
    )
    with pytest.raises(ValueError, match=r"'scores' \(did you mean 'score'.*--resume"):
        runner.train()
    assert is_complete(tmp_path / 'epoch_1.pth')


def train_for_best(folder: Path, scores: list[float], resume=False) -> Runner:
    data = [dict(inputs=torch.ones(1))]
    runner = Runner(
        Model(4),
        work_dir=str(folder),
        train_dataloader=DataLoader(data),
        val_dataloader=DataLoader(data),
        val_evaluator=Evaluator([Score(scores)]),
        val_cfg=dict(),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=1e-3)),
        train_cfg=dict(by_epoch=True, max_epochs=3 + 2 * resume),
        default_hooks=dict(
            checkpoint=dict(
                type='SafeCheckpointHook',
                interval=1,
                save_best='score',
                rule='greater',
                max_keep_ckpts=1,
            )
        ),
        resume=resume,
        experiment_name=f'best_{folder.parent.name}_{folder.name}_{resume}',
        default_scope='mmpose',
    )
    runner.train()
    return runner


def test_best_is_removed_after_the_next_best_is_saved(tmp_path):
    train_for_best(tmp_path / 'run', [1.0, 3.0, 2.0])
    assert names(tmp_path / 'run') == ['best_score_epoch_2.pth', 'epoch_3.pth']


def test_a_copied_training_leaves_the_first_alone(tmp_path):
    """Although its checkpoint names the files of the first."""
    train_for_best(tmp_path / 'run', [1.0, 3.0, 2.0])
    shutil.copytree(tmp_path / 'run', tmp_path / 'copy')
    runner = train_for_best(tmp_path / 'copy', [4.0, 1.0], resume=True)
    said = f'epoch_3.pth is in another folder: going on from {tmp_path / "copy"}'
    assert said in log(runner)
    assert names(tmp_path / 'run') == ['best_score_epoch_2.pth', 'epoch_3.pth']
    assert names(tmp_path / 'copy') == ['best_score_epoch_4.pth', 'epoch_5.pth']


@pytest.mark.slow  # each run imports the package anew
def test_killed_while_a_checkpoint_is_written(tmp_path):
    """With one checkpoint kept, a kill in the middle of the next loses none."""
    folder = tmp_path / 'run'
    process = other_process(folder, '50, LARGE, max_keep_ckpts=1')
    deadline = time.monotonic() + 120
    while not list(folder.glob('epoch_2.pth.*.part')):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(1e-3)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert 'epoch_2.pth' not in names(folder)  # it was in the middle
    assert is_complete(folder / 'epoch_1.pth')
    process = other_process(folder, '2, LARGE, resume=True, max_keep_ckpts=1')
    _, error = process.communicate(timeout=120)
    assert process.returncode == 0, error.decode()[-1000:]
    assert names(folder) == ['epoch_2.pth']
    saved = torch.load(folder / 'epoch_2.pth', weights_only=False)
    # 2 epochs of 2 steps of 1e-3, each once
    assert saved['state_dict']['weight'][0].item() == pytest.approx(-4e-3)


@pytest.mark.slow
def test_full_disk_names_the_path_and_keeps_what_was_saved(tmp_path):
    """A limit on the size of files stands for the disk."""
    folder = tmp_path / 'run'
    train(folder, 1, 100_000, max_keep_ckpts=1)
    before = (folder / 'epoch_1.pth').read_bytes()
    limit = 'import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (9**5, 9**5))'
    process = other_process(
        folder, '2, 100_000, resume=True, max_keep_ckpts=1', before=limit
    )
    _, error = process.communicate(timeout=120)
    assert process.returncode == 1
    assert f'cannot write {folder / "epoch_2.pth"}' in error.decode()
    assert '--resume' in error.decode()
    assert names(folder) == ['epoch_1.pth']
    assert (folder / 'epoch_1.pth').read_bytes() == before


@pytest.mark.slow
def test_second_training_in_the_same_folder_is_refused(tmp_path):
    folder = tmp_path / 'run'
    process = other_process(folder, '500, LARGE, max_keep_ckpts=1')
    deadline = time.monotonic() + 120
    while not (folder / 'epoch_1.pth').exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    with pytest.raises(BusyError, match=f'another process is writing {folder}'):
        train(folder, 1, resume=True)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    train(folder, 1)  # the killed one is not in the way
