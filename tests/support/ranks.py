"""Processes of a distributed run, each started by itself."""

import os
import socket
import subprocess
from typing import Any


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return str(probe.getsockname()[1])


def start_ranks(command: list, number: int, **options: Any) -> list[subprocess.Popen]:
    """The processes of a command, as a launcher starts them.

    Args:
        command (list): With ``--launcher pytorch``.
        number (int): Of processes.
        **options: Of each ``subprocess.Popen``; a list has one for each.
    """
    port = free_port()
    return [
        subprocess.Popen(
            list(map(str, command)),
            env=dict(
                os.environ,
                MASTER_ADDR='127.0.0.1',
                MASTER_PORT=port,
                WORLD_SIZE=str(number),
                RANK=str(rank),
                LOCAL_RANK=str(rank),
                OMP_NUM_THREADS='1',
            ),
            stderr=subprocess.STDOUT,
            **{
                name: value[rank] if isinstance(value, list) else value
                for name, value in options.items()
            },
        )
        for rank in range(number)
    ]
