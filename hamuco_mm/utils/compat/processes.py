"""Several processes on a machine without a GPU."""

from datetime import timedelta
from typing import Any

import torch
import torch.distributed as torch_dist
from mmengine import Config


def prepare_processes_without_gpu(cfg: dict | Config) -> bool:
    """Let ``--launcher pytorch`` run on a machine without a GPU.

    MMEngine 0.10.7 selects a CUDA device for each process and hands it to the
    model's wrapper. It leaves a process group alone that is already there, so
    the group is started here, with gloo and ``env_cfg.dist_cfg.timeout``
    (seconds). Can go when MMEngine asks whether there is a GPU.

    Args:
        cfg (mmengine.Config): The run's config, changed in place.

    Returns:
        bool: Whether anything had to be done.
    """
    if cfg.get('launcher') != 'pytorch' or torch.cuda.is_available():
        return False
    if not torch_dist.is_initialized():
        seconds = cfg.get('env_cfg', {}).get('dist_cfg', {}).get('timeout')
        settings: dict[str, Any] = dict(backend='gloo')
        if seconds is not None:
            settings['timeout'] = timedelta(seconds=seconds)
        torch_dist.init_process_group(**settings)
    wrapper = cfg.get('model_wrapper_cfg') or dict(
        type='MMDistributedDataParallel',
        broadcast_buffers=False,
        find_unused_parameters=cfg.get('find_unused_parameters', False),
    )
    cfg['model_wrapper_cfg'] = dict(wrapper, device_ids=None)
    return True
