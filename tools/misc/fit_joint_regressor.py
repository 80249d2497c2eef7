"""Find out which points of the hand a detector calls joints.

Takes generated images, whose meshes are known, and a detector's labels of them;
triangulates these labels, and finds the points of the mesh that are nearest to
them. The file that it writes is hand_model=dict(joints=...) of a config. See
docs/hand_model.md.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import output_file, short_errors


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('data', help='of generate_demo_data.py, with --no-label-noise')
    parser.add_argument(
        '--labels',
        required=True,
        metavar='FOLDER',
        help="of data, with the labels of a detector in HanCo's layout, as "
        'pseudo_label.py writes them',
    )
    parser.add_argument(
        '--hand-model',
        metavar='FILE',
        help='that the images were generated with; the open hand if none',
    )
    parser.add_argument(
        '--out', type=output_file, required=True, metavar='NPZ', help='file to write'
    )
    return parser


def main() -> None:
    parser = build_parser()
    args = parser.parse_args()
    if args.out.suffix != '.npz':
        parser.error(f'--out {args.out} should be a .npz')

    from rich.progress import track

    from hamuco_mm.hand_model import HAND_JOINT_NAMES
    from hamuco_mm.hand_model.joint_regressors import save_joint_regressor
    from hamuco_mm.labelling.detector_joints import measure_joints
    from hamuco_mm.visualization.tables import print_table

    with short_errors():
        measured = measure_joints(
            args.data,
            args.labels,
            args.hand_model,
            lambda steps: track(steps, 'Triangulating'),
        )
    save_joint_regressor(args.out, measured.regressor)
    rows = zip(
        HAND_JOINT_NAMES, measured.num_points, measured.own_error, measured.error
    )
    print_table(
        'Distance to the labels, triangulated, of hands that were held out, mm',
        ['joint', 'labels', "the hand model's joints", 'fitted joints'],
        [
            [name, f'{n}', f'{1000 * own:.1f}', f'{1000 * e:.1f}']
            for name, n, own, e in rows
        ],
    )
    own, fitted = (1000 * e.mean() for e in (measured.own_error, measured.error))
    print(f'{own:.1f} mm, {fitted:.1f} mm when fitted; wrote {args.out}')


if __name__ == '__main__':
    main()
