"""Make OpenHandMV, a generated multi-view hand data set: docs/openhandmv.md.

Example:
    python tools/misc/generate_openhandmv.py data/openhandmv --preset tiny
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _interruption import exit_when_terminated
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from hamuco_mm.synthesis.openhandmv import (
    PRESETS,
    VERSION,
    generate_openhandmv,
    verify_openhandmv,
)

# Of what is wrong, so much is printed.
SHOWN = 20


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description='Make OpenHandMV, a generated multi-view hand data set, or what '
        'is missing of it.',
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument('root', help='folder of the data set')
    parser.add_argument(
        '--preset',
        choices=tuple(PRESETS),
        default='tiny',
        help='how large; time steps for training: 1,000, 10,000 or 100,000',
    )
    parser.add_argument('--workers', type=int, default=os.cpu_count(), help='processes')
    parser.add_argument(
        '--verify',
        action='store_true',
        help='make nothing: read every file of a data set that is there, and compare '
        'it with its checksum',
    )
    return parser


@contextmanager
def shown(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar that a function moves, which is given what is done and all."""
    columns = (
        TextColumn(title),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn('sequences'),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task('', total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def verify(root: str, workers: int) -> int:
    with shown('verifying') as progress:
        found = verify_openhandmv(root, workers, progress)
    for problem in found.problems[:SHOWN]:
        print(problem, file=sys.stderr)
    if len(found.problems) > SHOWN:
        print(f'... and {len(found.problems) - SHOWN} more', file=sys.stderr)
    if found.problems:
        print(
            f'error: {len(found.problems)} problems in {root}, {found.num_files} files '
            'are right. Remove the folder and make it again',
            file=sys.stderr,
        )
        return 1
    print(f'{root}: {found.num_files} files were read, all are right')
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    args = build_parser().parse_args(argv)
    try:
        if args.verify:
            return verify(args.root, args.workers)
        with shown('generating') as progress:
            record = generate_openhandmv(
                args.root, PRESETS[args.preset], args.workers, progress
            )
    except (ValueError, ImportError, OSError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    print(
        f'{args.root} is complete: OpenHandMV {VERSION}, {args.preset}, '
        f'digest {record["digest"][:16]}'
    )
    return 0


if __name__ == '__main__':
    exit_when_terminated()
    sys.exit(main())
