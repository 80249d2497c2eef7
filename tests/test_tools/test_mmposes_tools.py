"""Tools that MMPose has too, on configs and files of this package."""

import hashlib
import json
import math
import runpy
import sys

import cv2
import pytest
import torch

LOG = [
    dict(
        step=step,
        epoch=1 + step // 4,
        time=0.5 if step % 4 == 0 else 0.1,
        loss=1 / step,
    )
    for step in range(1, 9)
] + [{'single/PA-MPJPE': 9.0, 'step': 1}]


@pytest.fixture
def run(repository, monkeypatch, tmp_path, capsys):
    """Function: path of a tool and arguments -> what it prints."""

    def start(tool, *arguments):
        script = str(repository / 'tools' / tool)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, 'argv', [script, *map(str, arguments)])
        runpy.run_path(script, run_name='__main__')
        return capsys.readouterr().out

    return start


@pytest.fixture
def log(tmp_path):
    path = tmp_path / 'work/20260101_000000/vis_data/scalars.json'
    path.parent.mkdir(parents=True)
    path.write_text('\n'.join(map(json.dumps, LOG)))
    return path


def test_time_of_iterations(run, log):
    """The first value of an epoch, which has the loading in it, is left out."""
    for given in (log, log.parents[2]):
        printed = run('analysis_tools/analyze_logs.py', 'cal_train_time', given)
        assert '0.1000 s an iteration' in printed
    with pytest.raises(SystemExit, match='no log'):
        run('analysis_tools/analyze_logs.py', 'cal_train_time', 'absent.json')


def test_curves_of_logs(run, log, tmp_path):
    command = ['analysis_tools/analyze_logs.py', 'plot_curve', log, '--keys']
    run(*command, 'loss', '--out', 'new/curve.png')
    assert cv2.imread(str(tmp_path / 'new/curve.png')).std() > 5
    with pytest.raises(SystemExit, match='has no los; it has .*loss'):
        run(*command, 'los')
    with pytest.raises(SystemExit, match='--legend has 1 names for 1 logs and 2 keys'):
        run(*command, 'loss', 'time', '--legend', 'a')


def test_published_checkpoints_have_their_hash(run, tmp_path):
    state = {'head.weight': torch.ones(3)}
    given = dict(meta=dict(epoch=3), state_dict=state, optimizer=dict(lr=1))
    torch.save(given, tmp_path / 'in.pth')
    run('misc/publish_model.py', 'in.pth', 'out/model.pth')
    (path,) = (tmp_path / 'out').iterdir()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert path.name.startswith(f'model-{digest[:8]}_') and path.suffix == '.pth'
    found = torch.load(path, weights_only=True)
    assert set(found) == {'meta', 'state_dict'} and found['meta']['epoch'] == 3
    assert torch.equal(found['state_dict']['head.weight'], state['head.weight'])
    with pytest.raises(SystemExit, match='has no ema'):
        run('misc/publish_model.py', 'in.pth', 'x.pth', '--save-keys', 'ema')


def test_learning_rates_of_a_config(run, tmp_path):
    """Linear warm-up over an epoch, then a cosine by epochs."""
    (tmp_path / 'config.py').write_text(
        'train_dataloader = dict(batch_size=5)\n'
        'train_cfg = dict(max_epochs=5)\n'
        "optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.4))\n"
        'param_scheduler = [\n'
        "    dict(type='LinearLR', start_factor=0.25, by_epoch=True, end=1,\n"
        '         convert_to_iter_based=True),\n'
        "    dict(type='CosineAnnealingLR', begin=1, end=5, by_epoch=True)]\n"
    )
    printed = run(
        'analysis_tools/vis_scheduler.py', 'config.py', '-d', 18, '--out', 'lr.png'
    )
    last = 0.2 * (1 + math.cos(math.pi * 3 / 4))
    assert f'20 iterations, from 0.1 over 0.4 to {last:.3g}' in printed
    assert cv2.imread(str(tmp_path / 'lr.png')).std() > 5


def test_learning_rates_of_a_data_set_that_is_repeated(run, tmp_path):
    """18 items, at least 40 samples an epoch: 3 times 18, in batches of 5."""
    (tmp_path / 'config.py').write_text(
        'train_dataloader = dict(batch_size=5,\n'
        "    sampler=dict(type='RepeatedSampler', min_samples=40))\n"
        'train_cfg = dict(max_epochs=2)\n'
        "optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.4))\n"
    )
    printed = run('analysis_tools/vis_scheduler.py', 'config.py', '-d', 18)
    assert '22 iterations' in printed


@pytest.mark.parametrize('tool', ['vis_scheduler.py', 'get_flops.py'])
def test_options_that_nobody_reads_are_refused(run, repository, tool):
    config = repository / 'configs/hamuco_demo.py'
    option = ('--cfg-options', 'model.hed.type=MANOHead')
    with pytest.raises(SystemExit, match='read nowhere; did you mean model.head.type'):
        run(f'analysis_tools/{tool}', config, *option)
    with pytest.raises(SystemExit, match='there is no config'):
        run(f'analysis_tools/{tool}', 'absent.py')


def test_operations_of_a_network(run, repository):
    config = repository / 'configs/hamuco_demo.py'
    one = run('analysis_tools/get_flops.py', config)
    assert '1 crops of 96 x 96' in one and 'backbone' in one
    two = run('analysis_tools/get_flops.py', config, '--views', 2)
    assert '2 crops of 96 x 96' in two and 'view_neck' in two
