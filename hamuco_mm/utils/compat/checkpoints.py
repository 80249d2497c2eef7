"""Checkpoints open as data: nothing that a file says is executed."""

import os.path as osp
import pickle
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, BinaryIO

import torch
from mmengine.logging import HistoryBuffer
from mmengine.optim.scheduler.param_scheduler import OneCycleParamScheduler
from mmengine.runner import CheckpointLoader, checkpoint
from torch.hub import load_state_dict_from_url

from ..json_files import MalformedFileError
from ..pickled_numpy import StoredArray, numpy_names

# Methods that a checkpoint of MMEngine refers to by ``getattr(owner, name)``:
# the statistics of each logged value, and the curve of a one-cycle schedule.
_METHODS_IN_CHECKPOINTS = {
    HistoryBuffer: ('min', 'max', 'current', 'mean'),
    OneCycleParamScheduler: ('_annealing_cos', '_annealing_linear'),
}

# Since PyTorch 2.6 by name.
_TAKES_SAFE_CLASSES = hasattr(torch.serialization, 'get_unsafe_globals_in_checkpoint')


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
    return [
        (_method_in_checkpoint, 'builtins.getattr'),
        HistoryBuffer,
        OneCycleParamScheduler,
        *((value, '.'.join(name)) for name, value in numpy_names().items()),
        StoredArray,  # so that it is given its state
    ]


# as torch.load takes it
MapLocation = str | torch.device | dict[str, str] | Callable | None


def _load_as_data(file: str | BinaryIO, map_location: MapLocation = None) -> dict:
    with _resume_state_as_data():
        content = torch.load(file, map_location=map_location, weights_only=True)
    return _with_arrays(content)


def _load_url_as_data(url: str, **options: Any) -> dict:
    """As :func:`torch.hub.load_state_dict_from_url`, which trusts the file."""
    options['weights_only'] = True
    with _resume_state_as_data():
        content = load_state_dict_from_url(url, **options)
    return _with_arrays(content)


def _resume_state_as_data() -> AbstractContextManager:
    if not _TAKES_SAFE_CLASSES:
        return nullcontext()
    # not for the whole process, where others expect NumPy's own classes
    return torch.serialization.safe_globals(_resume_state_globals())


def _with_arrays(content: dict) -> dict:
    try:
        return _unpacked(content, {})
    except RecursionError as error:
        raise pickle.UnpicklingError('it is nested too deeply') from error


def _unpacked(value: Any, known: dict[int, tuple[Any, Any]]) -> Any:
    """The content of a checkpoint with NumPy's arrays in the place of their
    records. What is there twice stays one object; ``known`` has by ``id`` the
    objects, so that they live as long, and what came of them."""
    if id(value) in known:
        return known[id(value)][1]
    known[id(value)] = value, value
    result = value
    if isinstance(value, StoredArray):
        result = value.to_array()
    elif isinstance(value, dict):
        for key, item in value.items():
            value[key] = _unpacked(item, known)
    elif isinstance(value, list):
        value[:] = [_unpacked(item, known) for item in value]
    elif type(value) is tuple:
        result = tuple(_unpacked(item, known) for item in value)
    elif not isinstance(value, type | torch.Tensor) and hasattr(value, '__dict__'):
        _unpacked(vars(value), known)
    known[id(value)] = value, result
    return result


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
        MalformedFileError: It is damaged, or packed to unpack to more.
    """
    filename = osp.expanduser(filename)
    if not osp.isfile(filename):
        raise FileNotFoundError(f'The checkpoint {filename} does not exist.')
    try:
        _refuse_packed(filename)
        return _load_as_data(filename, map_location)
    except (MalformedFileError, MemoryError, torch.cuda.OutOfMemoryError):
        raise
    except pickle.UnpicklingError as error:
        raise pickle.UnpicklingError(
            f'The checkpoint {filename} was refused, nothing in it was run: it '
            'holds Python objects besides tensors and plain data, and opening '
            'them would execute code of whoever wrote the file. If it is your '
            'own and the objects are of a class of yours, allow that class by '
            'torch.serialization.add_safe_globals([...]); if it comes from '
            "elsewhere, ask for a file with the state_dict alone. In PyTorch's "
            f'words: {_reason(error)}'
        ) from error
    except Exception as error:  # a damaged file raises almost anything
        raise MalformedFileError(
            filename, f'not a readable checkpoint, perhaps cut off ({_reason(error)})'
        ) from error


def _reason(error: Exception) -> str:
    """The first line that tells of the file, without PyTorch's advice."""
    text = str(error).rpartition('WeightsUnpickler error: ')[2].strip() or repr(error)
    return text.partition('\n')[0]


def _refuse_packed(filename: str) -> None:
    """PyTorch packs nothing, so that whatever unpacks to more is a trap."""
    if zipfile.is_zipfile(filename):
        with zipfile.ZipFile(filename) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > osp.getsize(filename):
            raise MalformedFileError(filename, f'would unpack to {size} bytes')


def let_checkpoints_load_as_data() -> bool:
    """Make training resume, and checkpoints open, with ``weights_only=True``.

    MMEngine up to 0.10.7 calls ``torch.load`` without that argument. PyTorch
    2.6 made True the default, so MMEngine cannot read its own resume
    state; later MMEngine asks for False, which executes what a file says. Here
    the few classes of the resume state are read as data instead (NumPy's arrays
    as checked records, and the ``getattr`` they need is one that serves six
    methods), and local files and URLs are opened with True for every version of
    MMEngine. The fork ``onedl-mmengine``
    tries True first and then False, wherever a checkpoint comes from; that
    second attempt is taken from it. Can go when MMEngine does so itself.
    PyTorch before 2.6 cannot be told of safe classes by name: there MMEngine's own
    loader stays, which trusts the file.

    Returns:
        bool: Whether PyTorch is recent enough for it.
    """
    if not _TAKES_SAFE_CLASSES:
        return False
    CheckpointLoader.register_scheme(prefixes='', loader=load_from_local, force=True)
    checkpoint.load_url = _load_url_as_data
    if hasattr(checkpoint, '_safe_torch_load'):  # onedl-mmengine
        checkpoint._safe_torch_load = _load_as_data
    return True
