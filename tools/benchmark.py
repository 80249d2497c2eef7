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
from pathlib import Path
from time import monotonic

from _arguments import output_folder, positive, require_owner, short_errors
from _benchmark.catalog import Catalog
from _benchmark.commands import REPOSITORY, TOOLS, Commands
from _benchmark.data import DEMO, LOOKS, OWN, SCRATCH, make_data
from _benchmark.results import Results
from _interruption import exit_when_terminated

# Which experiments there are for a preset; for the others, those of the paper.
CATALOGS = TOOLS / '_benchmark'
EXPERIMENTS = dict(
    tiny='openhandmv_tiny.py', demo='demo.py', scratch='scratch.py', looks='looks.py'
)
# Where the data are, if nothing says it.
FOLDERS = {DEMO: 'hamuco_demo', SCRATCH: 'hamuco_self', LOOKS: 'photographs'}


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        '--preset',
        choices=('tiny', 'small', 'full', DEMO, SCRATCH, LOOKS, OWN),
        default='small',
        help='size of OpenHandMV, or the data of the demo, which are made where they '
        'are not there; looks: parts of the generator, tested on photographs; own: '
        'the data that are there (default: %(default)s)',
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
        help='folder of the data (default: $OPENHANDMV_ROOT or data/openhandmv; for '
        'demo, $DEMO_ROOT or data/hamuco_demo)',
    )
    parser.add_argument(
        '--work-dir',
        type=output_folder,
        help='folder of checkpoints and results (default: work_dirs/benchmark_<preset>)',
    )
    parser.add_argument(
        '--experiments',
        type=Path,
        help='file that declares experiments and tables (default: those of the paper; '
        'for tiny, with a network for a CPU; for demo, parts of the method there)',
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
    from _benchmark.running import Session, made_otherwise

    from hamuco_mm.utils.machine import machine_name
    from hamuco_mm.utils.one_writer import only_writer

    runs = catalog.runs(catalog.chosen_tables(args.only).values())
    commands = Commands(catalog, args.work_dir)
    args.work_dir.mkdir(parents=True, exist_ok=True)
    with only_writer(args.work_dir):
        start = monotonic()
        deadline = None if args.minutes is None else start + 60 * args.minutes
        results.set_data(make_data(args.data_root, args.preset, deadline))
        left = None if deadline is None else (deadline - monotonic()) / 60
        session = Session(
            commands,
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
    if others := made_otherwise(commands, results, runs):
        print(
            'made with settings (config, options or weights) that have changed since: '
            f'{", ".join(run.key for run in others)}. They stay as they are; without '
            'their folders and entries they are made anew'
        )
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

    from hamuco_mm.utils.files import write_atomically

    page = report.write_docs(catalog, results, args.preset, args.docs)
    kept = args.docs.parent / 'benchmarks' / 'results' / f'{args.preset}.json'
    kept.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(kept, results.as_text())
    print(f'wrote {page}')


def main() -> None:
    parser = build_parser()
    args = parser.parse_args()
    require_owner(parser, args, ['--docs'], '--write-docs', args.write_docs)
    args.work_dir = args.work_dir or Path(f'work_dirs/benchmark_{args.preset}')
    name = EXPERIMENTS.get(args.preset, 'openhandmv.py')
    with short_errors():
        catalog = Catalog.load(args.experiments or CATALOGS / name)
        # runs are the same wherever the data are
        root = os.environ.pop(catalog.data_variable, None)
        folder = FOLDERS.get(args.preset, 'openhandmv')
        args.data_root = args.data_root or Path(root or f'data/{folder}')
        results = Results(args.work_dir / 'results.json')
        if args.list:
            show(args, catalog, results)
        elif args.write_docs:
            write_docs(args, catalog, results)
        else:
            sys.exit(run(args, catalog, results))


if __name__ == '__main__':
    exit_when_terminated()
    main()
