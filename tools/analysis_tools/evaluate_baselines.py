"""Evaluate what needs no training: the mean hand, and the triangulated labels.

Reads the data set of the config, no images, and writes the errors as JSON, with
left_out.tsv beside it: what the data set left out, and why.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import add_cfg_options, keep_inputs, output_file, short_errors


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--split',
        choices=['train', 'val', 'test'],
        default='test',
        help='whose dataloader of the config to take (default: test)',
    )
    parser.add_argument(
        '--out',
        type=output_file,
        metavar='JSON',
        help='file to write (default: print only)',
    )
    parser.add_argument(
        '--ransac-threshold',
        type=float,
        default=20,
        help='largest reprojection error of an inlier in pixels of an image '
        '256 pixels wide (default: 20)',
    )
    add_cfg_options(parser)
    return parser


def main() -> None:
    parser = build_parser()
    args = parser.parse_args()
    keep_inputs(parser, args, 'out')

    from rich.progress import track

    from hamuco_mm.datasets.build import build_dataset, views_by_time_step
    from hamuco_mm.datasets.frame_window_dataset import time_steps_of
    from hamuco_mm.datasets.left_out_parts import note_left_out
    from hamuco_mm.evaluation.baselines import evaluate_baselines
    from hamuco_mm.utils.config_options import read_config
    from hamuco_mm.utils.json_files import write_json
    from hamuco_mm.utils.left_out import FILE_NAME, LeftOutFile

    with short_errors():
        cfg = read_config(args.config, args.cfg_options)
    dataset = build_dataset(cfg, args.split)
    steps = time_steps_of(dataset)
    rows = evaluate_baselines(
        track(views_by_time_step(steps), description='Baselines', total=len(steps)),
        cfg.model.head.get('hand_model'),
        args.ransac_threshold,
    )
    print(json.dumps(rows, indent=2))
    if args.out:
        write_json(args.out, rows)
        listed = LeftOutFile(args.out.with_name(FILE_NAME))
        note_left_out(dataset, listed)
        if said := listed.summary():
            print(said)


if __name__ == '__main__':
    main()
