"""Compare hands in the world: triangulated labels and checkpoints'.

Runs each checkpoint on the test set twice, its views aligned with and without
extrinsics. Writes errors as JSON, and a table (.md) beside it.
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
    require_files,
    short_errors,
)
from _interruption import exit_when_terminated

if TYPE_CHECKING:
    from mmengine.config import Config
    from mmengine.runner import Runner

# Rows of a checkpoint: the test they come from and the metric's method.
CHECKPOINT_ROWS = dict(
    opt_center=(True, 'opt_center'),
    ransac=(True, 'ransac'),
    opt_center_uncalibrated=(False, 'opt_center'),
)
# The columns that fit into a terminal.
SHOWN = ('MPJPE', 'RR-MPJPE', 'PA-MPJPE', 'ACC', 'reprojection_px')


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file of a HaMuCo')
    parser.add_argument(
        'checkpoints',
        nargs='+',
        metavar='checkpoint',
        help='checkpoint file, or its URL',
    )
    parser.add_argument(
        '--labels',
        nargs='+',
        default=['hamuco'],
        help='what each checkpoint is called in the rows (default: hamuco)',
    )
    parser.add_argument(
        '--out', type=output_file, metavar='JSON', required=True, help='file to write'
    )
    parser.add_argument(
        '--ransac-threshold',
        type=float,
        default=20,
        help='largest reprojection error of an inlier label in pixels of an '
        'image 256 pixels wide (default: 20)',
    )
    add_cfg_options(parser)
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    keep_inputs(parser, args, 'out')
    require_files(parser, *args.checkpoints)
    if len(set(args.labels)) != len(args.checkpoints):
        parser.error(
            f'{len(args.checkpoints)} checkpoints need as many '
            f'different --labels, got {args.labels}'
        )
    return args


def prepare_config(args: argparse.Namespace) -> 'Config':
    from hamuco_mm.utils.config_options import read_config

    with short_errors():
        cfg = read_config(args.config, args.cfg_options)
    if cfg.model.type != 'HaMuCo':
        raise SystemExit(
            f'{args.config} has a model of type '
            f'{cfg.model.type}; hands are placed in the world '
            'by HaMuCo'
        )
    if cfg.model.get('absolute') is None:
        cfg.model.absolute = dict(type='OptCenter')
    cfg.work_dir = str(args.out.parent)
    cfg.test_evaluator = dict(type='AbsoluteHandMetric')
    return cfg


def table_of(rows: dict) -> tuple[list[str], list[list[str]]]:
    """Header and lines, as text; '-' where nothing applies."""
    names = list(dict.fromkeys([*SHOWN, *(n for row in rows.values() for n in row)]))
    lines = []
    for method, row in rows.items():
        cells = [row.get(name, '-') for name in names]
        lines.append(
            [method, *(f'{x:.2f}' if isinstance(x, float) else str(x) for x in cells)]
        )
    return ['', *names], lines


def checkpoint_rows(runner: 'Runner') -> dict:
    """Errors of the weights that the runner's model holds."""
    measures = {}
    for use_extrinsics in (True, False):
        runner.model.use_extrinsics = use_extrinsics
        measures[use_extrinsics] = runner.test()
    rows = {}
    for name, (use_extrinsics, method) in CHECKPOINT_ROWS.items():
        prefix = f'{method}/'
        rows[name] = {
            key[len(prefix) :]: value
            for key, value in measures[use_extrinsics].items()
            if key.startswith(prefix)
        }
    return rows


def main() -> None:
    args = parse_args()

    from rich.progress import track

    from hamuco_mm.datasets.build import views_by_time_step
    from hamuco_mm.datasets.frame_window_dataset import time_steps_of
    from hamuco_mm.datasets.hand_model_loan import head_hand_model, lend_hand_model
    from hamuco_mm.engine.evaluation_runner import EvaluationRunner
    from hamuco_mm.evaluation.absolute_baselines import evaluate_absolute_baselines
    from hamuco_mm.evaluation.baselines import mean_hand
    from hamuco_mm.utils.compat import prepare_processes_without_gpu
    from hamuco_mm.utils.files import write_atomically
    from hamuco_mm.utils.json_files import write_json
    from hamuco_mm.visualization.tables import markdown_table, print_table

    cfg = prepare_config(args)
    prepare_processes_without_gpu(cfg)
    runner = EvaluationRunner.from_cfg(cfg)
    dataset = runner.test_loop.dataloader.dataset
    lend_hand_model(dataset, head_hand_model(cfg))
    hand = mean_hand(cfg.model.head.get('hand_model'))
    steps = time_steps_of(dataset)
    # first, as it fails early: it needs truth and cameras, and no images
    rows = evaluate_absolute_baselines(
        track(views_by_time_step(steps), description='Labels', total=len(steps)),
        hand.joints,
        args.ransac_threshold,
    )

    for label, checkpoint in zip(args.labels, args.checkpoints):
        with short_errors():
            runner.load_checkpoint(checkpoint)
        for name, row in checkpoint_rows(runner).items():
            rows[f'{label}_{name}'] = row

    header, lines = table_of(rows)
    shown = 1 + len(SHOWN)
    print_table(
        'Hands in the world: errors in mm and pixels',
        header[:shown],
        [line[:shown] for line in lines],
    )
    write_json(args.out, rows)
    write_atomically(args.out.with_suffix('.md'), markdown_table(header, lines))
    print(f'wrote {args.out} and .md')


if __name__ == '__main__':
    # killed at once, it would leave its data loaders' workers behind
    exit_when_terminated()
    main()
