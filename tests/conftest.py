"""What all tests share."""

import logging
import os
import runpy
import signal
import sys
from pathlib import Path

import pytest
import torch
from formatted_configs import format_configs_by
from hanco_tree import HanCoTree
from hand_samples import make_sample, posed_hands
from hypothesis import settings
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope

REPOSITORY = Path(__file__).resolve().parents[1]

# The same examples in each run, and no limit on a busy machine's time.
settings.register_profile('repeatable', derandomize=True, deadline=None)
settings.load_profile('repeatable')


@pytest.fixture(scope='session', autouse=True)
def one_thread():
    """Small tensors are slower on several threads, and xdist runs in parallel."""
    torch.set_num_threads(1)


@pytest.fixture(scope='session', autouse=True)
def plain_texts_of_configs():
    """As they are before yapf puts in their lines, which takes seconds of each runner;
    commands in processes of their own have them as users do."""
    with pytest.MonkeyPatch.context() as patch:
        format_configs_by(patch, lambda text, **_: (text, True))
        yield


@pytest.fixture(autouse=True)
def mmpose_scope():
    """As a config sets it; a test before may have run with another."""
    init_default_scope('mmpose')


@pytest.fixture(scope='session')
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(autouse=True)
def end_of_processes():
    """Tools that run in this process change what SIGTERM does, also to what is forked
    afterwards."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def logged():
    """The list of messages that are logged."""
    messages = []
    handler = logging.Handler()
    handler.emit = lambda record: messages.append(record.getMessage())
    logger = MMLogger.get_current_instance()
    logger.addHandler(handler)
    yield messages
    logger.removeHandler(handler)


@pytest.fixture
def run_script(repository, tmp_path, monkeypatch):
    """Function: path of a tool in ``tools``, arguments. Runs in another directory."""
    monkeypatch.chdir(tmp_path)

    def run(tool, *arguments):
        script = str(repository / 'tools' / tool)
        monkeypatch.setattr(sys, 'argv', [script, *map(str, arguments)])
        runpy.run_path(script, run_name='__main__')

    return run


@pytest.fixture
def run_tool(run_script):
    """Function: name of an analysis tool, arguments. Runs in another directory."""

    def run(name, *arguments):
        run_script(f'analysis_tools/{name}.py', *arguments)

    return run


@pytest.fixture(scope='session')
def real_stereo_hand() -> Path:
    """Root of a real two-camera recording in HanCo's layout.

    Looked for at $HAMUCO_REAL_DATA; without it the test is skipped.
    """
    root = Path(os.environ.get('HAMUCO_REAL_DATA', ''))
    if not (root / 'calib').is_dir():
        pytest.skip("HAMUCO_REAL_DATA names no two-camera recording in HanCo's layout")
    return root


@pytest.fixture
def make_tree(tmp_path):
    """Returns a function that writes a :class:`HanCoTree`."""

    def make(name='hanco', **kwargs) -> HanCoTree:
        return HanCoTree(tmp_path / name, **kwargs)

    return make


@pytest.fixture
def make_batch():
    """Function: view counts of the time steps -> list of data samples."""

    def _make(view_counts, noise=(0.0, 0.0, 0.0), seed=0):
        vertices, joints = posed_hands(sum(view_counts), seed=seed)
        samples = []
        for frame, num_views in enumerate(view_counts):
            for view in range(num_views):
                i = len(samples)
                samples.append(
                    make_sample(
                        vertices[i], joints[i], frame, view, num_views, noise, seed + i
                    )
                )
        return samples

    return _make


@pytest.fixture
def evaluate():
    """Function: metric, batches of data samples -> metrics."""

    def _evaluate(metric, batches, size=None):
        for batch in batches:
            metric.process(None, [sample.to_dict() for sample in batch])
        return metric.evaluate(len(metric.results) if size is None else size)

    return _evaluate
