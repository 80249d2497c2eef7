"""Put a test's metrics and the baselines into one table.

Prints it, and writes WORK_DIR/results.json and WORK_DIR/results.md: the errors
beside the seed, versions, machine and minutes they took.
"""

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import STAGES

ERRORS = ('MPJPE', 'N-MPJPE', 'PA-MPJPE', 'MPVPE', 'N-MPVPE', 'PA-MPVPE')
JOINT_MEASURES = ERRORS[:3] + ('AUC', 'pose_spread')
MESH_MEASURES = ERRORS[3:] + ('F@5', 'F@15')
MEASURES = JOINT_MEASURES + MESH_MEASURES

# How a file of metrics comes about.
METRICS = 'write it with tools/test.py CONFIG CHECKPOINT --out'


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('work_dir', help='work directory of the training')
    parser.add_argument(
        '--metrics',
        metavar='JSON',
        required=True,
        help='metrics of HandMeshMetric, from tools/test.py --out',
    )
    parser.add_argument(
        '--baselines',
        metavar='JSON',
        required=True,
        help='errors from evaluate_baselines.py --out',
    )
    parser.add_argument(
        '--also',
        metavar='NAME=JSON',
        type=named_metrics,
        nargs='+',
        default=[],
        help='metrics of other tests, whose rows are called NAME_single and so on; '
        'NAME=JSON:STAGE,STAGE takes the rows of these stages only',
    )
    parser.add_argument(
        '--minutes',
        metavar='JSON',
        help='minutes that each step took, as {"train": 9.5, ...} (default: '
        'those of the existing results.json)',
    )
    parser.add_argument(
        '--seed',
        type=int,
        help="default: randomness.seed of the work directory's config",
    )
    return parser


class NamedMetrics(NamedTuple):
    """Metrics of another test: what its rows are called, the file, the stages."""

    name: str
    path: str
    stages: tuple[str, ...]


def named_metrics(text: str) -> NamedMetrics:
    """Parse a value of --also.

    Raises:
        argparse.ArgumentTypeError: If it is none.
    """
    name, equals, rest = text.partition('=')
    path, _, stages = rest.partition(':')
    if not (name and equals and path):
        raise argparse.ArgumentTypeError(f'{text!r} should be NAME=JSON')
    chosen = tuple(stages.split(',')) if stages else STAGES
    unknown = sorted(set(chosen) - set(STAGES))
    if unknown:
        raise argparse.ArgumentTypeError(
            f'{text!r} names {", ".join(unknown)}; stages are {", ".join(STAGES)}'
        )
    return NamedMetrics(name, path, chosen)


def read_json(path: str, remedy: str) -> dict:
    """The object in a file; ends the script if there is none."""
    from hamuco_mm.utils import json_files

    try:
        content = json_files.read_json(path)
    except FileNotFoundError:
        raise SystemExit(f'there is no {path}; {remedy}') from None
    except json_files.MalformedFileError as error:
        raise SystemExit(f'{path} is not JSON ({error.__cause__}); {remedy}') from error
    if not isinstance(content, dict):
        raise SystemExit(f'{path} should hold a JSON object; {remedy}')
    return content


def stage_rows(metrics: dict, path: str) -> dict:
    """One row for each stage of the network that was evaluated."""
    from hamuco_mm.structures import Stage

    rows = {}
    for stage in Stage:
        row = {
            measure: metrics[f'{stage}/{measure}']
            for measure in MEASURES
            if f'{stage}/{measure}' in metrics
        }
        if row:
            rows[str(stage)] = row
    if 'single' not in rows:
        raise SystemExit(
            f'{path} has no single/MPJPE; test with HandMeshMetric in '
            'test_evaluator, without a prefix'
        )
    return rows


def seed_of(work_dir: Path) -> int | None:
    """Seed in the config of the last run; None if it was drawn."""
    from mmengine.config import Config

    configs = sorted(work_dir.glob('*/vis_data/config.py'))
    if not configs:
        return None
    cfg = Config.fromfile(configs[-1], import_custom_modules=False)
    return (cfg.get('randomness') or {}).get('seed')


def versions() -> dict:
    import mmcv
    import mmengine
    import mmpose
    import torch

    import hamuco_mm

    packages = (torch, mmengine, mmcv, mmpose, hamuco_mm)
    return dict(
        python=platform.python_version(),
        **{package.__name__: str(package.__version__) for package in packages},
    )


def machine() -> dict:
    import torch

    from hamuco_mm.utils.machine import processor_name

    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    return dict(cpu=processor_name(), cores=os.cpu_count(), gpu=gpu)


def table_cells(
    rows: dict, measures: Sequence[str]
) -> tuple[list[str], list[list[str]]]:
    """Header and lines of a table, as text; '-' where nothing applies."""
    measures = [m for m in measures if any(m in row for row in rows.values())]
    lines = []
    for name, row in rows.items():
        line = [name]
        for measure in measures:
            digits = 2 if measure in ERRORS else 3
            line.append(f'{row[measure]:.{digits}f}' if measure in row else '-')
        lines.append(line)
    return ['', *measures], lines


def main() -> None:
    args = build_parser().parse_args()

    from hamuco_mm.utils.files import write_atomically
    from hamuco_mm.utils.json_files import write_json
    from hamuco_mm.utils.near_paths import near_path
    from hamuco_mm.visualization.tables import markdown_table, print_table

    work_dir = Path(args.work_dir)
    if not work_dir.is_dir():
        raise SystemExit(f'there is no work directory {work_dir}{near_path(work_dir)}')
    metrics = read_json(args.metrics, METRICS)
    baselines = read_json(
        args.baselines, 'write it with evaluate_baselines.py CONFIG --out'
    )
    others = {
        f'{test.name}_{stage}': row
        for test in args.also
        for stage, row in stage_rows(read_json(test.path, METRICS), test.path).items()
        if stage in test.stages
    }
    rows = {**baselines, **stage_rows(metrics, args.metrics), **others}
    results_file = work_dir / 'results.json'
    minutes = {}
    if args.minutes:
        minutes = read_json(args.minutes, 'leave out --minutes without it')
        minutes.setdefault('total', sum(minutes.values()))
    elif results_file.is_file():
        minutes = read_json(results_file, 'delete it').get('minutes', {})

    results = dict(
        **rows,
        seed=seed_of(work_dir) if args.seed is None else args.seed,
        versions=versions(),
        machine=machine(),
        minutes=minutes,
    )
    write_json(results_file, results)
    table = markdown_table(*table_cells(rows, MEASURES))
    write_atomically(work_dir / 'results.md', table)
    for title, measures in (
        ('Joints: errors in mm, AUC and spread (best: 1)', JOINT_MEASURES),
        ('Meshes: errors in mm, F-scores (best: 1)', MESH_MEASURES),
    ):
        header, lines = table_cells(rows, measures)
        if header[1:]:
            print_table(title, header, lines)
    print(f'wrote {results_file} and results.md')


if __name__ == '__main__':
    main()
