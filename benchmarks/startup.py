"""What a training does before its first step, part by part.

Imports in new processes, as a command starts them: processor time, which other
users of the machine hardly change, and time by the clock. Configs, networks and
data in this process: the check of a config's names, its text, which MMEngine asks
for four times; ResNet-18; an index that is built, the same one from its cache, and
the first batch of 8 time steps of 8 views, without and with workers. How long
compiling takes on a GPU, gpu.py measures.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from _timing import ROOT, make_parser, prepare, print_table, report

IMPORTS = {
    'PyTorch': 'import torch',
    'PyTorch, MMEngine': 'import mmengine.runner',
    'all that training needs': 'import mmengine.runner, hamuco_mm',
}

# Paths this long make MMEngine's formatting search for where to break the lines.
LONG_PATH = (
    '/home/somebody/recordings/of_the_laboratory/second_series/hanco_layout/all/'
)
TEXTS = 4  # of a config, in each run


def build_parser() -> argparse.ArgumentParser:
    parser = make_parser(__doc__)
    parser.add_argument(
        '--files',
        type=int,
        default=64,
        help='time steps of the data set, of 8 images each (default: %(default)s)',
    )
    parser.add_argument(
        '--workers', type=int, default=2, help='of the data loader (default: 2)'
    )
    return parser


def measure_process(code: str) -> dict[str, float]:
    """Seconds that a new process takes for some code."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, '-c', code],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    elapsed = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return dict(processor_s=round(used, 3), clock_s=round(elapsed, 3))


def measure_here(function: Callable[[], object]) -> dict[str, float]:
    """Seconds that this process takes for a call; workers are not counted in the
    processor's time."""
    start, used = time.perf_counter(), time.process_time()
    function()
    return dict(
        processor_s=round(time.process_time() - used, 3),
        clock_s=round(time.perf_counter() - start, 3),
    )


def measure_imports(rounds: int) -> dict[str, dict]:
    """Each of :data:`IMPORTS`: of some rounds, the one that computed least."""
    measured: dict[str, list] = {name: [] for name in IMPORTS}
    for _ in range(rounds):
        for name, code in IMPORTS.items():
            measured[name].append(measure_process(code))
    return {
        name: min(rows, key=lambda row: row['processor_s'])
        for name, rows in measured.items()
    }


def measure_config() -> dict[str, dict]:
    """The check of the paper's config, and its texts where paths are long."""
    from mmengine.config import Config

    from hamuco_mm.utils.config_options import check_config

    cfg = Config.fromfile(ROOT / 'configs/hamuco_hanco.py')
    rows = {
        'names of a config': measure_here(lambda: check_config(cfg)),
        'its text, paths short': measure_here(cfg.dump),
    }
    for phase in ('train', 'val', 'test'):
        cfg[f'{phase}_dataloader'].dataset.dataset.data_root = LONG_PATH + phase

    def texts(number: int) -> None:
        """Only a text that differs from the last one is formatted."""
        for i in range(TEXTS):
            cfg.work_dir = f'{LONG_PATH}{i % number}'
            cfg.dump()

    rows['its texts, paths long, each formatted'] = measure_here(lambda: texts(TEXTS))
    rows['its texts, paths long, formatted once'] = measure_here(lambda: texts(1))
    return rows


def measure_data(files: int, workers: int) -> dict[str, dict]:
    """The index of a data set with this number of time steps, and its first batch."""
    from data_pipeline import build_dataset, make_files
    from torch.utils.data import DataLoader

    from hamuco_mm.datasets import multiview_collate

    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make_files(root, files, quality=95)
        rows[f'index of {files} time steps, built'] = measure_here(
            lambda: build_dataset(root).full_init()
        )
        rows['the same from its cache'] = measure_here(
            lambda: build_dataset(root).full_init()
        )
        dataset = build_dataset(root)
        dataset.full_init()
        for count in sorted({0, workers}):
            loader = DataLoader(
                dataset,
                batch_size=min(8, files),
                num_workers=count,
                collate_fn=multiview_collate,
            )
            rows[f'first batch, {count} workers'] = measure_here(
                lambda loader=loader: next(iter(loader))
            )
    return rows


def main() -> None:
    args = build_parser().parse_args()
    if args.quick:
        args.files, args.workers = 2, 1
    rows = measure_imports(args.rounds or (1 if args.quick else 5))
    prepare(args)

    from _network import build_network

    rows.update(measure_config())
    rows['config and network'] = measure_here(lambda: build_network(18))
    rows.update(measure_data(args.files, args.workers))
    print_table(
        'seconds before the first step',
        ('', 'processor', 'clock'),
        [(name, *row.values()) for name, row in rows.items()],
    )
    used = {name: row['processor_s'] for name, row in rows.items()}
    ratios = {
        'imports_over_pytorch_alone': round(
            used['all that training needs'] / used['PyTorch'], 3
        ),
        'config_texts_each_over_formatted_once': round(
            used['its texts, paths long, each formatted']
            / used['its texts, paths long, formatted once'],
            3,
        ),
    }
    report('startup', args, ratios, rows=rows)


if __name__ == '__main__':
    main()
