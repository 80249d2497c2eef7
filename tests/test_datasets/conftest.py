"""Small data sets, made of real files."""

import os
import runpy
import sys
from pathlib import Path

import pytest
from hanco_tree import HanCoTree
from mmengine.registry import init_default_scope

import hamuco_mm  # noqa: F401  registers everything


@pytest.fixture(autouse=True)
def _scope(tmp_path, monkeypatch):
    init_default_scope('mmpose')
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'user_cache'))


@pytest.fixture
def age(tmp_path):
    """Returns a function that moves all times of a tree into the past, so
    that a change made now is seen, however coarse the clock of the disk."""

    def set_back(tree: HanCoTree, seconds: int = 100) -> None:
        for directory, _, _ in os.walk(tree.root):
            if '.hamuco_index' not in directory:
                stamp = Path(directory).stat().st_mtime - seconds
                os.utime(directory, (stamp, stamp))

    return set_back


@pytest.fixture
def convert(repository, tmp_path, monkeypatch, capsys):
    """Runs rig2coco.py; returns what it printed, or its error."""
    script = str(repository / 'tools/dataset_converters/rig2coco.py')

    def run(*arguments):
        monkeypatch.setattr(
            sys, 'argv', [script, str(tmp_path / 'out'), *map(str, arguments)]
        )
        try:
            runpy.run_path(script, run_name='__main__')
        except SystemExit as end:
            return str(end.code)
        return capsys.readouterr().out

    return run


@pytest.fixture
def pipeline():
    """An ordinary MMPose pipeline, small and without random parts."""
    codec = dict(type='WeakPerspectiveLabel', input_size=(64, 64))
    return [
        dict(type='LoadImage'),
        dict(type='GetBBoxCenterScale'),
        dict(type='TopdownAffine', input_size=(64, 64)),
        dict(type='GenerateTarget', encoder=codec),
        dict(type='PackHandInputs'),
    ]
