"""What tools write on a full disk: named in words, and what was there stays."""

import argparse
import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from full_disk import full_disk
from hanco_tree import HanCoTree
from hand_samples import make_sample, posed_hands

from hamuco_mm.structures import PredictedViews

OLD = b'{}'
# In the place of {out}, what the tool writes: {config}, {tree}, ... are inputs.
COMMANDS = {
    'curve.png': 'analysis_tools/analyze_logs.py plot_curve {log} --keys loss --out {out}',
    'rates.png': 'analysis_tools/vis_scheduler.py {config} -d 20 --out {out}',
    'auc.png': 'analysis_tools/plot_auc.py {views} --out {out}',
    'smooth.json': 'analysis_tools/smooth_predictions.py {views} --report {out}',
    'smooth.npz': (
        'analysis_tools/smooth_predictions.py {views} --type Savgol --out {out}'
    ),
    'page.html': 'analysis_tools/make_3d_page.py {views} --out {out}',
    'rig.json': 'analysis_tools/check_rig.py {tree} --out {out}',
    'labels.json': 'analysis_tools/dataset_statistics.py {tree} --out {out}',
    'items/0000_00000000.jpg': (
        'analysis_tools/browse_dataset.py {tree} --mode original --not-show --output-dir {out.parent}'
    ),
    'weights.pth': 'misc/export_weights.py {checkpoint} {out}',
    'joints.json': (
        'misc/export_predictions.py {views} --formats json --out-dir {out.parent}'
    ),
    'results.json': (
        'analysis_tools/summarize_results.py {out.parent} --metrics {metrics} '
        '--baselines {baselines} --seed 0'
    ),
}


@pytest.fixture(scope='module')
def inputs(repository, tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp('inputs')
    samples = []
    for view, (vertices, joints) in enumerate(zip(*posed_hands(2))):
        sample = make_sample(vertices, joints, 0, view, 2, (0.005, 0.004, 0.003))
        camera = dict(K=np.diag([500.0, 500, 1]), R=np.eye(3), t=np.zeros(3))
        sample.set_metainfo(dict(camera_param=camera, ori_shape=(224, 224)))
        samples.append(sample.to_dict())
    PredictedViews.from_samples(samples).save(folder / 'views.npz')
    log = folder / 'work/20260101_000000/vis_data/scalars.json'
    log.parent.mkdir(parents=True)
    log.write_text(
        '\n'.join(json.dumps(dict(step=i, epoch=1, time=1, loss=1 / i)) for i in (1, 2))
    )
    state = {'backbone.weight': torch.ones(9000)}
    meta = dict(epoch=1, iter=1, seed=0)
    torch.save(dict(state_dict=state, meta=meta), folder / 'checkpoint.pth')
    (folder / 'metrics.json').write_text(json.dumps({'single/PA-MPJPE': 9.0}))
    (folder / 'baselines.json').write_text(json.dumps({}))
    return dict(
        config=repository / 'configs/hamuco_demo.py',
        views=folder / 'views.npz',
        log=log,
        tree=HanCoTree(folder / 'tree').root,
        checkpoint=folder / 'checkpoint.pth',
        metrics=folder / 'metrics.json',
        baselines=folder / 'baselines.json',
    )


@pytest.fixture
def run(repository, monkeypatch, tmp_path):
    """Function: a command -> the error that it ends with, if any."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, 'excepthook', sys.excepthook)

    def start(command: str) -> BaseException | None:
        tool, *arguments = command.split()
        script = str(repository / 'tools' / tool)
        monkeypatch.setattr(sys, 'argv', [script, *arguments])
        try:
            runpy.run_path(script, run_name='__main__')
        except (OSError, SystemExit) as error:
            return error if getattr(error, 'code', 1) else None
        return None

    return start


def then(do):
    """``parse_args``, and something after it."""

    def parse_args(self, *given):
        found = self.parse_known_args(*given)[0]
        do()
        return found

    return parse_args


@pytest.mark.parametrize('name', COMMANDS)
def test_what_was_there_stays(name, run, inputs, tmp_path, monkeypatch):
    """The disk fills after the tool has tried its outputs."""
    (tmp_path / 'disk').mkdir()
    with full_disk(tmp_path / 'disk', 'disk') as disk:
        out = disk.folder / name
        out.parent.mkdir(exist_ok=True)
        disk.make_room()
        out.write_bytes(OLD)
        command = COMMANDS[name].format(out=out, **inputs)
        with monkeypatch.context() as patch:
            patch.setattr(argparse.ArgumentParser, 'parse_args', then(disk.fill))
            error = run(command)
        assert f'{out} cannot be written, the disk is full' in str(error)
        assert [file for file in disk.folder.rglob('*') if file.is_file()] == [out]
        assert out.read_bytes() == OLD
        disk.make_room()
        assert run(command) is None
        assert out.read_bytes() != OLD
        assert not list(disk.folder.rglob('*.part*'))


def test_it_is_said_without_a_traceback(repository, run_command, inputs, tmp_path):
    (tmp_path / 'disk').mkdir()
    with full_disk(tmp_path / 'disk', 'disk') as disk:
        tool = repository / 'tools/misc/publish_model.py'
        out = disk.folder / 'new'
        printed = run_command(
            sys.executable, tool, inputs['checkpoint'], f'{out}.pth', status=1
        )
        assert f'{out}-' in printed and 'the disk is full' in printed
        assert 'Traceback' not in printed
        assert list(disk.folder.iterdir()) == []


def test_programs_that_stand_alone(repository, tmp_path):
    """They are copied to where this package is not."""
    tools = (
        runpy.run_path(str(repository / 'tools/misc/mediapipe_landmarks.py'))['write'],
        runpy.run_path(str(repository / 'demo/onnx_demo.py'))['write'],
    )
    (tmp_path / 'disk').mkdir()
    with full_disk(tmp_path / 'disk', 'disk') as disk:
        out = disk.folder / 'a.json'
        out.write_bytes(OLD)
        for write, content in zip(tools, ({}, b'{}')):
            with pytest.raises(SystemExit, match=f'{out} cannot be .*No space.*room'):
                write(out, content)
            assert list(disk.folder.iterdir()) == [out]
            assert out.read_bytes() == OLD
        disk.make_room()
        for write, content in zip(tools, ({}, b'{}')):
            write(out, content)
            assert json.loads(out.read_text()) == {}


def test_the_config_of_a_round_of_labels(repository, tmp_path):
    train = runpy.run_path(str(repository / 'tools/misc/relabel.py'))['train']
    (tmp_path / 'disk').mkdir()
    with full_disk(tmp_path / 'disk', 'disk') as disk:
        old = disk.folder / 'relabel_config.py'
        old.write_bytes(OLD)
        with pytest.raises(OSError, match=f'{old} cannot be written, the disk is full'):
            train("name = '" + 'long' * 1000 + "'", disk.folder)
        assert list(disk.folder.iterdir()) == [old] and old.read_bytes() == OLD
