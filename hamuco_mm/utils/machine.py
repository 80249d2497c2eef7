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


def machine_name() -> str:
    """GPU, if there is one, CPU and its number of cores."""
    import torch

    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else ''
    cores = f'{os.cpu_count()} cores'
    return ', '.join(filter(None, (gpu, processor_name(), cores)))
