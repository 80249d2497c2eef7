"""Run the experiments of the paper's tables on OpenHandMV, in pieces: docs/benchmark.md.

A call takes the runs as far as its time goes; the next one goes on. Every step is one
of the toolbox's commands.

Example:
    python tools/benchmark.py --preset small --minutes 8 --only table4
"""

import argparse
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from time import monotonic

from _arguments import output_folder, positive, short_errors
from _benchmark.catalog import Catalog
from _benchmark.commands import DATA_VARIABLE, REPOSITORY, TOOLS, Commands
from _benchmark.results import Results

HERE = Path(__file__).resolve().parent
# The data as they are, of any size.
OWN = 'own'
PAPER = HERE / '_benchmark' / 'openhandmv.py'
EXPERIMENTS = dict(tiny=HERE / '_benchmark' / 'openhandmv_tiny.py')


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        '--preset',
        choices=('tiny', 'small', 'full', OWN),
        default='small',
        help='size of OpenHandMV, which is made where it is not there; own: the data '
        'that are there (default: %(default)s)',
    )
    parser.add_argument(
        '--only',
        nargs='+',
        default=[],
        metavar='TABLE',
        help='tables to fill, e.g. table4 fig3 (default: all)',
    )
    parser.add_argument(
        '--minutes',
        type=float,
        help='time of this call; trainings pause before it is over (default: run all to the end)',
    )
    parser.add_argument(
        '--parallel',
        type=positive,
        default=1,
        help='runs side by side, on one GPU or CPU (default: %(default)s)',
    )
    parser.add_argument(
        '--data-root',
        type=Path,
        default=Path(os.environ.get(DATA_VARIABLE, 'data/openhandmv')),
        help=f'folder of the data (default: ${DATA_VARIABLE}, else data/openhandmv)',
    )
    parser.add_argument(
        '--work-dir',
        type=output_folder,
        help='folder of checkpoints and results (default: work_dirs/benchmark_<preset>)',
    )
    parser.add_argument(
        '--experiments',
        type=Path,
        help='file that declares experiments and tables (default: those of the paper, '
        'for tiny with a network for a CPU)',
    )
    parser.add_argument(
        '--list', action='store_true', help='say what is done and missing, run nothing'
    )
    parser.add_argument(
        '--write-docs',
        action='store_true',
        help='fill results.md in the folder of --docs, run nothing',
    )
    parser.add_argument(
        '--docs',
        type=Path,
        default=REPOSITORY / 'docs',
        help='folder of the pages (default: docs)',
    )
    return parser


def make_data(root: Path, preset: str, deadline: float | None) -> dict:
    """What the runs are trained on; made where it is not there.

    Raises:
        FileNotFoundError: If there are none, and ``preset`` does not say which.
        TimeoutError: If the time is not enough; the next call goes on.
        ValueError: If there are others.
    """
    from hamuco_mm.synthesis.openhandmv import PRESETS, RECORD
    from hamuco_mm.utils.json_files import read_json, take

    path = root / RECORD
    if not path.is_file():
        if preset == OWN:
            raise FileNotFoundError(
                f'there is no {path}: make the data with '
                'tools/misc/generate_openhandmv.py, or choose a --preset'
            )
        script = TOOLS / 'misc' / 'generate_openhandmv.py'
        command = [sys.executable, str(script), str(root), '--preset', preset]
        left = None if deadline is None else max(1.0, deadline - monotonic())
        try:
            subprocess.run(command, check=True, timeout=left)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f'{root} is not complete: call this again') from None
        except subprocess.CalledProcessError as error:
            raise ValueError(f'{root} could not be made, see above') from error
    record = read_json(path)
    if preset != OWN and record.get('preset') != asdict(PRESETS[preset]):
        raise ValueError(
            f'{root} is not OpenHandMV {preset}: name another --data-root, where it '
            'is or will be made'
        )
    return {key: take(record, [key], path) for key in ('name', 'version', 'digest')}


def commit_name() -> str:
    """Commit of the code, with a mark where files differ from it."""
    git = ['git', '-C', str(REPOSITORY)]
    try:
        commit = subprocess.check_output(
            [*git, 'rev-parse', '--short', 'HEAD'], text=True
        )
        changed = subprocess.check_output(
            [*git, 'status', '--porcelain', '--untracked-files=no'], text=True
        )
    except (OSError, subprocess.CalledProcessError):
        from hamuco_mm.version import __version__

        return f'hamuco_mm {__version__}'
    return commit.strip() + ('-changed' if changed.strip() else '')


def run(args: argparse.Namespace, catalog: Catalog, results: Results) -> int:
    from _benchmark.running import Session

    from hamuco_mm.utils.machine import machine_name
    from hamuco_mm.utils.one_writer import only_writer

    runs = catalog.runs(catalog.chosen_tables(args.only).values())
    args.work_dir.mkdir(parents=True, exist_ok=True)
    with only_writer(args.work_dir):
        start = monotonic()
        deadline = None if args.minutes is None else start + 60 * args.minutes
        results.set_data(make_data(args.data_root, args.preset, deadline))
        left = None if deadline is None else (deadline - monotonic()) / 60
        session = Session(
            Commands(catalog, args.work_dir),
            results,
            args.data_root,
            machine_name(),
            commit_name(),
            left,
            args.parallel,
            lambda text: print(text, flush=True),
        )
        session.run(runs)
    missing = [run.key for run in runs if not results.is_done(run)]
    failed = [run.key for run in runs if results.entry(run).get('error')]
    print(f'{len(runs) - len(missing)} of {len(runs)} runs are done: {results.path}')
    if failed:
        print(f'failed, and tried again in the next call: {", ".join(failed)}')
        return 1
    if missing:
        print('call this again to go on')
    return 0


def show(args: argparse.Namespace, catalog: Catalog, results: Results) -> None:
    """Print the tables, and how far each run is."""
    from _benchmark.report import provenance, table_cells

    from hamuco_mm.visualization.tables import print_table

    tables = catalog.chosen_tables(args.only)
    for table in tables.values():
        print_table(table.title, *table_cells(catalog, results, table))
    runs = catalog.runs(tables.values())
    print_table('Runs', *provenance(results, runs), num_names=7)


def write_docs(args: argparse.Namespace, catalog: Catalog, results: Results) -> None:
    """Fill the page, and keep the file of results beside the benchmarks."""
    from _benchmark import report

    page = report.write_docs(catalog, results, args.preset, args.docs)
    kept = args.docs.parent / 'benchmarks' / 'results' / f'{args.preset}.json'
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(results.as_text())
    print(f'wrote {page}')


def main() -> None:
    args = build_parser().parse_args()
    args.work_dir = args.work_dir or Path(f'work_dirs/benchmark_{args.preset}')
    args.experiments = args.experiments or EXPERIMENTS.get(args.preset, PAPER)
    # runs are the same wherever the data are
    os.environ.pop(DATA_VARIABLE, None)
    with short_errors():
        catalog = Catalog.load(args.experiments)
        results = Results(args.work_dir / 'results.json')
        if args.list:
            show(args, catalog, results)
        elif args.write_docs:
            write_docs(args, catalog, results)
        else:
            sys.exit(run(args, catalog, results))


if __name__ == '__main__':
    main()
