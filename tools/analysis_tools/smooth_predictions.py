"""Smooth predicted hands over time, and report the change of their errors.

Reads the JSON file that demo/hamuco_demo.py writes of a video or of views, or a
folder of these; the file that tools/test.py CONFIG CHECKPOINT --dump NPZ writes; or
the joints that HandMeshMetric(outfile_prefix=...) writes. Errors are reported
where the file has true joints. Each camera of each sequence is smoothed by
itself, and the hand in the world, which they share, once; frames that are missing
end a stretch.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import FPS, STAGES, frame_rate, keep_inputs, output_file, require_owner

if TYPE_CHECKING:
    import numpy as np

    from hamuco_mm.structures import PredictedViews

# Results of the network, and its hand in the world.
RESULTS = (*STAGES, 'world')
ERRORS = ('ACC', 'MPJPE', 'PA-MPJPE')


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'predictions', help='.json or .npz file to read, or a folder of .json files'
    )
    parser.add_argument(
        '--type',
        nargs='+',
        choices=['OneEuro', 'Savgol', 'Gaussian'],
        default=['OneEuro', 'Savgol', 'Gaussian'],
        help='filters to compare (default: all)',
    )
    parser.add_argument(
        '--stages',
        nargs='+',
        choices=RESULTS,
        default=RESULTS,
        help='whose joints (default: all that the file has)',
    )
    parser.add_argument(
        '--fps',
        type=float,
        help='frames per second of the recording, which OneEuro depends on '
        f'(default: by the times in the file, which only a video has; else {FPS})',
    )
    parser.add_argument(
        '--options',
        nargs='+',
        default=[],
        metavar='NAME=NUMBER',
        help='of the filter, with one --type: min_cutoff, beta, d_cutoff; '
        'window, polyorder; sigma',
    )
    parser.add_argument(
        '--out',
        type=output_file,
        metavar='NPZ',
        help='file for the smoothed predictions, with one --type; '
        'export_predictions.py and make_3d_page.py read it',
    )
    parser.add_argument(
        '--report', type=output_file, metavar='JSON', help='file for the errors'
    )
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    keep_inputs(parser, args, 'out', 'report')
    if not Path(args.predictions).exists():
        parser.error(
            f'there is no {args.predictions}; write it with '
            'tools/test.py CONFIG CHECKPOINT --dump NPZ, or with '
            'demo/hamuco_demo.py --pred-out-dir'
        )
    if (args.out or args.options) and len(args.type) > 1:
        parser.error('--out and --options go with one --type')
    with_rate = 'OneEuro' in args.type
    require_owner(parser, args, ['--fps'], '--type OneEuro', with_rate)
    args.options = dict(parse_option(parser, option) for option in args.options)
    return args


def parse_option(
    parser: argparse.ArgumentParser, option: str
) -> tuple[str, int | float]:
    name, _, value = option.partition('=')
    try:
        number = float(value)
    except ValueError:
        parser.error(f'--options {option} should be a name=number')
    return name, int(number) if number.is_integer() else number


def time_of(views: 'PredictedViews') -> tuple['np.ndarray', 'np.ndarray']:
    """A name for each camera of each hand of a sequence, and the number of the frame,
    both (N,).

    Raises:
        SystemExit: If a frame has no number, or a view of it several hands: which of
            them is which in the next frame is not known.
    """
    import numpy as np

    from hamuco_mm.utils.frame_names import track_of

    names = []
    seen: set[tuple[str, int]] = set()
    for frame_id, camera, frame in zip(views.frame_id, views.camera_id, views.frame):
        if frame < 0:
            raise SystemExit(
                f'frame_id {str(frame_id)!r} does not end with the number of the frame'
            )
        place = f'{track_of(str(frame_id))}/cam{camera}', int(frame)
        if place in seen:
            raise SystemExit(
                f'frame_id {str(frame_id)!r} has several hands, and which of them is '
                'which in the next frame is not known: predict each hand by itself, '
                'with its own boxes and folder'
            )
        seen.add(place)
        names.append(place[0])
    return np.array(names), views.frame


def rows_to_smooth(
    views: 'PredictedViews', stage: str, sequence: 'np.ndarray', points: 'np.ndarray'
) -> tuple['np.ndarray', 'np.ndarray', 'np.ndarray']:
    """The H hands of a stage: those of the N views, or of the time steps in the world.

    A camera that lost an image is no gap in the world, where another one has the hand.

    Args:
        views (PredictedViews): The N views.
        stage (str): One of ``RESULTS``.
        sequence (np.ndarray): Of each view, see :func:`time_of`.
        points (np.ndarray): Of each view, NaN where not known, (N, P, 3).

    Returns:
        tuple: Row of each hand (H,), its sequence (H,), and the hand of each row (N,).
    """
    import numpy as np

    from hamuco_mm.utils.frame_names import track_of

    if stage != 'world':
        return np.arange(len(views)), sequence, np.arange(len(views))
    known = np.isfinite(points).all((1, 2))
    steps = views.time_steps()
    rows = np.array([of[known[of].argmax()] for of in steps])
    tracks = np.array([track_of(str(name)) for name in views.frame_id[rows]])
    return rows, tracks, np.repeat(np.arange(len(steps)), list(map(len, steps)))


def fields_of(stage: str) -> tuple:
    """Names of the stage's joints and vertices."""
    from hamuco_mm.structures import Stage

    if stage == 'world':
        return 'keypoints_world', 'vertices_world'
    return Stage(stage).field('keypoints_cam'), Stage(stage).field('vertices')


def parameters_of(stage: str) -> list[str]:
    """Names of the hand model's parameters of the stage."""
    from hamuco_mm.hand_model import PARAMETER_SIZES
    from hamuco_mm.structures import Stage

    names = [*PARAMETER_SIZES, 'fit_error']
    if stage == 'world':
        return [f'{name}_world' for name in names]
    return [Stage(stage).field(name) for name in names]


def true_joints(views: 'PredictedViews', stage: str) -> 'np.ndarray':
    """(N, 21, 3), NaN where unknown, in the frame of the stage's joints."""
    import numpy as np
    import torch

    joints = views.ground_truth.get('keypoints_cam')
    if joints is None:
        return np.full((len(views), 21, 3), np.nan)
    joints = joints.astype(float)
    if stage != 'world':
        return joints
    return views.cameras.to_world(torch.from_numpy(joints.astype(float))).numpy()


def errors_of(
    joints: 'np.ndarray', target: 'np.ndarray', runs: list['np.ndarray'], stage: str
) -> dict:
    """Acceleration error in mm per frame squared; in mm PA-MPJPE and MPJPE,
    root-relative, or absolute in the world."""
    import numpy as np

    from hamuco_mm.evaluation.functional import acceleration_error, joint_errors
    from hamuco_mm.evaluation.hand_metrics import MM_PER_M
    from hamuco_mm.hand_model import ROOT_JOINT

    if stage != 'world':
        joints, target = (
            x - x[:, ROOT_JOINT : ROOT_JOINT + 1] for x in (joints, target)
        )
    rows = np.concatenate(runs)
    distance = np.linalg.norm(joints[rows] - target[rows], axis=-1)
    aligned = joint_errors(joints[rows], target[rows], 'procrustes')
    errors = {
        'MPJPE': MM_PER_M * float(distance.mean()),
        'PA-MPJPE': MM_PER_M * float(aligned.mean()),
    }
    jitter = np.concatenate(
        [acceleration_error(joints[run], target[run]) for run in runs]
    )
    if len(jitter):
        errors['ACC'] = MM_PER_M * float(jitter.mean())
    return errors


def table_cells(rows: list[dict]) -> list[list[str]]:
    """Lines of the table, as text; '-' where nothing applies."""
    return [
        [row['stage'], row['filter']]
        + [f'{row[name]:.2f}' if name in row else '-' for name in ERRORS]
        for row in rows
    ]


def main() -> None:
    args = parse_args()

    from dataclasses import replace

    import numpy as np

    from hamuco_mm.evaluation.consecutive_frames import consecutive_runs
    from hamuco_mm.evaluation.smoothing import smooth_recording
    from hamuco_mm.hand_model import NUM_JOINTS, ROOT_JOINT
    from hamuco_mm.structures import PredictedViews
    from hamuco_mm.utils.json_files import write_json
    from hamuco_mm.visualization.tables import print_table

    try:
        views = PredictedViews.load(args.predictions)
    except (OSError, ValueError) as error:
        raise SystemExit(str(error)) from error
    sequence, frame = time_of(views)
    found = [stage for stage in args.stages if fields_of(stage)[0] in views.predictions]
    if not found:
        raise SystemExit(
            f'{args.predictions} has no 3D joints of {", ".join(args.stages)}'
        )
    fps = frame_rate(views, args.fps, 'OneEuro' in args.type)
    rows, smoothed = [], dict(views.predictions)
    for stage in found:
        joints, vertices = fields_of(stage)
        fields = [joints] + [vertices] * (vertices in views.predictions)
        # joints and vertices are filtered together, so that they fit each other
        points = np.concatenate([views.predictions[f] for f in fields], 1)
        own, track, hand_of = rows_to_smooth(views, stage, sequence, points)
        points, number = points[own], frame[own]
        variants = {'none': points.astype(float)}
        for name in args.type:
            try:
                variants[name] = smooth_recording(
                    points, track, number, fps, name, ROOT_JOINT, **args.options
                )
            except ValueError as error:
                raise SystemExit(str(error)) from error
        parts = np.split(variants[args.type[-1]][hand_of], [NUM_JOINTS], axis=1)
        smoothed.update(
            {field: part.astype(points.dtype) for field, part in zip(fields, parts)}
        )
        # they give the hand as it was
        for name in parameters_of(stage):
            smoothed.pop(name, None)
        # no truth, no error; smoothing needs none
        target = true_joints(views, stage)[own]
        known = np.isfinite(points[:, :NUM_JOINTS] + target).all((1, 2))
        runs = consecutive_runs(track, number, known)
        for name, x in variants.items() if runs else ():
            errors = errors_of(x[:, :NUM_JOINTS], target, runs, stage)
            rows.append(dict(stage=stage, filter=name, **errors))
    if rows:
        print_table(
            'mm; ACC: mm per frame squared',
            ('stage', 'filter', *ERRORS),
            table_cells(rows),
            num_names=2,
        )
    else:
        print(
            f'note: {args.predictions} has no true joints, so there is no table of errors'
            + ('' if args.out else '; --out writes the smoothed hands')
        )
    if args.report:
        write_json(args.report, rows)
    if args.out:
        replace(views, predictions=smoothed).save(args.out)
        print(f'wrote {args.out}: {", ".join(found)}, smoothed by {args.type[0]}')


if __name__ == '__main__':
    main()
