"""What the benchmarks share: interleaved timing, the machine, tables, JSON."""

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median

from _time_box import TimeBox

ROOT = Path(__file__).resolve().parents[1]
# Benchmarks run from a checkout, installed or not.
sys.path[:0] = [str(ROOT), str(ROOT / 'tools')]
from _arguments import output_folder  # noqa: E402

ALLOCATOR_SETTINGS = (
    'MALLOC_MMAP_MAX_',
    'MALLOC_TRIM_THRESHOLD_',
    'MALLOC_TOP_PAD_',
    'LD_PRELOAD',
    'PYTORCH_CUDA_ALLOC_CONF',
)

clock = time.perf_counter
time_box = TimeBox(None)


def make_parser(description: str) -> argparse.ArgumentParser:
    """A parser with the options that all benchmarks have."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        '--quick',
        action='store_true',
        help='small sizes and few rounds: shows that it runs, not how fast',
    )
    parser.add_argument('--rounds', type=int, help='how often each thing is timed')
    parser.add_argument(
        '--minutes',
        type=float,
        help='stop after about this long by the clock, with fewer rounds; '
        'preparations count, and each thing is timed once in any case',
    )
    parser.add_argument(
        '--threads', type=int, help='of PyTorch (default: its own choice)'
    )
    parser.add_argument(
        '--cpu-time',
        action='store_true',
        help='count the time that this process computes, not that on the '
        'clock: for ratios on a machine that others use too',
    )
    parser.add_argument(
        '--out-dir',
        type=output_folder,
        default=str(ROOT / 'work_dirs' / 'benchmarks'),
        help='where the JSON goes (default: %(default)s)',
    )
    return parser


def add_device(parser: argparse.ArgumentParser) -> None:
    """The option of benchmarks that measure one device at a time."""
    parser.add_argument(
        '--device',
        choices=('cpu', 'cuda'),
        help='what to measure (default: the GPU if there is one)',
    )


def chosen_device(args: argparse.Namespace) -> str:
    """Of :func:`add_device`.

    Raises:
        SystemExit: If a GPU is asked for and there is none.
    """
    import torch

    available = torch.cuda.is_available()
    if args.device == 'cuda' and not available:
        raise SystemExit('--device cuda: PyTorch sees no GPU here')
    return args.device or ('cuda' if available else 'cpu')


def prepare(args: argparse.Namespace, parts: int = 1) -> None:
    """Make a run repeatable: threads, seed, MMPose's scope.

    Args:
        args (argparse.Namespace): Options of :func:`make_parser`.
        parts (int): How many measurements share ``--minutes``.
    """
    import torch
    from mmengine.logging import MMLogger
    from mmengine.registry import init_default_scope

    import hamuco_mm  # noqa: F401, registers the components

    global time_box
    time_box = TimeBox(args.minutes, parts)
    if args.cpu_time:
        global clock
        clock = time.process_time
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    init_default_scope('mmpose')
    # no log of how each weight was initialised
    MMLogger.get_instance('benchmarks', log_level='WARNING')


def interleaved(
    functions: dict[str, Callable], rounds: int, warmup: int = 1
) -> dict[str, list[float]]:
    """Time functions in turn, so that a slow moment of the machine affects all.

    Args:
        functions (dict[str, callable]): What to time.
        rounds (int): How often each is timed, if ``--minutes`` allows it.
        warmup (int): Rounds before, not timed.

    Returns:
        dict[str, list[float]]: Seconds of each round. On a GPU, from CUDA
        events.
    """
    seconds = {name: [] for name in functions}
    for index in time_box.within(range(warmup + rounds), at_least=warmup + 1):
        for name, function in functions.items():
            elapsed = _time(function)
            if index >= warmup:
                seconds[name].append(elapsed)
    return seconds


def _time(function: Callable) -> float:
    import torch

    if not torch.cuda.is_available():
        start = clock()
        function()
        return clock() - start
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    function()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / 1000


def milliseconds(seconds: list[float]) -> float:
    """The median, in milliseconds."""
    return round(1000 * median(seconds), 4)


def ratio(numerator: list[float], denominator: list[float]) -> float:
    """Median of the ratios within each round."""
    return round(median(a / b for a, b in zip(numerator, denominator)), 4)


def machine() -> dict:
    """What the numbers depend on: processor, threads, versions."""
    import torch

    from hamuco_mm.utils.machine import processor_name

    info = dict(
        processor=processor_name(),
        cpu_count=os.cpu_count(),
        load_before=round(os.getloadavg()[0], 2),
        python=platform.python_version(),
        torch=torch.__version__,
        threads=torch.get_num_threads(),
        allocator={
            name: os.environ[name] for name in ALLOCATOR_SETTINGS if name in os.environ
        },
    )
    if torch.cuda.is_available():
        info['gpu'] = torch.cuda.get_device_name()
    return info


def command() -> str:
    """How this run was started, from the root of the checkout."""
    return ' '.join(['python', f'benchmarks/{Path(sys.argv[0]).name}', *sys.argv[1:]])


def report(name: str, args: argparse.Namespace, ratios: dict, **results) -> None:
    """Print the ratios and write everything to ``<name>.json``."""
    import torch  # noqa: F401, `machine` asks it

    from hamuco_mm.utils.json_files import write_json

    content = dict(
        benchmark=name,
        command=command(),
        quick=args.quick,
        cpu_time=args.cpu_time,
        machine=machine(),
        ratios=ratios,
        **results,
    )
    print(f'\nratios and targets\n\n{ratios_table(ratios)}')
    if args.quick:
        print('--quick: these sizes and rounds say nothing about speed')
    path = Path(args.out_dir) / f'{name}.json'
    write_json(path, content)
    print(f'written to {path}')


def ratios_table(ratios: dict) -> str:
    """The ratios that :func:`report` prints, as Markdown."""
    from hamuco_mm.visualization.tables import markdown_table

    rows = [[name, str(value)] for name, value in ratios.items()]
    return markdown_table(['', 'measured'], rows)


def print_table(
    title: str, header: Iterable[object], rows: Iterable[Iterable[object]]
) -> None:
    """A table as Markdown, as docs/speed.md has them."""
    from hamuco_mm.visualization.tables import markdown_table

    lines = [[str(cell) for cell in row] for row in rows]
    print(f'\n{title}\n')
    print(markdown_table([str(name) for name in header], lines))
