"""The machine that measurements are made on."""

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
