"""Time and accuracy of placing 10,000 time steps in the world.

Hands of random size and place, seen by cameras around them; labels with noise
and, in some views, wrong places. Triangulation has the labels alone.
Opt-Center also has root-relative hands of a wrong size with errors, and takes
batches, as a model predicts them. OpenCV triangulates two views, one time step
after the other, as each may have cameras of its own; compare it
with DLT of the same two.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, fields
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
    from torch import Tensor

PIXEL_NOISE = 3.0
SHARE_WRONG = 0.15
WRONG_SPREAD = 40.0
# Of the predicted hands: standard deviations of the size, and of each
# coordinate in metres.
SIZE_ERROR = 0.05
HAND_NOISE = 0.005
THRESHOLD = 20.0  # of `OptCenter`, pixels
OPT_CENTER_BATCH = 256
UNIT = 10_000  # time steps that the seconds are for


def build_parser() -> argparse.ArgumentParser:
    parser = make_parser(__doc__)
    parser.add_argument(
        '--time-steps', type=int, default=UNIT, help='default: %(default)s'
    )
    parser.add_argument('--views', type=int, default=8, help='default: %(default)s')
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    if args.views < 2 or args.time_steps < 1:
        parser.error('needs two views and one time step at least')
    return args


@dataclass
class Scene:
    """B time steps of V views, double precision, metres and pixels of images
    256 wide.

    Attributes:
        points2d (Tensor): Labels, (B, V, 21, 2).
        confidence (Tensor): (B, V, 21).
        K, R, t (Tensor): (B, V, 3, 3), (B, V, 3, 3), (B, V, 3).
        projection (Tensor): (B, V, 3, 4).
        joints (Tensor): True, in the world, (B, 21, 3).
        hands (Tensor): Predicted, root-relative, (B, 21, 3).
    """

    points2d: 'Tensor'
    confidence: 'Tensor'
    K: 'Tensor'
    R: 'Tensor'
    t: 'Tensor'
    projection: 'Tensor'
    joints: 'Tensor'
    hands: 'Tensor'

    def map(self, function: Callable) -> 'Scene':
        return Scene(*(function(getattr(self, field.name)) for field in fields(self)))


def make_scene(num_steps: int, num_views: int) -> Scene:
    import torch

    from hamuco_mm.evaluation.baselines import mean_hand
    from hamuco_mm.geometry import look_at, project, projection_matrix, world_to_camera
    from hamuco_mm.hand_model.topology import ROOT_JOINT

    generator = torch.Generator().manual_seed(0)

    def normal(*shape):
        return torch.randn(*shape, generator=generator).double()

    hand = mean_hand().joints
    turn = torch.linalg.qr(normal(num_steps, 3, 3)).Q
    joints = (hand - hand.mean(0)) * (1 + 0.08 * normal(num_steps, 1, 1))
    joints = joints @ turn * torch.linalg.det(turn)[:, None, None]
    joints = joints + 0.02 * normal(num_steps, 1, 3)
    angle = torch.arange(num_views) * 2 * torch.pi / num_views
    eye = torch.stack(
        [angle.cos(), angle.sin(), 0.5 * (-1) ** torch.arange(num_views)], -1
    ).double()
    R = look_at(eye, torch.zeros(3).double(), torch.eye(3)[2].double())
    t = -(R @ eye[..., None])[..., 0]
    K = torch.tensor([[1000.0, 0, 128], [0, 1000, 128], [0, 0, 1]]).double()
    K = K.expand(num_views, 3, 3)
    points2d = project(world_to_camera(joints[:, None], R, t), K)
    wrong = torch.rand(points2d.shape[:-1], generator=generator) < SHARE_WRONG
    spread = torch.where(wrong, WRONG_SPREAD, PIXEL_NOISE)
    points2d = points2d + spread[..., None] * normal(*points2d.shape)
    confidence = torch.rand(points2d.shape[:-1], generator=generator)
    confidence = torch.where(wrong, 0.5, 1.0) * (0.5 + 0.5 * confidence)
    hands = joints * (1 + SIZE_ERROR * normal(num_steps, 1, 1))
    hands = hands + HAND_NOISE * normal(*hands.shape)
    hands = hands - hands[:, ROOT_JOINT, None]

    def every(camera):
        return camera.expand(num_steps, *camera.shape)

    return Scene(
        points2d,
        confidence.double(),
        every(K),
        every(R),
        every(t),
        every(projection_matrix(K, R, t)),
        joints,
        hands,
    )


def methods(scene: Scene) -> dict:
    """Name -> function that places all time steps, (B, 21, 3)."""
    import torch

    from hamuco_mm.cameras import Cameras
    from hamuco_mm.cameras.center_fitting import fit_center
    from hamuco_mm.evaluation.baselines import mean_hand
    from hamuco_mm.geometry.pictorial import bone_length_limits, triangulate_pictorial
    from hamuco_mm.geometry.triangulation import triangulate_dlt, triangulate_ransac
    from hamuco_mm.hand_model import HAND_BONES

    limits = bone_length_limits(mean_hand().joints, HAND_BONES)
    points2d, projection = scene.points2d, scene.projection
    weights = scene.confidence

    def opt_center(with_scale):
        placed = []
        for hands, seen, *camera in zip(
            *(
                tensor.split(OPT_CENTER_BATCH)
                for tensor in (scene.hands, points2d, scene.K, scene.R, scene.t)
            )
        ):
            fit = fit_center(
                hands,
                seen,
                Cameras(*camera),
                noise=THRESHOLD,
                with_scale=with_scale,
            )
            placed.append(fit.place(hands))
        return torch.cat(placed)

    return {
        'DLT': lambda: triangulate_dlt(points2d, projection),
        'weighted DLT': lambda: triangulate_dlt(points2d, projection, weights),
        'RANSAC': lambda: (
            triangulate_ransac(points2d, projection, None, THRESHOLD).points
        ),
        'pictorial': lambda: (
            triangulate_pictorial(
                points2d, projection, weights, HAND_BONES, limits, THRESHOLD
            ).points
        ),
        'Opt-Center': lambda: opt_center(False),
        'Opt-Center with scale': lambda: opt_center(True),
        'DLT, two views': lambda: triangulate_dlt(points2d[:, :2], projection[:, :2]),
        'OpenCV, two views': opencv_two_views(scene),
    }


def opencv_two_views(scene: Scene) -> Callable[[], 'Tensor']:
    """``cv2.triangulatePoints`` of the first two views; on the CPU, also
    where the others are on a GPU."""
    import cv2
    import numpy as np
    import torch

    points2d, projection = scene.points2d, scene.projection
    pixels, cameras = points2d.cpu().numpy(), projection.cpu().numpy()

    def triangulate():
        found = []
        for labels, P in zip(pixels, cameras):
            homogeneous = cv2.triangulatePoints(P[0], P[1], labels[0].T, labels[1].T)
            found.append((homogeneous[:3] / homogeneous[3]).T)
        return torch.from_numpy(np.stack(found))

    return triangulate


def key(name: str) -> str:
    """The method's name in the ratios."""
    return name.lower().replace(',', '').replace('-', '_').replace(' ', '_')


def main() -> None:
    args = parse_args()
    time_steps = 64 if args.quick else args.time_steps
    import torch

    prepare(args)

    from hamuco_mm.evaluation.functional import joint_errors

    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    scene = make_scene(time_steps, args.views).map(lambda x: x.to(device))
    functions = methods(scene)
    truth = scene.joints.cpu()
    errors = {}
    for name, place in functions.items():  # the warm-up as well
        points = place().cpu()
        errors[name] = dict(
            mpjpe_mm=1000 * float((points - truth).norm(dim=-1).mean()),
            pa_mpjpe_mm=1000 * float(joint_errors(points, truth, 'procrustes').mean()),
        )
    seconds = interleaved(functions, args.rounds or (2 if args.quick else 3), warmup=0)

    rows = {
        name: dict(
            seconds_per_10000=milliseconds(times) / 1000 * UNIT / time_steps,
            **errors[name],
        )
        for name, times in seconds.items()
    }
    ratios = {
        f'{key(name)}_over_weighted_dlt': ratio(times, seconds['weighted DLT'])
        for name, times in seconds.items()
        if name != 'weighted DLT' and 'two views' not in name
    }
    ratios['opencv_two_views_over_dlt_two_views'] = ratio(
        seconds['OpenCV, two views'], seconds['DLT, two views']
    )
    ratios.update(
        {
            f'seconds_per_10000_{key(name)}': round(row['seconds_per_10000'], 3)
            for name, row in rows.items()
        }
    )
    print_table(
        f'{time_steps} time steps of {args.views} views, {device}, '
        f'{torch.get_num_threads()} threads',
        ('', 'seconds per 10,000', 'error, mm', 'after Procrustes, mm'),
        [
            (name, *(f'{value:.2f}' for value in row.values()))
            for name, row in rows.items()
        ],
    )
    report(
        'triangulation',
        args,
        ratios,
        device=device,
        time_steps=time_steps,
        views=args.views,
        joints=scene.joints.shape[1],
        methods=rows,
    )


if __name__ == '__main__':
    main()
