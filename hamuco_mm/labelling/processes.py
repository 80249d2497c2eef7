"""Several processes, started by one of the toolbox's launchers."""

import datetime

import torch
import torch.distributed as torch_dist
from mmengine.dist import init_dist

# Processes that are done wait for the others, which may take long.
_TIMEOUT = datetime.timedelta(days=7)


def join_processes(launcher: str) -> None:
    """Join the other processes, if there are any.

    They wait for each other and exchange nothing, for which gloo does.

    Args:
        launcher (str): 'none', 'pytorch' (torchrun) or 'slurm'.
    """
    if launcher == 'none' or torch_dist.is_initialized():
        return
    if launcher == 'pytorch' and not torch.cuda.is_available():
        # MMEngine would select a CUDA device
        torch_dist.init_process_group('gloo', timeout=_TIMEOUT)
        return
    init_dist(launcher, 'gloo', timeout=_TIMEOUT.total_seconds())


def default_device() -> str:
    """The GPU of this process, or the CPU."""
    if not torch.cuda.is_available():
        return 'cpu'
    return f'cuda:{torch.cuda.current_device()}'
