"""Lower the confidence of 2D labels that other views contradict.

Triangulates each joint robustly, and multiplies the confidence of each label
by how near it is to that point in its view. The labels themselves, and those
that fewer than two calibrated views see, stay as they are. Needs a
calibration that is right: run check_rig.py before.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import output_path, require_files


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'data', type=Path, help="JSON file of a rig, or a directory in HanCo's layout"
    )
    parser.add_argument(
        'out',
        type=output_path,
        help='new JSON file in the same directory, or new directory of labels',
    )
    parser.add_argument(
        '--labels',
        type=Path,
        help="of HanCo's layout: directory of the labels (default: "
        'rgb_2D_keypoints of the data set)',
    )
    parser.add_argument(
        '--tolerance',
        type=float,
        default=0.12,
        help='distance, in sizes of the hand, at which the confidence falls '
        'to 0.14 of what it was (default: 0.12)',
    )
    parser.add_argument(
        '--min-confidence',
        type=float,
        default=0.1,
        help='labels below do not vote (default: 0.1)',
    )
    parser.add_argument(
        '--overwrite', action='store_true', help='replace what is there'
    )
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    if args.tolerance <= 0:
        parser.error('--tolerance should be positive')
    require_files(parser, args.data, kind='data set')
    if args.out.exists() and not args.overwrite:
        parser.error(f'{args.out} is there; --overwrite replaces it')
    is_rig = args.data.suffix == '.json'
    if is_rig and args.out.resolve().parent != args.data.resolve().parent:
        parser.error(
            f'{args.out} should be in {args.data.parent}: the file '
            'names of the images are relative to that'
        )
    if is_rig and args.labels:
        parser.error("--labels belongs to HanCo's layout")
    return args


def main() -> None:
    args = parse_args()

    from mmengine.registry import init_default_scope
    from rich.progress import Progress

    from hamuco_mm.labelling import clean_hanco, clean_rig

    init_default_scope('mmpose')
    settings = dict(tolerance=args.tolerance, min_confidence=args.min_confidence)
    try:
        with Progress() as progress:
            task = progress.add_task('sequences')

            def advance(done: int, total: int) -> None:
                progress.update(task, completed=done, total=total)

            if args.data.suffix == '.json':
                count = clean_rig(args.data, args.out, settings, advance)
            else:
                count = clean_hanco(args.data, args.labels, args.out, settings, advance)
    except (OSError, ValueError) as error:
        sys.exit(f'error: {error}')
    total = sum(count.values())
    print(
        f'{args.out}: of {total} labelled joints {count["kept"]} agree with '
        f'the other views, {count["lowered"]} do not (confidence less than '
        f'half of what it was), {count["unknown"]} have no other view'
    )


if __name__ == '__main__':
    main()
