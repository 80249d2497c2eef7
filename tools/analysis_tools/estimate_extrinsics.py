"""Estimate where the cameras stand from what the network sees in each view.

Needs the cameras' intrinsics and two cameras or more, better three. Predicts
the views of the config's test set without extrinsics, estimates the cameras'
rotations and translations, and writes them in the form of HanCo's calibration
files; cameras with lens distortion as one calibration file per rig, which
rig2coco.py reads. Where the data set has extrinsics, it prints how far off the estimate
is.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import (
    STAGES,
    add_cfg_options,
    add_device,
    keep_inputs,
    output_file,
    output_path,
    require_files,
    short_errors,
)

if TYPE_CHECKING:
    from mmengine.config import Config

    from hamuco_mm.rigs.calibration import RigCalibration


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help='checkpoint file, or its URL')
    parser.add_argument(
        '--out',
        type=output_path,
        metavar='PATH',
        help='file *.json for the rig, or folder for <sequence>/<frame>.json '
        'of each time step, as HanCoDataset reads them. Cameras with lens '
        'distortion: the file, or <rig>.json in the folder, as rig2coco.py '
        'reads it (default: print only)',
    )
    parser.add_argument(
        '--overwrite', action='store_true', help='replace calibrations that are there'
    )
    parser.add_argument(
        '--per-sequence', action='store_true', help='each sequence has a rig of its own'
    )
    parser.add_argument(
        '--split',
        choices=['train', 'test', 'all'],
        help='sequences of the HanCoDataset in the test dataloader (default: '
        'as the config says)',
    )
    parser.add_argument(
        '--stage',
        choices=STAGES[:2],  # fusion has no hand per view
        default='interact',
        help='whose predictions: of each view alone, or after the '
        'interaction (default: interact)',
    )
    parser.add_argument(
        '--keypoints',
        choices=['labels', 'predicted'],
        default='labels',
        help="which 2D joints: the data set's labels, weighted by their "
        'confidence, or those of the network (default: labels)',
    )
    parser.add_argument(
        '--intrinsics',
        metavar='JSON',
        help='{"K": [one 3x3 matrix per camera id]} in pixels (default: from the data set)',
    )
    parser.add_argument(
        '--max-time-steps',
        type=int,
        default=1000,
        help='of a rig, evenly spread (default: 1000)',
    )
    parser.add_argument(
        '--report',
        type=output_file,
        metavar='JSON',
        help='file for the figures of each camera',
    )
    add_device(parser)
    add_cfg_options(parser)
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    keep_inputs(parser, args, 'report')
    require_files(parser, args.checkpoint)
    if args.per_sequence and args.out and args.out.suffix == '.json':
        parser.error(
            '--per-sequence gives a rig a sequence, which one file '
            'cannot hold: let --out name a folder'
        )
    if args.out and not args.overwrite and (found := calibrations_at(args.out)):
        parser.error(f'{found} is there; --overwrite replaces calibrations')
    return args


def calibrations_at(out: Path) -> Path | None:
    """The file, or the first one in the folder, that an estimate might replace: what
    stands in a data set may have been measured."""
    files = out.rglob('*.json') if out.is_dir() else [out]
    return min((file for file in files if file.exists()), default=None)


def load_config(args: argparse.Namespace) -> 'Config':
    """The config, with a model that does not use extrinsics."""
    from hamuco_mm.utils.config_options import read_config
    from hamuco_mm.utils.inner_dataset import inner_dataset

    with short_errors():
        cfg = read_config(args.config, args.cfg_options)
    cfg.model.update(use_extrinsics=False, absolute=None)
    if args.split:
        inner_dataset(cfg)[1].split = args.split
    return cfg


def print_rig(name: str, calibration: 'RigCalibration') -> None:
    """One line per camera."""
    from rich.console import Console
    from rich.table import Table

    summary = calibration.summary()
    columns = dict(
        time_steps=('time steps', '{:.0f}'),
        rotation_spread_deg=('spread deg', '{:.1f}'),
        reprojection_px=('reproj. px', '{:.2f}'),
        rotation_deg=('error deg', '{:.2f}'),
        relative_deg=('relative deg', '{:.2f}'),
        centre_mm=('centre mm', '{:.1f}'),
    )
    columns = {key: value for key, value in columns.items() if key in summary}
    table = Table(title=name)
    table.add_column('camera', justify='right')
    for title, _ in columns.values():
        table.add_column(title, justify='right')
    for row, camera in enumerate(summary['cameras']):
        table.add_row(
            camera,
            *(form.format(summary[key][row]) for key, (_, form) in columns.items()),
        )
    Console().print(table)


def print_errors(rigs: dict) -> None:
    """Mean and median over all cameras of all rigs."""
    import numpy as np

    errors = [rig.errors() for rig in rigs.values()]
    errors = [error for error in errors if error is not None]
    if not errors:
        print('the data set has no extrinsics to compare with')
        return
    for key, title in (
        ('rotation_deg', 'rotation error, degrees'),
        ('relative_deg', 'relative rotation error, degrees'),
        ('centre_mm', 'camera centre error, mm'),
    ):
        values = np.concatenate([error[key] for error in errors])
        print(
            f'{title}: mean {values.mean():.2f}, median '
            f'{np.median(values):.2f}, worst {values.max():.2f} '
            f'({len(values)} cameras, {len(errors)} rigs)'
        )
    size = np.mean([error['size'] for error in errors])
    print(f'size of the rig: {size:.3f} of the true one')


def main() -> None:
    args = parse_args()

    # First, as it makes mmpose importable with mmcv-lite.
    from hamuco_mm.apis.view_predictions import predict_views
    from hamuco_mm.rigs.calibration import calibrate_rig, rows_by_sequence
    from hamuco_mm.rigs.hanco_files import read_hanco_intrinsics
    from hamuco_mm.rigs.writing import write_rig
    from hamuco_mm.utils.json_files import write_json

    intrinsics = args.intrinsics and read_hanco_intrinsics(Path(args.intrinsics))
    views = predict_views(load_config(args), args.checkpoint, args.device)
    parts = {'rig': range(len(views))}
    if args.per_sequence:
        parts = rows_by_sequence(views)
    rigs, number = {}, 0
    for name, rows in parts.items():
        try:
            rigs[name] = calibrate_rig(
                views.select(rows),
                args.stage,
                args.keypoints,
                intrinsics,
                args.max_time_steps,
            )
        except ValueError as error:
            print(f'{name}: no estimate, {error}')
            continue
        print_rig(name, rigs[name])
        if args.out:
            try:
                number += write_rig(rigs[name], args.out, name)
            except ValueError as error:
                raise SystemExit(f'{name}: {error}') from error
    if not rigs:
        raise SystemExit('no rig could be estimated')
    print_errors(rigs)
    if args.out:
        print(f'wrote {number} calibration files to {args.out}')
    if args.report:
        write_json(args.report, {name: rig.summary() for name, rig in rigs.items()})
    if len(rigs) < len(parts):
        raise SystemExit(
            f'{len(parts) - len(rigs)} of {len(parts)} rigs could not be estimated'
        )


if __name__ == '__main__':
    main()
