"""The hand model against smplx.MANO: forward, and forward with backward.

Both take axis-angles here, as smplx does; HaMuCo's networks give the layer
rotation matrices, which saves it the conversion ("from matrices"). manotorch
joins in where it is installed and --mano-assets names its files.
"""

import argparse
from typing import TYPE_CHECKING

from _timing import (
    interleaved,
    make_parser,
    milliseconds,
    prepare,
    print_table,
    ratio,
    report,
)

if TYPE_CHECKING:
    from torch import nn

BATCH_SIZES = (1, 8, 64, 512, 4096)
TARGET_BATCH = 64


def build_parser() -> argparse.ArgumentParser:
    parser = make_parser(__doc__)
    parser.add_argument(
        '--mano-assets', help="manotorch's mano_assets_root, a folder with MANO's files"
    )
    return parser


def build_smplx() -> 'nn.Module':
    """smplx's MANO, made of the open hand's arrays."""
    import contextlib
    import io

    import smplx
    from smplx.utils import Struct

    from hamuco_mm.hand_model import load_hand_model

    arrays = Struct(**load_hand_model().mano_arrays())
    with contextlib.redirect_stdout(io.StringIO()):  # remarks on the shape
        return smplx.MANO('', data_struct=arrays, use_pca=False, flat_hand_mean=True)


def make_calls(
    batch_size: int, backward: bool, device: str, mano_assets: str | None = None
) -> tuple[dict, float]:
    """Functions to time, by name; and the largest difference in metres."""
    import torch

    from hamuco_mm.geometry import axis_angle_to_matrix
    from hamuco_mm.hand_model import MANOLayer

    ours, reference = MANOLayer().to(device), build_smplx().to(device)
    pose = 0.4 * torch.randn(batch_size, 48, device=device)
    betas = torch.randn(batch_size, 10, device=device)
    matrices = axis_angle_to_matrix(pose.unflatten(1, (16, 3)))
    direction = torch.randn(batch_size, 778, 3, device=device)

    def from_smplx(pose, betas):
        return reference(
            betas=betas, global_orient=pose[:, :3], hand_pose=pose[:, 3:]
        ).vertices

    def from_axis_angles(pose, betas):
        return ours(axis_angle_to_matrix(pose.unflatten(1, (16, 3))), betas).vertices

    def from_matrices(matrices, betas):
        return ours(matrices, betas).vertices

    def call(function, *arguments):

        def run():
            if not backward:
                with torch.no_grad():
                    return function(*arguments)
            leaves = [value.detach().requires_grad_() for value in arguments]
            function(*leaves).backward(direction)
            return None

        return run

    difference = (
        (from_smplx(pose, betas) - from_axis_angles(pose, betas)).abs().max().item()
    )
    calls = dict(
        smplx=call(from_smplx, pose, betas),
        ours=call(from_axis_angles, pose, betas),
        ours_from_matrices=call(from_matrices, matrices, betas),
    )
    if mano_assets:
        from manotorch.manolayer import ManoLayer

        layer = ManoLayer(mano_assets_root=mano_assets).to(device)
        calls['manotorch'] = call(lambda p, b: layer(p, b).verts, pose, betas)
    return calls, difference


def main() -> None:
    args = build_parser().parse_args()
    import torch

    sizes = (1, TARGET_BATCH) if args.quick else BATCH_SIZES
    prepare(args, parts=2 * len(sizes))
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    rows, ratios, worst = [], {}, 0.0
    for batch_size in sizes:
        for backward in (False, True):
            calls, difference = make_calls(
                batch_size, backward, device, args.mano_assets
            )
            rounds = args.rounds or (2 if args.quick else 7 if batch_size > 512 else 31)
            seconds = interleaved(calls, rounds, warmup=2)
            worst = max(worst, difference)
            kind = 'forward + backward' if backward else 'forward'
            faster = ratio(seconds['smplx'], seconds['ours'])
            rows.append(
                dict(
                    batch=batch_size,
                    pass_=kind,
                    milliseconds={
                        name: milliseconds(times) for name, times in seconds.items()
                    },
                    smplx_over_ours=faster,
                    smplx_over_ours_from_matrices=ratio(
                        seconds['smplx'], seconds['ours_from_matrices']
                    ),
                )
            )
            if backward and batch_size == TARGET_BATCH:
                ratios['smplx_over_hand_model_batch_64 (target >= 1.5)'] = faster
                ratios['the same from matrices'] = rows[-1][
                    'smplx_over_ours_from_matrices'
                ]
    ratios['largest_difference_m (target <= 1e-5)'] = worst
    print_table(
        'milliseconds',
        (
            'batch',
            'pass',
            *rows[0]['milliseconds'],
            'smplx / ours',
            'smplx / ours from matrices',
        ),
        [
            (
                row['batch'],
                row['pass_'],
                *row['milliseconds'].values(),
                row['smplx_over_ours'],
                row['smplx_over_ours_from_matrices'],
            )
            for row in rows
        ],
    )
    report('hand_model', args, ratios, device=device, rows=rows)


if __name__ == '__main__':
    main()
