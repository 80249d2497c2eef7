"""The compatibility code acts where it is needed, and only there."""

import functools
import http.server
import json
import os
import pickle
import re
import subprocess
import sys
import threading
import zipfile
from collections import OrderedDict

import numpy as np
import pytest
import torch
import xtcocotools.coco
from formatted_configs import format_configs_by
from hostile_pickles import DAMAGED, HOSTILE, array, dtype, pickle_of
from mmengine.config import Config
from mmengine.logging import HistoryBuffer
from mmengine.optim.scheduler.param_scheduler import OneCycleParamScheduler
from mmengine.runner import CheckpointLoader, load_checkpoint
from mmengine.runner.checkpoint import _load_checkpoint

from hamuco_mm.utils import compat
from hamuco_mm.utils.compat import absent_packages
from hamuco_mm.utils.json_files import MalformedFileError

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


def write_checkpoint(path, content: bytes) -> str:
    """A file as torch.save makes it, around a pickle."""
    with zipfile.ZipFile(path, 'w') as archive:
        archive.writestr('archive/data.pkl', content)
        archive.writestr('archive/version', '3\n')
        archive.writestr('archive/byteorder', 'little')
    return str(path)


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


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


@needs_safe_globals
def test_code_behind_a_scheme_does_not_run(tmp_path, monkeypatch):
    """The fork of MMEngine opens what ``weights_only=True`` refuses without it."""
    monkeypatch.setenv('MMENGINE_HOME', str(tmp_path))
    (tmp_path / 'open_mmlab.json').write_text('{"stranger": "stranger.pth"}')
    target = tmp_path / 'created'
    torch.save(dict(meta=TouchesAFile(target)), tmp_path / 'stranger.pth')
    with pytest.raises(pickle.UnpicklingError):
        CheckpointLoader.load_checkpoint('openmmlab://stranger')
    assert not target.exists()


@needs_safe_globals
@pytest.mark.parametrize('attack', [*HOSTILE.values(), *DAMAGED.values()])
def test_dtypes_that_lie_reach_no_numpy(tmp_path, attack):
    path = write_checkpoint(tmp_path / 'stranger.pth', pickle_of(attack))
    with pytest.raises(
        (pickle.UnpicklingError, MalformedFileError), match='stranger.pth'
    ):
        _load_checkpoint(path)


@needs_safe_globals
def test_arrays_of_a_checkpoint_as_they_were(tmp_path):
    path = write_checkpoint(tmp_path / 'a.pth', pickle_of(array(dtype('f8'))))
    read = _load_checkpoint(path)['x']
    np.testing.assert_array_equal(read, np.frombuffer(b'A' * 32))
    assert type(read) is np.ndarray and read.flags.writeable
    shared = np.arange(6.0).reshape(2, 3, order='F')
    torch.save(dict(a=(shared, [shared]), b=np.zeros((0, 3))), tmp_path / 'b.pth')
    read = _load_checkpoint(str(tmp_path / 'b.pth'))
    np.testing.assert_array_equal(read['a'][0], shared)
    assert read['a'][1][0] is read['a'][0] and read['b'].shape == (0, 3)


@needs_safe_globals
def test_what_is_allowed_in_a_checkpoint_is_not_allowed_elsewhere(tmp_path):
    torch.save(dict(a=np.ones(2)), tmp_path / 'a.pth')
    _load_checkpoint(str(tmp_path / 'a.pth'))
    with pytest.raises(pickle.UnpicklingError, match='numpy'):
        torch.load(tmp_path / 'a.pth', weights_only=True)


@needs_safe_globals
def test_a_checkpoint_that_unpacks_to_more_is_refused(tmp_path):
    torch.save(dict(a=torch.zeros(1_000_000)), tmp_path / 'a.pth')
    with (
        zipfile.ZipFile(tmp_path / 'a.pth') as source,
        zipfile.ZipFile(tmp_path / 'b.pth', 'w', zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, source.read(name))
    with pytest.raises(MalformedFileError, match='b.pth: would unpack to 4'):
        _load_checkpoint(str(tmp_path / 'b.pth'))


@needs_safe_globals
def test_a_checkpoint_that_is_cut_off_is_named(tmp_path):
    torch.save(dict(a=torch.zeros(1000)), tmp_path / 'a.pth')
    content = (tmp_path / 'a.pth').read_bytes()
    for length in range(0, len(content), 97):
        (tmp_path / 'a.pth').write_bytes(content[:length])
        with pytest.raises((MalformedFileError, pickle.UnpicklingError), match='a.pth'):
            _load_checkpoint(str(tmp_path / 'a.pth'))


@needs_safe_globals
def test_code_of_a_url_does_not_run(tmp_path, monkeypatch):
    monkeypatch.setenv('TORCH_HOME', str(tmp_path / 'home'))
    target = tmp_path / 'created'
    torch.save(dict(meta=TouchesAFile(target)), tmp_path / 'stranger.pth')
    torch.save(dict(a=np.ones(2)), tmp_path / 'friend.pth')
    handler = functools.partial(QuietHandler, directory=str(tmp_path))
    with http.server.HTTPServer(('127.0.0.1', 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f'http://127.0.0.1:{server.server_port}'
        with pytest.raises(pickle.UnpicklingError):
            _load_checkpoint(f'{address}/stranger.pth')
        read = _load_checkpoint(f'{address}/friend.pth')
        server.shutdown()
    assert not target.exists()
    np.testing.assert_array_equal(read['a'], np.ones(2))


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
file = folder + '/utils/compat/absent_packages.py'
spec = importlib.util.spec_from_file_location('absent_packages', file)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(module.let_mmpose_import_with_mmcv_lite(), 'mmcv.ops' in sys.modules)
""")
    assert output.split() == ['False', 'False']


def test_a_config_is_formatted_once(monkeypatch):
    """As it was formatted first, and anew after a change."""
    texts = []

    def counted(text, **options):
        texts.append(text)
        return text.replace('dict', 'dict '), True

    format_configs_by(monkeypatch, counted)
    cfg = Config(dict(model=dict(type='HaMuCo', head=dict(channels=[1, 2]))))
    expected = cfg.pretty_text
    for _ in range(2):  # however often it is applied
        compat.let_configs_be_formatted_once()
    assert [cfg.pretty_text, cfg.dump(), cfg.pretty_text] == 3 * [expected]
    assert len(texts) == 2
    cfg.model.head.channels = 3
    assert 'channels=3' in cfg.pretty_text
    assert len(texts) == 3


@pytest.fixture
def coco_content() -> dict:
    return dict(
        images=[dict(id=3, file_name='a.jpg'), dict(id=1, file_name='b.jpg')],
        annotations=[
            dict(id=7, image_id=3, category_id=1, area=4.0, iscrowd=1),
            dict(id=5, image_id=1, category_id=1, area=2.0),
            dict(id=6, image_id=3, category_id=1, area=1.0),
        ],
        categories=[dict(id=1, name='hand')],
    )


@pytest.mark.parametrize('given', ['file', 'content'])
def test_pycocotools_reads_as_xtcocotools(coco_content, given, tmp_path):
    path = tmp_path / 'labels.json'
    path.write_text(json.dumps(coco_content))
    content = dict(file=None, content=coco_content)[given]
    expected = xtcocotools.coco.COCO(str(path))
    read = absent_packages.COCO(str(path), ann_data=content)
    assert read.anns == expected.anns and read.imgs == expected.imgs
    assert read.loadCats(read.getCatIds()) == expected.loadCats([1])
    for crowd in (None, False, True):
        options = dict(imgIds=[3, 1], iscrowd=crowd)
        assert read.getAnnIds(**options) == expected.getAnnIds(**options)


def test_without_xtcocotools():
    """MMPose imports, reads COCO files, and says what its metrics lack."""
    output = run_python("""
import importlib.util
find_spec = importlib.util.find_spec
importlib.util.find_spec = (
    lambda name, *args: None if name == 'xtcocotools' else find_spec(name, *args)
)
import hamuco_mm
from mmpose.datasets.datasets.base import base_coco_style_dataset
from mmpose.evaluation.metrics import coco_metric
print(base_coco_style_dataset.COCO.__module__)
try:
    coco_metric.COCOeval(None, None, 'keypoints')
except ImportError as error:
    print(error)
""")
    read_by, message = output.strip().splitlines()
    assert read_by == absent_packages.__name__
    assert 'xtcocotools' in message and 'docs/install.md' in message


@pytest.mark.parametrize(
    'config', [dict(), dict(launcher='none'), dict(launcher='slurm')]
)
def test_other_launchers_are_left_alone(config):
    before = dict(config)
    assert not compat.prepare_processes_without_gpu(config)
    assert config == before


@pytest.mark.parametrize(
    ('version', 'device', 'fused'),
    [('2.3.1+cu121', 'cpu', False), ('2.3.1', 'cuda', True), ('2.10.0', 'cpu', True)],
)
def test_older_releases_have_no_fused_optimizer_for_a_cpu(
    monkeypatch, version, device, fused
):
    monkeypatch.setattr(torch, '__version__', version)
    optimizer = dict(type='AdamW', lr=1e-3, fused=True)
    wrapper = dict(type='OptimWrapper', optimizer=optimizer, clip_grad=dict(max_norm=1))
    built = compat.without_missing_fused(wrapper, device)
    assert ('fused' in built['optimizer']) is fused
    assert built['clip_grad'] == wrapper['clip_grad']
    assert built['optimizer']['lr'] == 1e-3
    assert optimizer['fused']  # the config itself stays


@pytest.mark.parametrize('wrapper', [None, dict(type='OptimWrapper'), object()])
def test_other_optimizer_wrappers_stay(monkeypatch, wrapper):
    monkeypatch.setattr(torch, '__version__', '2.3.1')
    assert compat.without_missing_fused(wrapper, 'cpu') is wrapper


SPAWNS = re.compile(r"\.spawn\(|get_context\('spawn'\)")
# Ends at the first import of one of the two packages.
IN_A_NEW_PROCESS = """
import importlib.abc, multiprocessing, runpy, sys
class First(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in ('hamuco_mm', 'mmpose'):
            sys.exit(print(name))
sys.meta_path.insert(0, First())
file, name = sys.argv[1:]
sys.path.insert(0, file.rpartition('/')[0])
sys.argv = [file]
runpy.run_path(file, run_name=name)
"""


def imported_first(file, name) -> str:
    """Which of the two a file imports first as a module of that name; '' for none."""
    printed = subprocess.check_output(
        [sys.executable, '-W', 'ignore', '-c', IN_A_NEW_PROCESS, str(file), name],
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, sys.path))),
        text=True,
    )
    return printed.strip()


def test_new_processes_import_hamuco_mm_before_mmpose(repository):
    """Which has no conftest there; where a package is missing, MMPose needs it."""
    files = [*repository.glob('tests/**/*.py'), *repository.glob('benchmarks/*.py')]
    spawning = [file for file in files if SPAWNS.search(file.read_text())]
    assert len(spawning) > 2
    for file in spawning:
        assert imported_first(file, file.stem) != 'mmpose', file


@pytest.mark.parametrize('tool', ['train', 'test', 'analysis_tools/evaluate_views'])
def test_workers_that_tools_spawn_import_hamuco_mm_first(repository, tool):
    """Their data set may be one of MMPose."""
    file = repository / f'tools/{tool}.py'
    assert imported_first(file, '__mp_main__') == 'hamuco_mm'
