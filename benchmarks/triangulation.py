"""Time the triangulation of many time steps, and its error.

Hands of random size and place, seen by cameras around them; labels with noise
and, in some views, wrong places. Prints a table and writes it as JSON.
"""

import argparse
import json
import os
import time
from pathlib import Path

PIXEL_NOISE = 3.
SHARE_WRONG = .15
WRONG_SPREAD = 40.


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        '--time-steps', type=int, default=10000, help='default: 10000')
    parser.add_argument('--views', type=int, default=8, help='default: 8')
    parser.add_argument(
        '--threads', type=int, help='of PyTorch (default: all)')
    parser.add_argument(
        '--out',
        metavar='JSON',
        type=Path,
        default='work_dirs/benchmarks/triangulation.json',
        help='default: %(default)s')
    return parser.parse_args()


def make_labels(num_steps: int, num_views: int):
    """Pixels (B, V, 21, 2) of images 256 wide, cameras (B, V, 3, 4),
    confidences (B, V, 21) and true joints (B, 21, 3)."""
    import torch

    from hamuco_mm.evaluation.baselines import mean_hand
    from hamuco_mm.geometry import (look_at, project, projection_matrix,
                                    world_to_camera)
    generator = torch.Generator().manual_seed(0)

    def normal(*shape):
        return torch.randn(*shape, generator=generator).double()

    hand = mean_hand().joints
    turn = torch.linalg.qr(normal(num_steps, 3, 3)).Q
    joints = (hand - hand.mean(0)) * (1 + .08 * normal(num_steps, 1, 1))
    joints = joints @ turn * torch.linalg.det(turn)[:, None, None]
    joints = joints + .02 * normal(num_steps, 1, 3)
    angle = torch.arange(num_views) * 2 * torch.pi / num_views
    eye = torch.stack([angle.cos(), angle.sin(), .5 * (-1)**torch.arange(
        num_views)], -1).double()
    R = look_at(eye, torch.zeros(3).double(), torch.eye(3)[2].double())
    t = -(R @ eye[..., None])[..., 0]
    K = torch.tensor([[1000., 0, 128], [0, 1000, 128], [0, 0, 1]]).double()
    K = K.expand(num_views, 3, 3)
    points2d = project(world_to_camera(joints[:, None], R, t), K)
    wrong = torch.rand(points2d.shape[:-1], generator=generator) < SHARE_WRONG
    spread = torch.where(wrong, WRONG_SPREAD, PIXEL_NOISE)
    points2d = points2d + spread[..., None] * normal(*points2d.shape)
    confidence = torch.rand(points2d.shape[:-1], generator=generator)
    confidence = torch.where(wrong, .5, 1.) * (.5 + .5 * confidence)
    projection = projection_matrix(K, R, t).expand(num_steps, -1, -1, -1)
    return points2d, projection, confidence.double(), joints


def methods(hand_joints):
    """Name -> function of labels, cameras and confidences."""
    from hamuco_mm.geometry.pictorial import (bone_length_limits,
                                              triangulate_pictorial)
    from hamuco_mm.geometry.triangulation import (triangulate_dlt,
                                                  triangulate_ransac)
    from hamuco_mm.hand_model import HAND_BONES
    limits = bone_length_limits(hand_joints, HAND_BONES)
    return {
        'DLT':
        lambda points2d, P, w: triangulate_dlt(points2d, P),
        'weighted DLT':
        triangulate_dlt,
        'RANSAC':
        lambda points2d, P, w: triangulate_ransac(points2d, P, None, 20.).
        points,
        'pictorial':
        lambda points2d, P, w: triangulate_pictorial(
            points2d, P, w, HAND_BONES, limits, 20.).points,
        'OpenCV, two views':
        opencv_two_views
    }


def opencv_two_views(points2d, projection, weights):
    """``cv2.triangulatePoints`` of the first two views, step by step, as it
    takes one pair of cameras at a time."""
    import cv2
    import numpy as np
    import torch
    points2d, projection = points2d.numpy(), projection.numpy()
    found = []
    for labels, P in zip(points2d, projection):
        homogeneous = cv2.triangulatePoints(P[0], P[1], labels[0].T,
                                            labels[1].T)
        found.append((homogeneous[:3] / homogeneous[3]).T)
    return torch.from_numpy(np.stack(found))


def main() -> None:
    args = parse_args()

    import torch

    from hamuco_mm.evaluation.baselines import mean_hand
    from hamuco_mm.visualization.tables import print_table

    if args.threads:
        torch.set_num_threads(args.threads)
    points2d, projection, weights, truth = make_labels(args.time_steps,
                                                       args.views)
    rows = {}
    for name, triangulate in methods(mean_hand().joints).items():
        # the first call sets up threads and libraries
        triangulate(points2d[:8], projection[:8], weights[:8])
        start, start_cpu = time.perf_counter(), time.process_time()
        points = triangulate(points2d, projection, weights)
        rows[name] = dict(
            seconds=time.perf_counter() - start,
            cpu_seconds=time.process_time() - start_cpu,
            mpjpe_mm=1000 * float((points - truth).norm(dim=-1).mean()))
    result = dict(
        time_steps=args.time_steps,
        views=args.views,
        joints=points2d.shape[2],
        threads=torch.get_num_threads(),
        cores=os.cpu_count(),
        load=os.getloadavg()[0],
        torch=str(torch.__version__),
        methods=rows)
    print_table(
        f'{args.time_steps} time steps of {args.views} views, '
        f'{torch.get_num_threads()} threads',
        ['', 'seconds', 'CPU seconds', 'error, mm'],
        [[name, *(f'{value:.2f}' for value in row.values())]
         for name, row in rows.items()])
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(result, indent=2) + '\n')
    print(f'wrote {args.out}')


if __name__ == '__main__':
    main()
