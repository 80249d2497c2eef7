"""Small data sets in HanCo's layout, made of real files."""

import os
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
