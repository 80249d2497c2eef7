"""Checkpoints open as data: nothing that a file says is executed."""

import importlib
import os.path as osp
import pickle
from collections.abc import Callable
from typing import BinaryIO

import numpy as np
import torch
from mmengine.logging import HistoryBuffer
from mmengine.optim.scheduler.param_scheduler import OneCycleParamScheduler
from mmengine.runner import CheckpointLoader, checkpoint

# Methods that a checkpoint of MMEngine refers to by ``getattr(owner, name)``:
# the statistics of each logged value, and the curve of a one-cycle schedule.
_METHODS_IN_CHECKPOINTS = {
    HistoryBuffer: ('min', 'max', 'current', 'mean'),
    OneCycleParamScheduler: ('_annealing_cos', '_annealing_linear'),
}


def _method_in_checkpoint(owner: type, name: str) -> Callable:
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


# as torch.load takes it
MapLocation = str | torch.device | dict[str, str] | Callable | None


def _load_as_data(file: str | BinaryIO, map_location: MapLocation = None) -> dict:
    return torch.load(file, map_location=map_location, weights_only=True)


def load_from_local(filename: str, map_location: MapLocation = None) -> dict:
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
        return _load_as_data(filename, map_location)
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
    2.6 made True the default, so MMEngine cannot read its own resume
    state; later MMEngine asks for False, which executes what a file says. Here
    the few classes of the resume state are declared safe instead (the
    ``getattr`` they need is one that serves six methods), and local files are
    opened with True for every version of MMEngine. The fork ``onedl-mmengine``
    tries True first and then False, wherever a checkpoint comes from; that
    second attempt is taken from it. Can go when MMEngine does so itself.
    PyTorch before 2.6 cannot register safe classes: there MMEngine's own
    loader stays, which trusts the file.

    Returns:
        bool: Whether PyTorch is recent enough for it.
    """
    if not hasattr(torch.serialization, 'get_unsafe_globals_in_checkpoint'):
        return False
    torch.serialization.add_safe_globals(_resume_state_globals())
    CheckpointLoader.register_scheme(prefixes='', loader=load_from_local, force=True)
    if hasattr(checkpoint, '_safe_torch_load'):  # onedl-mmengine
        checkpoint._safe_torch_load = _load_as_data
    return True
