import io
import os
import runpy
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest
import torch
from filelock import FileLock
from small_networks import build_model, model_config

from hamuco_mm.export.onnx_file import export_onnx
from hamuco_mm.export.onnx_graphs import MultiViewGraph


@pytest.fixture(scope='session')
def model():
    return build_model(model_config())


@pytest.fixture(scope='session')
def export_command(repository):
    """Function: arguments of export_onnx.py -> what it prints."""

    def run(*arguments) -> str:
        script = str(repository / 'tools' / 'deployment' / 'export_onnx.py')
        printed = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
            patch.setattr(sys, 'argv', [script, *map(str, arguments)])
            runpy.run_path(script, run_name='__main__')
        return printed.getvalue()

    return run


@pytest.fixture(scope='session')
def single_view(model, tmp_path_factory) -> tuple:
    """Config of the single-view network, checkpoint of the whole one."""
    folder = tmp_path_factory.mktemp('single_view')
    torch.save(dict(state_dict=model.state_dict(), meta={}), folder / 'weights.pth')
    whole = model_config()
    config = dict(
        type='TopdownPoseEstimator',
        **{key: whole[key] for key in ('data_preprocessor', 'backbone', 'head')},
    )
    (folder / 'config.py').write_text(
        f"default_scope = 'mmpose'\nmodel = {config!r}\n"
        'test_dataloader = dict(dataset=dict(dataset=dict(\n'
        "    pipeline=[dict(type='ViewingRayRotation')])))\n"
    )
    return folder / 'config.py', folder / 'weights.pth'


@pytest.fixture(scope='session')
def files(model, single_view, export_command, tmp_path_factory) -> Path:
    """Folder with both networks, single.onnx and multi.onnx; the first one is
    written by the command, which prints printed.txt.

    Exporting is slow, so that parallel test processes share them.
    """
    for package in ('onnx', 'onnxruntime', 'onnxscript'):
        pytest.importorskip(package)
    root = tmp_path_factory.getbasetemp()
    if 'PYTEST_XDIST_WORKER' in os.environ:
        root = root.parent
    folder = root / 'onnx_files'
    with FileLock(root / 'onnx_files.lock'):
        if not (folder / 'printed.txt').exists():
            printed = export_command(*single_view, '--out', folder / 'single.onnx')
            export_onnx(MultiViewGraph(model), folder / 'multi.onnx', viewing_ray=True)
            (folder / 'printed.txt').write_text(printed)
    return folder
