"""Make a recording of a rig to try docs/your_own_rig.md with: generated videos
of a hand, a calibration (TOML of Anipose, millimetres) and 2D labels.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import output_folder


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('out', type=output_folder, help='directory for the recording')
    parser.add_argument('--cameras', type=int, default=3, help='2 to 8 (default: 3)')
    parser.add_argument('--frames', type=int, default=30, help='moments (default: 30)')
    parser.add_argument(
        '--image-size', type=int, default=256, help='pixels (default: 256)'
    )
    parser.add_argument(
        '--early',
        nargs='+',
        default=[],
        metavar='CAMERA=N',
        help='cameras that were started N frames before the others',
    )
    parser.add_argument(
        '--exact-labels',
        action='store_true',
        help="exact labels instead of ones with a detector's errors",
    )
    parser.add_argument('--seed', type=int, default=0)
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    if not 2 <= args.cameras <= 8:
        parser.error(f'--cameras {args.cameras} should be 2 to 8')
    names = [f'cam{i}' for i in range(args.cameras)]
    pairs = [word.partition('=') for word in args.early]
    if any(name not in names or not number.isdecimal() for name, _, number in pairs):
        parser.error(f'--early takes CAMERA=N with a camera of {names}')
    args.early = {name: int(number) for name, _, number in pairs}
    return args


def main() -> None:
    args = parse_args()

    from rich.progress import Progress

    from hamuco_mm.synthesis import SceneConfig, SceneGenerator
    from hamuco_mm.synthesis.rig import RigConfig
    from hamuco_mm.synthesis.rig_recording import write_recording

    labels = dict(labels=None) if args.exact_labels else {}
    generator = SceneGenerator(
        args.seed,
        config=SceneConfig(
            image_size=args.image_size, rig=RigConfig(num_views=args.cameras), **labels
        ),
    )
    scene = generator.scene(0, args.frames)
    try:
        with Progress() as progress:
            task = progress.add_task('Rendering', total=args.frames)
            write_recording(
                generator, scene, args.out, args.early, lambda: progress.advance(task)
            )
    except OSError as error:
        sys.exit(f'error: {error}')
    print(f'{args.out}: {args.cameras} videos, calibration.toml, labels')


if __name__ == '__main__':
    main()
