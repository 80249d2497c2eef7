"""What the released OpenMMLab packages need to run on a current PyTorch.

Every function acts only where the need is there: an installation with the full
mmcv and an older PyTorch stays as it is. Each one says when it can go.
"""

import importlib.util
import os.path as osp
import pickle
import sys
import types
import warnings

import numpy as np
import torch
import torch.distributed as torch_dist
from mmengine.logging import HistoryBuffer
from mmengine.optim.scheduler.param_scheduler import OneCycleParamScheduler
from mmengine.runner import CheckpointLoader
from torch import nn


class MissingDeformableAttention(nn.Module):
    """Stands for ``mmcv.ops.MultiScaleDeformableAttention`` in mmcv-lite.

    Raises:
        ImportError: Always; it cannot be built without the compiled ops.
    """

    def __init__(self, *args, **kwargs):
        raise ImportError(
            'MultiScaleDeformableAttention needs the compiled ops of mmcv, and '
            'mmcv-lite has none. Replace it by the full one: '
            'pip uninstall mmcv-lite; mim install "mmcv>=2.0.1,<2.2.0"'
        )


def let_mmpose_import_with_mmcv_lite() -> bool:
    """Give ``mmcv.ops`` the one name without which ``mmpose.models`` fails.

    MMPose guards every use of the compiled ops except EDPose's, so that
    ``import mmpose.models`` fails with mmcv-lite whatever model is wanted. The
    full mmcv takes 12-20 minutes to compile for PyTorch versions it has no
    wheel for. Can go as soon as MMPose guards that import too.

    Returns:
        bool: Whether the placeholder was put in; False with the full mmcv.
    """
    if 'mmcv.ops' in sys.modules or importlib.util.find_spec('mmcv._ext') is not None:
        return False
    import mmcv

    ops = types.ModuleType('mmcv.ops', 'Placeholder: mmcv-lite has no ops.')
    ops.MultiScaleDeformableAttention = MissingDeformableAttention
    # mmcv's own remark about that, said in every process, is then no news
    warnings.filterwarnings(
        'ignore', message='Fail to import ``MultiScaleDeformableAttention``'
    )
    sys.modules['mmcv.ops'] = mmcv.ops = ops
    return True


# Methods that a checkpoint of MMEngine refers to by ``getattr(owner, name)``:
# the statistics of each logged value, and the curve of a one-cycle schedule.
_METHODS_IN_CHECKPOINTS = {
    HistoryBuffer: ('min', 'max', 'current', 'mean'),
    OneCycleParamScheduler: ('_annealing_cos', '_annealing_linear'),
}


def _method_in_checkpoint(owner: type, name: str):
    """What ``getattr`` means inside a checkpoint: those methods, no others."""
    if name not in _METHODS_IN_CHECKPOINTS.get(owner, ()):
        raise pickle.UnpicklingError(f'getattr({owner!r}, {name!r})')
    return getattr(owner, name)


def _resume_state_globals() -> list:
    """The classes besides tensors that MMEngine writes into a checkpoint.

    All of them only hold data: logged values, and numpy arrays and scalars (of
    a data set's meta information, for example).
    """
    multiarray = importlib.import_module(
        'numpy._core.multiarray' if hasattr(np, '_core') else 'numpy.core.multiarray'
    )
    codes = '?US' + np.typecodes['AllInteger'] + np.typecodes['AllFloat']
    return [
        (_method_in_checkpoint, 'builtins.getattr'),
        HistoryBuffer,
        OneCycleParamScheduler,
        np.ndarray,
        np.dtype,
        *{type(np.dtype(code)) for code in codes},
        # numpy 2 renamed the module; checkpoints of both have to open in both
        *(
            (getattr(multiarray, name), f'numpy.{core}.multiarray.{name}')
            for name in ('scalar', '_reconstruct')
            for core in ('core', '_core')
        ),
    ]


def load_from_local(filename: str, map_location=None) -> dict:
    """Read a checkpoint file as data: nothing that it says is executed.

    Args:
        filename (str): Path of the file.
        map_location: As in :func:`torch.load`.

    Returns:
        dict: The checkpoint.

    Raises:
        FileNotFoundError: There is no such file.
        pickle.UnpicklingError: It holds anything besides tensors, plain Python
            and numpy data, and the state that MMEngine resumes from.
    """
    filename = osp.expanduser(filename)
    if not osp.isfile(filename):
        raise FileNotFoundError(f'The checkpoint {filename} does not exist.')
    try:
        return torch.load(filename, map_location=map_location, weights_only=True)
    except pickle.UnpicklingError as error:
        raise pickle.UnpicklingError(
            f'The checkpoint {filename} was refused, nothing in it was run: it '
            'holds Python objects besides tensors and plain data, and opening '
            'them would execute code of whoever wrote the file. If it is your '
            'own and the objects are of a class of yours, allow that class by '
            'torch.serialization.add_safe_globals([...]); if it comes from '
            'elsewhere, ask for a file with the state_dict alone.'
        ) from error


def let_checkpoints_load_as_data() -> bool:
    """Make training resume, and checkpoints open, with ``weights_only=True``.

    MMEngine up to 0.10.7 calls ``torch.load`` without that argument. PyTorch
    2.6 made True the default, whereupon MMEngine cannot read its own resume
    state; later MMEngine asks for False, which executes what a file says. Here
    the few classes of the resume state are declared safe instead (the
    ``getattr`` they need is one that serves six methods), and local files are
    opened with True whichever MMEngine it is. Can go when MMEngine does so
    itself. PyTorch before 2.6 cannot be told of safe classes by name: there
    MMEngine's own loader stays, which trusts the file.

    Returns:
        bool: Whether PyTorch is recent enough for it.
    """
    if not hasattr(torch.serialization, 'get_unsafe_globals_in_checkpoint'):
        return False
    torch.serialization.add_safe_globals(_resume_state_globals())
    CheckpointLoader.register_scheme(prefixes='', loader=load_from_local, force=True)
    return True


def prepare_processes_without_gpu(cfg) -> bool:
    """Let ``--launcher pytorch`` run on a machine without a GPU.

    MMEngine 0.10.7 selects a CUDA device for each process and hands it to the
    model's wrapper. It leaves a process group alone that is already there, so
    the group is started here, with gloo. Can go when MMEngine asks whether
    there is a GPU.

    Args:
        cfg (mmengine.Config): The run's config, changed in place.

    Returns:
        bool: Whether anything had to be done.
    """
    if cfg.get('launcher') != 'pytorch' or torch.cuda.is_available():
        return False
    if not torch_dist.is_initialized():
        torch_dist.init_process_group(backend='gloo')
    wrapper = cfg.get('model_wrapper_cfg') or dict(
        type='MMDistributedDataParallel',
        broadcast_buffers=False,
        find_unused_parameters=cfg.get('find_unused_parameters', False),
    )
    cfg['model_wrapper_cfg'] = dict(wrapper, device_ids=None)
    return True


def apply() -> None:
    """Apply what has to be in place before MMPose is imported."""
    let_mmpose_import_with_mmcv_lite()
    let_checkpoints_load_as_data()
