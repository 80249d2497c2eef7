"""Check the cameras of a data set against its 2D labels.

Triangulates the labels, reports how far they are from the points by camera
and by joint, and names what is wrong with cameras, images, labels or the order of
joints (docs/your_own_rig.md lists the known mistakes), or says that none of the
known mistakes explains it. The last lines name cameras that could not be checked.
Three or more sequences of the same cameras with bad labels are checked together, too.
Reads no images.

Exit status: 0 if nothing is wrong in the sequences and cameras checked, 1 if
something is, with a name or without, 2 if they cannot be checked.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import (
    add_cfg_options,
    is_given,
    keep_inputs,
    not_negative,
    output_file,
    positive,
    require_config,
)

if TYPE_CHECKING:
    from hamuco_mm.rigs.check import RigObservations, RigReport


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        'data',
        help="rig.json or the folder of a rig, a directory in HanCo's "
        'layout, or a config',
    )
    parser.add_argument(
        '--phase',
        choices=['train', 'val', 'test'],
        default='train',
        help='whose dataloader of a config to take (default: train)',
    )
    parser.add_argument(
        '--sequences', nargs='+', help='to check (default: --max-sequences)'
    )
    parser.add_argument(
        '--max-sequences',
        type=positive,
        default=5,
        help='check at most N sequences, evenly spread (default: 5)',
    )
    parser.add_argument(
        '--max-shift',
        type=not_negative,
        default=10,
        help='largest shift between views to look for, in time steps (default: 10)',
    )
    parser.add_argument(
        '--out', type=output_file, metavar='JSON', help='file for the report'
    )
    add_cfg_options(parser)
    return parser


def how_it_was_read(data: str, sequence: str) -> dict:
    """What rig2coco.py wrote down of the conversion, if it made the data."""
    from hamuco_mm.utils.json_files import read_json

    path = Path(data)
    if path.is_dir():
        path = path / 'rig.json'
    if path.suffix != '.json' or not path.is_file():
        return {}
    info = read_json(path).get('info')
    known = info.get('read_as') if isinstance(info, dict) else None
    known = known if isinstance(known, dict) else {}
    return known.get(sequence, known.get('', {}))


def print_report(title: str, rig: 'RigObservations', report: 'RigReport') -> None:
    from rich.console import Console
    from rich.table import Table

    # labels and names may hold what looks like markup
    console = Console(width=100, highlight=False, markup=False)
    console.print(f'\n{title}: {rig.num_steps} time steps, {rig.num_views} cameras')
    for column, rows in (('camera', report.by_camera), ('joint', report.by_joint)):
        table = Table(column, 'labels', 'median px', 'mean px', 'inliers')
        for name, row in rows.items():
            table.add_row(
                name,
                str(row['labels']),
                *(
                    [
                        f'{row["median_px"]:.1f}',
                        f'{row["mean_px"]:.1f}',
                        f'{row["inliers"]:.0%}',
                    ]
                    if row['labels']
                    else ['-'] * 3
                ),
            )
        console.print(table)
    if report.hand_size is not None:
        console.print(f'wrist to middle fingertip: {report.hand_size:.3f} m')
    if report.ok:
        of = [name for name in rig.names if name not in report.unchecked]
        unseen = [name for name, row in report.by_joint.items() if not row['labels']]
        console.print(
            'OK: cameras and labels fit each other'
            + (f', of {", ".join(of)}' if report.unchecked else '')
            + (f'; no label tells of {", ".join(unseen)}' if unseen else ''),
            soft_wrap=True,
        )
    for finding in report.findings:
        console.print(f'NOT OK: {finding.message}', soft_wrap=True)
        console.print(f'  to mend: {finding.remedy}', soft_wrap=True)
    for finding in report.alternatives:
        console.print(f'  or, as likely: {finding.message}', soft_wrap=True)
        console.print(f'  to mend: {finding.remedy}', soft_wrap=True)
    for note in report.notes:
        console.print(f'NOTE: {note.message}', soft_wrap=True)
        console.print(f'  {note.remedy}', soft_wrap=True)
    for name, why in report.unchecked.items():
        console.print(f'NOT CHECKED: camera {name}: {why}', soft_wrap=True)


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    keep_inputs(parser, args, 'out')
    require_config(parser, args, args.data)
    if args.sequences and is_given(parser, args, '--max-sequences'):
        parser.error('--sequences are all checked: leave out --max-sequences')
    return args


def main() -> None:
    args = parse_args()

    from rich.progress import track

    from hamuco_mm.datasets.build import open_dataset, time_steps_by_sequence, views_at
    from hamuco_mm.rigs.check import RigObservations, check_rig, check_together, joined
    from hamuco_mm.utils.json_files import write_json

    try:
        dataset = open_dataset(args.data, args.phase, args.cfg_options)
        sequences = time_steps_by_sequence(dataset)
        chosen = args.sequences
        if chosen is None:
            names = list(sequences)
            count = min(args.max_sequences, len(names))
            chosen = [names[i * len(names) // count] for i in range(count)]
        for sequence in chosen:
            if sequence not in sequences:
                raise ValueError(
                    f'{args.data} has no sequence {sequence!r}, '
                    f'it has {list(sequences)}'
                )
        rigs = {
            sequence: RigObservations.from_views(views_at(dataset, sequences[sequence]))
            for sequence in chosen
        }
        reports = {
            sequence: check_rig(
                rig, how_it_was_read(args.data, sequence), args.max_shift
            )
            for sequence, rig in track(
                rigs.items(), description='Checking', transient=True
            )
        }
        read_as = how_it_was_read(args.data, chosen[0])
        reports, together = check_together(rigs, reports, read_as, args.max_shift)
        for sequence, rig in rigs.items():
            title = f'sequence {sequence or "(without a name)"}'
            print_report(title, rig, reports[sequence])
        joint = None if together is None else joined(rigs.values())
        if together is not None and joint is not None:
            print_report(f'these {len(rigs)} sequences together', joint, together)
    except (OSError, ValueError) as error:
        print(f'error: {error}', file=sys.stderr)
        sys.exit(2)
    if len(reports) < len(sequences):
        print(
            f'{len(reports)} of {len(sequences)} sequences were checked '
            '(--max-sequences, --sequences)'
        )
    if args.out:
        write_json(args.out, {s: r.as_dict() for s, r in reports.items()}, indent=1)
    sys.exit(0 if all(report.ok for report in reports.values()) else 1)


if __name__ == '__main__':
    main()
