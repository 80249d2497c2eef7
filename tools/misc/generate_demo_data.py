"""Generate a multi-view hand data set in HanCo's layout, see docs/demo_data.md.

Example:
    python tools/misc/generate_demo_data.py data/hamuco_demo --workers 4
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import add_photos
from _interruption import exit_when_terminated
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from hamuco_mm.synthesis import (
    DatasetConfig,
    LabelErrorModel,
    SceneConfig,
    generate_dataset,
)
from hamuco_mm.synthesis.looks import LOOKS, look_as
from hamuco_mm.synthesis.photographs import photographs
from hamuco_mm.synthesis.renderers import RENDERERS
from hamuco_mm.synthesis.rig import RigConfig

SHARES = dict(
    held='sequences with an object in the hand',
    before='sequences with an object before the hand',
    second_hand='sequences with another hand',
    jewellery='people who wear a ring, and who wear a band',
    gloves='people who wear gloves',
    veins='people with veins on the back of the hand',
    limbs='backgrounds with shapes of the colours of skin',
    motion_blur='smeared images',
)


def build_parser() -> argparse.ArgumentParser:
    defaults = DatasetConfig()
    parser = argparse.ArgumentParser(
        description="Generate a multi-view hand data set in HanCo's layout.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument('root', help='folder of the data set')
    parser.add_argument(
        '--num-train-sequences', type=int, default=defaults.num_train_sequences
    )
    parser.add_argument(
        '--num-test-sequences', type=int, default=defaults.num_test_sequences
    )
    parser.add_argument(
        '--num-val-sequences', type=int, default=defaults.num_val_sequences
    )
    parser.add_argument(
        '--frames',
        type=int,
        default=defaults.frames,
        help='time steps of each sequence',
    )
    parser.add_argument('--views', type=int, default=RigConfig().num_views)
    parser.add_argument(
        '--image-size',
        type=int,
        default=SceneConfig().image_size,
        help='side of the square images in pixels',
    )
    parser.add_argument('--seed', type=int, default=defaults.seed)
    parser.add_argument(
        '--stream',
        choices=('train', 'pretrain'),
        default=defaults.train_stream,
        help='where training sequences come from; the two streams and the '
        'test share no subject, pose or background',
    )
    parser.add_argument(
        '--subjects',
        type=int,
        nargs=2,
        metavar=('TRAIN', 'TEST'),
        help='people; by default every sequence has its own',
    )
    parser.add_argument(
        '--look',
        choices=tuple(LOOKS),
        default='rig',
        help='rig: bare hands in good rigs, fingers up; wild: any direction, '
        'lenses, light, smears, objects and other hands, as in photographs; photo: the '
        'same in better light, with bent wrists and fingers; lab: '
        'one rig in coloured light, most hands in gloves',
    )
    parser.add_argument(
        '--tilt',
        type=float,
        help='how far the fingers tilt away from upwards, degrees',
    )
    parser.add_argument(
        '--turn',
        type=float,
        help='how far hands are turned about the arm either way, degrees',
    )
    for name, what in SHARES.items():
        parser.add_argument(
            f'--{name.replace("_", "-")}',
            type=float,
            metavar='SHARE',
            help=f'{what}, 0 to 1; by default as the look has it',
        )
    parser.add_argument(
        '--no-label-noise', action='store_true', help='exact labels with confidence 1'
    )
    add_photos(parser)
    parser.add_argument(
        '--hand-model', help='MANO_RIGHT.pkl or .npz; the open hand if none'
    )
    parser.add_argument(
        '--renderer',
        choices=RENDERERS,
        default=defaults.renderer,
        help='auto takes moderngl where it works; pictures differ slightly',
    )
    parser.add_argument('--workers', type=int, default=os.cpu_count(), help='processes')
    parser.add_argument(
        '--overwrite',
        action='store_true',
        help='replace a generated data set of other settings',
    )
    parser.add_argument(
        '--report',
        action='store_true',
        help='print the statistics of the labels (they are in demo.json too)',
    )
    return parser


def make_config(args: argparse.Namespace) -> DatasetConfig:
    train_subjects, test_subjects = args.subjects or (None, None)
    shares = {name: getattr(args, name) for name in SHARES}
    if LOOKS[args.look].motion.any_direction and (args.tilt, args.turn) != (None, None):
        raise ValueError(
            f'--tilt and --turn say nothing with --look {args.look}, whose hands '
            'point in any direction: leave them out'
        )
    changes = given(
        image_size=args.image_size,
        photos=args.photos,
        hand_model=args.hand_model,
        motion=given(tilt_sigma_deg=args.tilt, turn_deg=args.turn),
        rig=dict(num_views=args.views),
        sensor=given(motion_blur=shares.pop('motion_blur')),
        jewellery=shares.pop('jewellery'),
        gloves=shares.pop('gloves'),
        veins=shares.pop('veins'),
        limbs=shares.pop('limbs'),
        things=given(**shares),
    )
    labels = None if args.no_label_noise else LabelErrorModel()
    scene = look_as(args.look, dict(changes, labels=labels))
    return DatasetConfig(
        num_train_sequences=args.num_train_sequences,
        num_test_sequences=args.num_test_sequences,
        num_val_sequences=args.num_val_sequences,
        frames=args.frames,
        seed=args.seed,
        train_stream=args.stream,
        train_subjects=train_subjects,
        test_subjects=test_subjects,
        renderer=args.renderer,
        scene=scene,
    )


def given(**options: Any) -> dict[str, Any]:
    """Those that are not None."""
    return {name: value for name, value in options.items() if value is not None}


def show(record: dict) -> None:
    """Print the statistics, a column for each split."""
    table = Table(title='Labels (px at 256x256; mm)')
    splits = record['statistics']
    for name in ('', *splits):
        table.add_column(name)
    for key in next(iter(splits.values())):
        table.add_row(key, *(f'{split[key]:.3f}' for split in splits.values()))
    Console().print(table)


def main(argv: Sequence[str] | None = None) -> int:
    args = build_parser().parse_args(argv)
    columns = (
        TextColumn('generating'),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn('sequences'),
        TimeRemainingColumn(),
    )
    try:
        config = make_config(args)
        if args.photos:
            for stream, _ in config.sequences().values():
                photographs(args.photos, stream)
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task('', total=None)
            record = generate_dataset(
                config,
                args.root,
                args.workers,
                args.overwrite,
                lambda done, total: progress.update(task, completed=done, total=total),
            )
    except (ValueError, RuntimeError, ImportError, OSError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    if args.report:
        show(record)
    print(f'{args.root} is complete')
    return 0


if __name__ == '__main__':
    exit_when_terminated()
    sys.exit(main())
