"""Render a recording again, with the same hands and cameras but generated pictures.

Tells which part of a network's error on a recording is due to the look of its pictures,
and which to its poses: evaluate the network on both. The hands are those of the hand
model that are nearest to the recording's 3D joints. docs/demo_data.md has an example.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
from _arguments import add_photos, output_folder
from _interruption import exit_when_terminated
from rich.progress import track

import hamuco_mm  # noqa: F401, first: mmpose imports with mmcv-lite
from hamuco_mm.datasets.hanco.layout import DEFAULT_PREFIX, HanCoLayout
from hamuco_mm.datasets.hanco.writing import keypoints_content
from hamuco_mm.hand_model import MANOLayer
from hamuco_mm.synthesis.looks import LOOKS, look_as
from hamuco_mm.synthesis.photographs import photographs
from hamuco_mm.synthesis.rerendering import RenderedStep, image_size_of, rendered_again
from hamuco_mm.synthesis.scene_generator import SceneGenerator
from hamuco_mm.utils.files import write_atomically
from hamuco_mm.utils.image_files import write_picture

# Whose people and backgrounds are drawn.
STREAM = 'test'


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        'data_root', type=Path, help="recording in HanCo's layout, with calib and xyz"
    )
    parser.add_argument('out', type=output_folder, help='new folder')
    parser.add_argument('--look', choices=tuple(LOOKS), default='photo')
    add_photos(parser)
    parser.add_argument(
        '--joints',
        metavar='NAME',
        help="whose joints the recording's labels are: mediapipe; default: the hand "
        "model's own",
    )
    parser.add_argument(
        '--keep-labels',
        action='store_true',
        help="copy the recording's labels (default: exact ones of the hands that are shown)",
    )
    parser.add_argument('--seed', type=int, default=0)
    return parser


def write_labels(root: Path, sequence: str, step: RenderedStep) -> None:
    """Exact labels of a time step, with confidence 1."""
    name = f'{step.frame}.json'
    write_atomically(root / 'xyz' / sequence / name, json.dumps(step.joints.tolist()))
    for camera, keypoints in zip(step.cameras, step.keypoints):
        label = keypoints_content(keypoints, np.ones(len(keypoints)))
        path = root / 'rgb_2D_keypoints' / sequence / f'cam{camera}' / name
        write_atomically(path, json.dumps(label))


def render(args: argparse.Namespace) -> None:
    """Write the recording."""
    layout = HanCoLayout(str(args.data_root), DEFAULT_PREFIX)
    for kind in ('calib', 'xyz'):
        if not layout.has(kind):
            raise FileNotFoundError(f'{layout.root} has no {layout[kind].name}')
    if args.photos:
        photographs(args.photos, STREAM)
    changes = dict(image_size=image_size_of(layout), photos=args.photos)
    generator = SceneGenerator(args.seed, STREAM, look_as(args.look, changes))
    hand = MANOLayer(joints=args.joints).double()
    for kind in ('keypoints', 'calib', 'xyz'):
        shutil.copytree(layout[kind], args.out / DEFAULT_PREFIX[kind])
    for sequence in layout.sequences():
        steps = rendered_again(generator, layout, sequence, hand)
        for step in track(steps, f'rendering {sequence}'):
            for camera, image in zip(step.cameras, step.images):
                path = args.out / f'rgb/{sequence}/cam{camera}/{step.frame}.jpg'
                write_picture(path, image)
            if not args.keep_labels:
                write_labels(args.out, sequence, step)
    print(f'wrote {args.out}')


def main() -> None:
    args = build_parser().parse_args()
    exit_when_terminated()
    if args.out.exists() and any(args.out.iterdir()):
        raise SystemExit(f'{Path(__file__).name}: {args.out} is not empty')
    try:
        render(args)
    except (OSError, ValueError) as error:
        raise SystemExit(f'{Path(__file__).name}: {error}') from error


if __name__ == '__main__':
    main()
