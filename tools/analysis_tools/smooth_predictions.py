"""Smooth predicted joints over time, and say what it does to their errors.

Reads the file that HandMeshMetric(outfile_prefix=PREFIX) writes in a test,
PREFIX.predictions.npz. Each camera of each sequence is smoothed by itself;
frames that are missing end a stretch.
"""

import argparse
from pathlib import Path

STAGES = ('single', 'interact', 'fusion')
ARRAYS = ('gt_joints', 'frame_id', 'camera_id')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('predictions', metavar='NPZ', help='file to read')
    parser.add_argument(
        '--type',
        nargs='+',
        choices=['OneEuro', 'Savgol', 'Gaussian'],
        default=['OneEuro', 'Savgol', 'Gaussian'],
        help='filters to compare (default: all)')
    parser.add_argument(
        '--stages',
        nargs='+',
        choices=STAGES,
        default=STAGES,
        help='whose joints (default: all that are there)')
    parser.add_argument(
        '--fps',
        type=float,
        default=30,
        help='frames a second of the recording (default: 30)')
    parser.add_argument(
        '--options',
        nargs='+',
        default=[],
        metavar='NAME=NUMBER',
        help='of the filter, with one --type: min_cutoff, beta, d_cutoff; '
        'window, polyorder; sigma')
    parser.add_argument(
        '--out',
        metavar='NPZ',
        help='file for the smoothed joints, with one --type')
    parser.add_argument(
        '--report', metavar='JSON', help='file for the errors')
    args = parser.parse_args()
    if not Path(args.predictions).is_file():
        parser.error(f'there is no {args.predictions}; write it with '
                     'tools/test.py CONFIG CHECKPOINT --cfg-options '
                     'test_evaluator.outfile_prefix=PREFIX')
    if (args.out or args.options) and len(args.type) > 1:
        parser.error('--out and --options go with one --type')
    args.options = dict(
        parse_option(parser, option) for option in args.options)
    return args


def parse_option(parser, option: str):
    name, _, value = option.partition('=')
    try:
        number = float(value)
    except ValueError:
        parser.error(f'--options {option} should be a name=number')
    return name, int(number) if number.is_integer() else number


def read_predictions(path: str) -> dict:
    """The arrays of the file; ends the script if it is another file."""
    import numpy as np
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (ValueError, OSError) as error:
        raise SystemExit(f'{path} is not a file of arrays ({error})')
    missing = {'single_joints', *ARRAYS} - set(arrays)
    if missing:
        raise SystemExit(f'{path} has no {sorted(missing)}; it should be '
                         'written by HandMeshMetric(outfile_prefix=...)')
    return arrays


def time_of(arrays: dict, path: str):
    """A name for each camera of each sequence, and the number of the frame,
    both (N,)."""
    import numpy as np
    names, frames = [], []
    for frame_id, camera in zip(arrays['frame_id'], arrays['camera_id']):
        sequence, _, frame = str(frame_id).rpartition('/')
        if not frame.isdigit():
            raise SystemExit(f'{path}: frame_id {frame_id!r} does not end '
                             'with the number of the frame')
        names.append(f'{sequence}/cam{camera}')
        frames.append(int(frame))
    return np.array(names), np.array(frames)


def errors_of(joints, target, runs) -> dict:
    """Acceleration error in mm a frame squared, MPJPE and PA-MPJPE in mm."""
    import numpy as np
    from hamuco_mm.evaluation.functional import acceleration_error
    from hamuco_mm.evaluation.hand_metrics import MM_PER_M, joint_metrics
    from hamuco_mm.hand_model import ROOT_JOINT
    joints, target = (
        x - x[:, ROOT_JOINT:ROOT_JOINT + 1] for x in (joints, target))
    jitter = [acceleration_error(joints[run], target[run]) for run in runs]
    rows = np.concatenate(runs)
    metrics = joint_metrics(joints[rows], target[rows])
    errors = {name: metrics[name] for name in ('MPJPE', 'PA-MPJPE')}
    jitter = np.concatenate(jitter)
    if len(jitter):
        errors['ACC'] = MM_PER_M * float(jitter.mean())
    return errors


def print_table(rows: list) -> None:
    from rich.console import Console
    from rich.table import Table
    table = Table(title='mm; ACC: mm a frame squared')
    names = ('stage', 'filter', 'ACC', 'MPJPE', 'PA-MPJPE')
    for name in names:
        table.add_column(name, justify='right' if name.isupper() else 'left')
    for row in rows:
        table.add_row(*(f'{row[name]:.2f}' if name in row and name.isupper()
                        else str(row.get(name, '-')) for name in names))
    Console().print(table)


def main() -> None:
    args = parse_args()

    import json

    import numpy as np

    from hamuco_mm.apis.smoothing import consecutive_runs, smooth_recording
    from hamuco_mm.hand_model import ROOT_JOINT

    arrays = read_predictions(args.predictions)
    sequence, frame = time_of(arrays, args.predictions)
    target = arrays['gt_joints'].astype(float)
    rows, smoothed = [], dict(arrays)
    for stage in args.stages:
        joints = arrays.get(f'{stage}_joints')
        if joints is None or np.isnan(joints).all():
            continue
        # no truth, no error; smoothing needs none
        labelled = np.isfinite(joints + target).all((1, 2))
        runs = consecutive_runs(sequence, frame, labelled)
        variants = {'none': joints.astype(float)}
        for name in args.type:
            variants[name] = smooth_recording(joints, sequence, frame,
                                              args.fps, name, ROOT_JOINT,
                                              **args.options)
        smoothed[f'{stage}_joints'] = variants[args.type[-1]].astype(
            joints.dtype)
        if runs:
            rows += [
                dict(stage=stage, filter=name, **errors_of(x, target, runs))
                for name, x in variants.items()
            ]
    if rows:
        print_table(rows)
    else:
        print('no view has true joints to compare with')
    if args.report:
        Path(args.report).write_text(json.dumps(rows, indent=2) + '\n')
    if args.out:
        np.savez_compressed(args.out, **smoothed)
        print(f'wrote {args.out}')


if __name__ == '__main__':
    main()
