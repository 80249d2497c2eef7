"""Every tool asks for its outputs when it reads its arguments, before any work."""

import argparse
import runpy
import sys

import pytest
from mmengine.config import Config

OUTPUTS = {
    *('out', 'out_dir', 'out_file', 'output_dir', 'report', 'dump', 'work_dir'),
    'show_dir',
}
# What they read is named so; MediaPipe's runs where this package is not installed.
OTHERS = {
    *('plot_curves.py work_dir', 'summarize_results.py work_dir'),
    *('mediapipe_landmarks.py out', 'draw_dependencies.py out'),
    'run_demo.py work_dir',
    'generate_demo_data.py report',  # a switch
}


def outputs_of(path):
    names = runpy.run_path(str(path))
    if 'build_parser' not in names:
        return
    parsers = [names['build_parser']()]
    for parser in parsers:
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                parsers.extend(action.choices.values())
            elif action.dest in OUTPUTS:
                yield f'{path.name} {action.dest}', action


def test_all_outputs_are_tried(repository, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, 'path', [str(repository / 'tools'), *sys.path])
    file = tmp_path / 'file'
    file.write_text('')
    tools = [
        path
        for path in sorted((repository / 'tools').rglob('*.py'))
        if '__main__' in path.read_text() and path.name != 'build_open_hand.py'
    ]
    found = dict(pair for path in tools for pair in outputs_of(path))
    assert len(found) > 20
    untried = [n for n in found.keys() - OTHERS if found[n].type is None]
    assert untried == []
    for name, action in found.items():
        if name in OTHERS:
            continue
        with pytest.raises(argparse.ArgumentTypeError, match='file/a.*cannot be'):
            action.type(str(file / 'a/b.json'))


@pytest.mark.parametrize('tool', ['train', 'test'])
def test_work_dir_of_the_config(repository, tmp_path, run_command, tool):
    config = tmp_path / 'a.py'
    work_dir = tmp_path / 'file'
    work_dir.write_text('')
    cfg = Config.fromfile(str(repository / 'configs/hamuco_demo.py'))
    cfg.work_dir = str(work_dir)
    cfg.dump(str(config))
    checkpoint = [str(config)] if tool == 'test' else []
    text = run_command(
        sys.executable, repository / f'tools/{tool}.py', config, *checkpoint, status=1
    )
    assert f'{work_dir} cannot be written' in text and 'Traceback' not in text
