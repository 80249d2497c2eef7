"""Describe a data set in numbers: images, views, labels, boxes, cameras, and
how far labels are from what the cameras say. Reads no images.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import (
    add_cfg_options,
    keep_inputs,
    output_file,
    positive,
    require_config,
)

if TYPE_CHECKING:
    from mmengine.dataset import BaseDataset


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'data',
        help='config; or rig.json, the folder of a rig, or a directory in '
        "HanCo's layout",
    )
    parser.add_argument(
        '--phase',
        choices=['train', 'val', 'test'],
        default='train',
        help='whose dataloader of a config (default: train)',
    )
    parser.add_argument(
        '--max-time-steps',
        type=positive,
        default=2000,
        help='for the reprojection errors, evenly spread (default: 2000)',
    )
    parser.add_argument('--out', type=output_file, metavar='JSON', help='file to write')
    add_cfg_options(parser)
    return parser


def reprojection_of(dataset: 'BaseDataset', max_time_steps: int) -> dict | None:
    """Errors by camera and of all labels; None without cameras or labels."""
    from hamuco_mm.rigs.check import RigObservations, reprojection_errors

    count = min(max_time_steps, len(dataset))
    views = [
        view
        for i in range(count)
        for view in dataset.get_data_info(i * len(dataset) // count)['views']
    ]
    try:
        errors = reprojection_errors(RigObservations.from_views(views))
    except ValueError:
        return None
    return dict(all=errors.overall(), **errors.by_camera())


def print_tables(statistics: dict) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(width=100, highlight=False)
    for name, rows in statistics.items():
        if not rows:
            continue
        nested = isinstance(next(iter(rows.values())), dict)
        columns = list(next(iter(rows.values()))) if nested else ['']
        table = Table(name.replace('_', ' '), *columns)
        for row, value in rows.items():
            numbers = [value.get(c) for c in columns] if nested else [value]
            table.add_row(
                row.replace('_', ' '),
                *[f'{n:.3f}' if isinstance(n, float) else str(n) for n in numbers],
            )
        console.print(table)


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    keep_inputs(parser, args, 'out')
    require_config(parser, args, args.data)
    return args


def main() -> None:
    args = parse_args()

    from rich.progress import track

    from hamuco_mm.datasets.build import open_dataset
    from hamuco_mm.datasets.statistics import dataset_statistics
    from hamuco_mm.utils.json_files import write_json

    try:
        dataset = open_dataset(args.data, args.phase, args.cfg_options)
    except (OSError, ValueError) as error:
        sys.exit(f'error: {error}')
    statistics = dataset_statistics(
        dataset.get_data_info(i)['views']
        for i in track(range(len(dataset)), description='Reading')
    )
    statistics['reprojection'] = reprojection_of(dataset, args.max_time_steps)
    print_tables(statistics)
    if args.out:
        write_json(args.out, statistics, indent=1)
        print(f'wrote {args.out}')


if __name__ == '__main__':
    main()
