"""How long the metrics take over 100,000 samples.

PA-MPJPE and AUC of the joints, MPVPE (plain, scaled, after Procrustes
alignment) and F-scores of the meshes, as HandMeshMetric computes them: meshes
as they come, in batches of 64 views, joints of all views at the end and in
double precision. Predictions differ from the truth in pose and shape by some
6 mm after alignment.
"""

import argparse
from typing import TYPE_CHECKING

import _timing
from _timing import make_parser, prepare, print_table, report

if TYPE_CHECKING:
    from hamuco_mm.hand_model import HandMesh

BATCH = 64


def build_parser() -> argparse.ArgumentParser:
    parser = make_parser(__doc__)
    parser.add_argument('--samples', type=int, default=100_000)
    return parser


def make_hands(count: int) -> tuple['HandMesh', 'HandMesh']:
    """True and predicted hands of different poses and shapes."""
    import torch

    from hamuco_mm.geometry import axis_angle_to_matrix
    from hamuco_mm.hand_model import MANOLayer

    layer = MANOLayer()
    pose = 0.3 * torch.randn(count, 16, 3)
    pose[:, 1:] += layer.mean_pose
    betas = torch.randn(count, 10)
    with torch.no_grad():
        truth = layer(axis_angle_to_matrix(pose), betas)
        predicted = layer(
            axis_angle_to_matrix(pose + 0.15 * torch.randn_like(pose)),
            betas + 0.5 * torch.randn_like(betas),
        )
    return predicted, truth


def main() -> None:
    args = build_parser().parse_args()
    import torch

    prepare(args)

    from hamuco_mm.evaluation.functional import joint_errors, pck_auc
    from hamuco_mm.evaluation.hand_metrics import mesh_metrics

    samples = 256 if args.quick else args.samples
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    predicted, truth = (
        hands.map(lambda points: points.contiguous().to(device))
        for hands in make_hands(8 * BATCH if not args.quick else BATCH)
    )
    num_batches = -(-samples // BATCH)
    batches = [
        slice(
            BATCH * (i % (len(truth.joints) // BATCH)),
            BATCH * (i % (len(truth.joints) // BATCH)) + BATCH,
        )
        for i in range(num_batches)
    ]
    seconds, values = {}, {}

    start = _timing.clock()
    joints, true_joints = (
        torch.cat([hands.joints[rows] for rows in batches])[:samples].double()
        for hands in (predicted, truth)
    )
    errors = joint_errors(joints, true_joints, 'procrustes')
    values['PA-MPJPE_mm'] = 1000 * float(errors.mean())
    seconds['PA-MPJPE'] = _timing.clock() - start

    start = _timing.clock()
    values['AUC'] = pck_auc(errors)
    seconds['AUC'] = _timing.clock() - start

    def measure(rows):
        return mesh_metrics(
            predicted.vertices[rows],
            predicted.joints[rows],
            truth.vertices[rows],
            truth.joints[rows],
        )

    measure(batches[0])  # numba compiles, or loads what it has compiled
    start = _timing.clock()
    of_batches = [measure(rows) for rows in _timing.time_box.within(batches)]
    for name in of_batches[0]:
        values[name] = float(torch.cat([m[name] for m in of_batches]).mean())
    # as for all batches, where --minutes has left some out
    measured = _timing.clock() - start
    seconds['MPVPE and F-scores'] = measured * num_batches / len(of_batches)

    total = sum(seconds.values())
    print_table(
        f'{samples} samples',
        ('', 'seconds'),
        [(k, round(v, 2)) for k, v in seconds.items()],
    )
    report(
        'metrics',
        args,
        {
            'metrics_seconds_per_100k (target <= 10)': round(
                total * 100_000 / samples, 2
            )
        },
        samples=samples,
        device=device,
        seconds=seconds,
        values=values,
    )


if __name__ == '__main__':
    main()
