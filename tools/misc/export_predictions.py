"""Write predictions as meshes and joints for other programs.

Reads the views that `tools/test.py CONFIG CHECKPOINT --dump views.npz` wrote,
the JSON files of the inferencer, or, joints only, the .predictions.npz of
HandMeshMetric. Meshes and joints are in metres; docs/deployment.md describes
the files.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import STAGES

if TYPE_CHECKING:
    import numpy as np

    from hamuco_mm.structures import PredictedViews

JOINT_FORMATS = ('json', 'npz')
MESH_FORMATS = ('obj', 'ply', 'glb')


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('views', type=Path, help='.npz or .json file of predictions')
    parser.add_argument(
        '--out-dir', type=Path, required=True, help='folder for the files'
    )
    parser.add_argument(
        '--formats',
        nargs='+',
        choices=[*MESH_FORMATS, *JOINT_FORMATS],
        default=['obj', 'json'],
        help=f'meshes ({", ".join(MESH_FORMATS)}; extra "3d") and joints '
        f'({", ".join(JOINT_FORMATS)}); default: obj json',
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
        help='meshes of these time steps only, counted from 0',
    )
    parser.add_argument(
        '--hand-model',
        metavar='FILE',
        help='MANO file that the model was trained with, for the faces '
        '(default: the open hand)',
    )
    parser.add_argument('--side', choices=['right', 'left'], default='right')
    return parser


def mesh_files(
    views: 'PredictedViews', args: argparse.Namespace
) -> Iterator[tuple[str, 'np.ndarray', str]]:
    """Yield (name, vertices, description) of each mesh asked for."""
    from hamuco_mm.evaluation.world_hands import place_in_world
    from hamuco_mm.structures import Stage

    stage = Stage(args.stage) if args.stage else views.latest_stage
    field = stage.field('vertices')
    known = {field}
    if args.frame == 'world' and stage is Stage.FUSION:
        known.add('vertices_world')
    if not known & views.predictions.keys():
        raise ValueError(
            f'{args.views} has no {field}, so there are no meshes of {stage} '
            f'to write; it has {sorted(views.predictions)}'
        )
    time_steps = views.time_steps()
    for item in range(len(time_steps)) if args.items is None else args.items:
        if not 0 <= item < len(time_steps):
            raise ValueError(
                f'there is no time step {item} in {args.views}, '
                f'which has {len(time_steps)}'
            )
        rows = time_steps[item]
        name = str(views.frame_id[rows[0]]).replace('/', '_') or str(item)
        if args.frame == 'world':
            hand = place_in_world(views, rows, stage)
            if hand.vertices is None:
                raise ValueError(
                    f'{args.views} has no mesh of {stage} for time step {name}'
                )
            yield (
                f'{name}_{stage}_world',
                hand.vertices,
                f'{stage} hand of {name}, metres, world frame',
            )
            continue
        for row in rows:
            view = str(views.camera_id[row]) or f'view{row - rows[0]}'
            view = f'cam{view}' if view.isdecimal() else view
            yield (
                f'{name}_{view}_{stage}',
                views.predictions[field][row],
                f'{stage} hand of {name}, metres, root-relative, frame of '
                f'{view} (x right, y down, z forward)',
            )


def main() -> None:
    args = build_parser().parse_args()

    import hamuco_mm  # noqa: F401, first: mmpose imports with mmcv-lite
    from hamuco_mm.export.joints import write_joints_json, write_joints_npz
    from hamuco_mm.export.meshes import write_mesh
    from hamuco_mm.hand_model import MANOLayer
    from hamuco_mm.structures import PredictedViews

    try:
        views = PredictedViews.load(args.views)
        for suffix in args.formats:
            if suffix in JOINT_FORMATS:
                write = dict(json=write_joints_json, npz=write_joints_npz)[suffix]
                write(args.out_dir / f'joints.{suffix}', views)
                print(
                    f'wrote {args.out_dir / f"joints.{suffix}"}: joints of '
                    f'{len(views)} views'
                )
        formats = [name for name in args.formats if name in MESH_FORMATS]
        if not formats:
            return
        faces = MANOLayer(args.hand_model, side=args.side).faces.numpy()
        number = 0
        for name, vertices, description in mesh_files(views, args):
            for suffix in formats:
                write_mesh(
                    args.out_dir / f'{name}.{suffix}', vertices, faces, description
                )
                number += 1
        print(f'wrote {number} meshes to {args.out_dir}')
    except (ImportError, OSError, ValueError) as error:
        raise SystemExit(f'{Path(__file__).name}: {error}') from error


if __name__ == '__main__':
    main()
