"""Write predictions as meshes, joints and hand parameters for other programs.

Reads the views that `tools/test.py CONFIG CHECKPOINT --dump views.npz` wrote,
the JSON files of the inferencer, or, joints only, the .predictions.npz of
HandMeshMetric. Meshes and joints are in metres; docs/deployment.md describes
the files.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import (
    FPS,
    STAGES,
    add_side,
    frame_rate,
    hands_of_side,
    output_folder,
    require_owner,
)

if TYPE_CHECKING:
    import numpy as np

    from hamuco_mm.export.named_hands import NamedHand
    from hamuco_mm.structures import PredictedViews, Stage

JOINT_FILES = dict(json='joints.json', npz='joints.npz', csv='hands.csv')
MESH_FORMATS = ('obj', 'ply', 'glb')
ANIMATION = 'animation'


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('views', type=Path, help='.npz or .json file of predictions')
    parser.add_argument(
        '--out-dir', type=output_folder, required=True, help='folder for the files'
    )
    parser.add_argument(
        '--formats',
        nargs='+',
        choices=[*MESH_FORMATS, ANIMATION, *JOINT_FILES],
        default=['obj', 'json'],
        help=f'meshes ({", ".join(MESH_FORMATS)}; extra "3d"), a GLB file that plays '
        f'each sequence ({ANIMATION}), and joints with the parameters of the hand '
        f'model ({", ".join(JOINT_FILES)}); default: obj json',
    )
    parser.add_argument(
        '--stage',
        '--mode',
        choices=STAGES,
        help='whose meshes (default: the last stage that was predicted)',
    )
    parser.add_argument(
        '--frame',
        choices=['camera', 'world'],
        default='camera',
        help='camera: a root-relative mesh of each view in its camera frame; '
        'world: one mesh of each calibrated time step (default: camera)',
    )
    parser.add_argument(
        '--items',
        nargs='+',
        type=int,
        metavar='N',
        help='meshes of these time steps only, by their numbers from 0 (time_step in '
        'hands.csv)',
    )
    parser.add_argument(
        '--hand-model',
        metavar='FILE',
        help='MANO file that the model was trained with, for the faces '
        '(default: the open hand)',
    )
    add_side(parser)
    parser.add_argument(
        '--parameters',
        action='store_true',
        help='fit parameters of the hand model to the fused hand and that in the '
        'world, which have none of their own (0.1 s each)',
    )
    parser.add_argument(
        '--fps',
        type=float,
        help='frames per second of an animation (default: those of the video, where '
        f'the predictions say its times, else {FPS})',
    )
    return parser


def write_joints(args: argparse.Namespace, views: 'PredictedViews') -> None:
    """The files of joints and parameters that are asked for."""
    from hamuco_mm.export.joints import write_joints_json, write_joints_npz

    for suffix, write in dict(json=write_joints_json, npz=write_joints_npz).items():
        if suffix in args.formats:
            path = args.out_dir / JOINT_FILES[suffix]
            write(path, views)
            print(f'wrote {path}: joints of {len(views)} views')


def write_table(
    args: argparse.Namespace, hands: list['NamedHand'], stage: 'Stage', side: str
) -> None:
    from hamuco_mm.export.hand_table import HandTable

    path = args.out_dir / JOINT_FILES['csv']
    with HandTable(path) as table:
        for hand in hands:
            identity = dict(hand.identity, hand_side=side)
            table.write(identity, hand.fields, stage)
    print(f'wrote {path}: {len(hands)} rows')


def write_meshes(
    args: argparse.Namespace,
    hands: list['NamedHand'],
    stage: 'Stage',
    faces: 'np.ndarray',
    fps: float,
) -> None:
    """A file of each hand, and one of each sequence of hands."""
    from hamuco_mm.export.animation import write_animation
    from hamuco_mm.export.meshes import write_mesh

    formats = [name for name in args.formats if name in MESH_FORMATS]
    tracks: dict[str, dict] = {}
    for hand in hands:
        if hand.vertices is None:
            field = (
                'vertices_world' if args.frame == 'world' else stage.field('vertices')
            )
            raise ValueError(
                f'{args.views} has no {field}, so there is no mesh {hand.name} to '
                'write; files of the inferencer have meshes with save_vertices '
                '(--save-vertices)'
            )
        for suffix in formats:
            path = args.out_dir / f'{hand.name}.{suffix}'
            write_mesh(path, hand.vertices, faces, hand.description)
        tracks.setdefault(hand.track, {})[hand.frame] = hand.vertices
    if formats:
        print(f'wrote {len(hands) * len(formats)} meshes to {args.out_dir}')
    if ANIMATION in args.formats:
        for name, meshes in tracks.items():
            path = args.out_dir / f'{name}_{ANIMATION}.glb'
            write_animation(path, meshes, faces, fps, f'{name}, metres')
            print(f'wrote {path}: {len(meshes)} frames')


def export(args: argparse.Namespace) -> None:
    """All files that the arguments ask for."""
    from hamuco_mm.evaluation.world_hands import placed_in_world
    from hamuco_mm.export.named_hands import chosen, named_hands
    from hamuco_mm.export.parameters import with_parameters
    from hamuco_mm.hand_model import MANOLayer
    from hamuco_mm.structures import PredictedViews, Stage

    views = PredictedViews.load(args.views)
    views, side = hands_of_side(views, args.views, args.side)
    stage = Stage(args.stage) if args.stage else views.latest_stage
    in_world = args.frame == 'world'
    if in_world:
        views = placed_in_world(views, stage)
    hand_model = MANOLayer(args.hand_model, side=side)
    if args.parameters:
        views = with_parameters(views, stage, hand_model, in_world)
    hands = named_hands(views, stage, in_world)
    shown = chosen(hands, args.items)  # or an error, before anything is written
    write_joints(args, views)
    if 'csv' in args.formats:
        write_table(args, hands, stage, side)
    if {*MESH_FORMATS, ANIMATION} & {*args.formats}:
        faces = hand_model.faces.numpy()
        fps = frame_rate(views, args.fps, ANIMATION in args.formats)
        write_meshes(args, shown, stage, faces, fps)


def refuse_to_replace(
    parser: argparse.ArgumentParser, args: argparse.Namespace
) -> None:
    """End the tool if a file of joints would replace the predictions, or stand in the
    inferencer's folder: that may have a table of the same name, and all JSON files
    there are taken for predictions."""
    of_inferencer = args.views.is_dir() or args.views.suffix == '.json'
    folder = args.views if args.views.is_dir() else args.views.parent
    if args.out_dir.resolve() != folder.resolve():
        return
    for suffix, name in JOINT_FILES.items():
        is_theirs = name == args.views.name or (of_inferencer and suffix != 'npz')
        if suffix in args.formats and is_theirs:
            parser.error(
                f'{name} would be among the predictions that it is made of, or replace '
                f'a file of theirs: choose another --out-dir than {args.out_dir}'
            )


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    animated = ANIMATION in args.formats
    meshes = animated or {*MESH_FORMATS} & {*args.formats}
    of_meshes = f'--formats {", ".join(MESH_FORMATS)} or {ANIMATION}'
    require_owner(parser, args, ['--items'], of_meshes, meshes)
    require_owner(parser, args, ['--fps'], f'--formats {ANIMATION}', animated)
    refuse_to_replace(parser, args)
    return args


def main() -> None:
    args = parse_args()

    import hamuco_mm  # noqa: F401, first: mmpose imports with mmcv-lite
    from hamuco_mm.utils.one_writer import only_writer

    try:
        with only_writer(args.out_dir, beside=True):
            export(args)
    except (ImportError, OSError, ValueError) as error:
        raise SystemExit(f'{Path(__file__).name}: {error}') from error


if __name__ == '__main__':
    main()
