"""The machine that measurements are made on."""

import os
import platform
from pathlib import Path


def processor_name() -> str:
    """Model name of the CPU; its architecture where the system does not say."""
    cpuinfo = Path('/proc/cpuinfo')
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith('model name'):
                return line.split(':', 1)[1].strip()
    return platform.processor() or platform.machine()


def busy_note() -> str:
    """That threads of other programs slow PyTorch's down, if they do; else empty.

    Threads of one operation wait for each other: where there are more of them than
    cores, each waits for one that does not run.
    """
    import torch

    cores, load = os.cpu_count() or 1, os.getloadavg()[0]
    is_set = 'OMP_NUM_THREADS' in os.environ
    if is_set or torch.cuda.is_available() or cores == 1 or load < cores:
        return ''
    return (
        f'note: other programs keep these {cores} cores busy (load {load:.1f}): with '
        'OMP_NUM_THREADS=1 before the command, training may be several times faster'
    )


def machine_name() -> str:
    """GPU, if there is one, CPU and its number of cores."""
    import torch

    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else ''
    cores = f'{os.cpu_count()} cores'
    return ', '.join(filter(None, (gpu, processor_name(), cores)))
