"""The compatibility code acts where it is needed, and only there."""

import os
import pickle
import subprocess
import sys
from collections import OrderedDict

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer
from mmengine.optim.scheduler.param_scheduler import OneCycleParamScheduler
from mmengine.runner import load_checkpoint
from mmengine.runner.checkpoint import _load_checkpoint

from hamuco_mm.utils import compat

needs_safe_globals = pytest.mark.skipif(
    not hasattr(torch.serialization, 'get_unsafe_globals_in_checkpoint'),
    reason='PyTorch before 2.6 cannot be told of safe classes by name',
)


def run_python(code: str) -> str:
    return subprocess.check_output(
        [sys.executable, '-W', 'ignore', '-c', code], text=True
    )


@pytest.fixture
def resume_state() -> dict:
    """Every kind of object that MMEngine writes beside the weights."""
    history = HistoryBuffer([3.0, 1.0], [1, 1])
    return dict(
        meta=dict(
            epoch=2,
            dataset_meta=dict(
                joint_weights=np.ones(21, np.float32),
                colors=np.zeros((2, 3), np.uint8),
                swap={0: 'wrist'},
                sigma=np.float64(0.1),
            ),
            cfg='model = dict()',
        ),
        state_dict=OrderedDict(weight=torch.arange(3.0)),
        message_hub=dict(
            log_scalars=OrderedDict(loss=history),
            runtime_info=OrderedDict(best_score=np.float32(12.5), iter=7),
            resumed_keys=OrderedDict(loss=True),
        ),
        param_schedulers=[
            dict(last_step=3, anneal_func=OneCycleParamScheduler._annealing_cos)
        ],
    )


@needs_safe_globals
def test_resume_state_survives(resume_state, tmp_path):
    torch.save(resume_state, tmp_path / 'epoch_2.pth')
    loaded = _load_checkpoint(str(tmp_path / 'epoch_2.pth'))
    assert loaded['message_hub']['log_scalars']['loss'].mean() == 2.0
    assert loaded['message_hub']['log_scalars']['loss'].max() == 3.0
    assert loaded['message_hub']['runtime_info']['best_score'] == 12.5
    meta = loaded['meta']['dataset_meta']
    assert meta['joint_weights'].dtype == np.float32
    np.testing.assert_array_equal(meta['joint_weights'], np.ones(21))
    assert meta['sigma'] == 0.1 and meta['swap'] == {0: 'wrist'}
    assert loaded['param_schedulers'][0]['anneal_func'](0.0, 1.0, 1.0) == 1.0


class TouchesAFile:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


class ReachesForAMethod:
    """``getattr`` of something that a checkpoint has no business with."""

    def __init__(self, owner, name):
        self.arguments = owner, name

    def __reduce__(self):
        return getattr, self.arguments


@needs_safe_globals
@pytest.mark.parametrize('zipped', [True, False])
def test_code_in_a_checkpoint_does_not_run(tmp_path, zipped):
    target = tmp_path / 'created'
    path = tmp_path / 'stranger.pth'
    torch.save(
        dict(state_dict=dict(), meta=TouchesAFile(target)),
        path,
        _use_new_zipfile_serialization=zipped,
    )
    model = torch.nn.Linear(1, 1)
    with pytest.raises(pickle.UnpicklingError, match='stranger.pth was refused'):
        load_checkpoint(model, str(path))
    assert not target.exists()
    # the file would have done it: the test can fail
    torch.load(path, weights_only=False)
    assert target.exists()


@needs_safe_globals
@pytest.mark.parametrize(
    'owner, name',
    [
        (HistoryBuffer, 'register_statistics'),
        (HistoryBuffer, '__init__'),
        (np.ndarray, 'tofile'),
    ],
)
def test_getattr_serves_the_known_methods_alone(tmp_path, owner, name):
    path = tmp_path / 'stranger.pth'
    torch.save(dict(meta=ReachesForAMethod(owner, name)), path)
    with pytest.raises(pickle.UnpicklingError, match='was refused'):
        _load_checkpoint(str(path))


def test_missing_checkpoint(tmp_path):
    with pytest.raises(FileNotFoundError, match='nowhere.pth does not exist'):
        compat.load_from_local(str(tmp_path / 'nowhere.pth'))


def test_placeholder_is_all_that_mmcv_lite_gets():
    """In mmcv-lite, guarded imports of other ops keep failing as they should."""
    output = run_python("""
import importlib.util
from hamuco_mm.utils import compat
if importlib.util.find_spec('mmcv._ext') is None:
    import mmcv.ops
    print([name for name in vars(mmcv.ops) if not name.startswith('__')])
else:
    print(['MultiScaleDeformableAttention'])
""")
    assert output.strip() == "['MultiScaleDeformableAttention']"


def test_placeholder_tells_what_to_install():
    with pytest.raises(ImportError, match='mim install "mmcv>=2.0.1,<2.2.0"'):
        compat.MissingDeformableAttention(embed_dims=256)


def test_full_mmcv_is_left_alone():
    """With a compiled extension to be found, nothing is put in its place."""
    output = run_python("""
import importlib.machinery, importlib.util, sys
find_spec = importlib.util.find_spec
def find(name, package=None):
    if name == 'mmcv._ext':
        return importlib.machinery.ModuleSpec(name, None)
    return find_spec(name, package)
importlib.util.find_spec = find
# without the package around it, which would import all of MMPose
folder = find_spec('hamuco_mm').submodule_search_locations[0]
spec = importlib.util.spec_from_file_location('compat', folder + '/utils/compat.py')
compat = importlib.util.module_from_spec(spec)
spec.loader.exec_module(compat)
print(compat.let_mmpose_import_with_mmcv_lite(), 'mmcv.ops' in sys.modules)
""")
    assert output.split() == ['False', 'False']


@pytest.mark.parametrize(
    'config', [dict(), dict(launcher='none'), dict(launcher='slurm')]
)
def test_other_launchers_are_left_alone(config):
    before = dict(config)
    assert not compat.prepare_processes_without_gpu(config)
    assert config == before
