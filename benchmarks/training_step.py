"""A training step against the backbone's alone, and what each part costs.

The backbone's step has the same images, forward, backward and AdamW of its own
parameters. Both steps and the parts are timed in turn, on demand also the step
in bfloat16 and without what makes it faster. On a GPU also images per second in
several precisions, with channels_last and with torch.compile, and how many data
loader workers they need, where data_pipeline.py has said what one gives.
Hold the allocator's settings equal when comparing runs, as
  MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=9999999999 MALLOC_TOP_PAD_=268435456
"""

import argparse
import copy
import json
from contextlib import AbstractContextManager
from pathlib import Path

from _network import (
    NUM_GPU_VARIANTS,
    autocast,
    autocast_dtype,
    build_network,
    compile_parts,
    gpu_variants,
    make_batch,
    peak_gib,
)
from _timing import (
    add_device,
    chosen_device,
    interleaved,
    make_parser,
    milliseconds,
    prepare,
    print_table,
    ratio,
    report,
)

TARGET = {18: 1.15, 50: 1.2}
# What the authors' release took: seconds per step, 2 CPU cores, by depth and
# time steps of 8 views at 256x256.
RELEASE_SECONDS = {(18, 2): 1.37, (18, 4): 3.14, (50, 2): 5.60, (50, 4): 11.65}


def build_parser() -> argparse.ArgumentParser:
    parser = make_parser(__doc__)
    parser.add_argument('--depth', type=int, default=18, choices=(18, 50))
    parser.add_argument('--time-steps', type=int, default=4)
    parser.add_argument('--views', type=int, default=8)
    parser.add_argument('--size', type=int, default=256)
    parser.add_argument(
        '--no-parts', action='store_true', help='CPU: the two steps alone'
    )
    parser.add_argument(
        '--bf16',
        action='store_true',
        help='CPU: also the step under bfloat16 autocast, which is slow '
        'without avx512_bf16 or AMX',
    )
    parser.add_argument(
        '--plain',
        action='store_true',
        help='CPU: also the step in the plain layout, with AdamW op by op',
    )
    parser.add_argument(
        '--compile', action='store_true', help='CPU: also the compiled step, in minutes'
    )
    add_device(parser)
    return parser


class Workload:
    """One batch, HaMuCo, and a copy of its backbone with its own optimizer.

    ``network`` is what the step calls: the model, or what wraps it.

    Args:
        args (argparse.Namespace): Sizes.
        device (str): 'cpu' or 'cuda'.
        channels_last (bool): Memory format.
        dtype (torch.dtype, optional): Of autocast; None for float32.
        compiled (bool): Compile backbone, heads and interaction.
        fused (bool): One kernel for AdamW.
    """

    def __init__(
        self, args, device, channels_last, dtype=None, compiled=False, fused=True
    ):
        import torch

        self.device, self.dtype = device, dtype
        self.memory_format = (
            torch.channels_last if channels_last else torch.contiguous_format
        )
        self.model = (
            build_network(args.depth)
            .to(device, memory_format=self.memory_format)
            .train()
        )
        self.network = self.model
        self._make_batch(args.time_steps, args.views, args.size)
        self.backbone = copy.deepcopy(self.model.backbone)
        if compiled:
            self.backbone.compile()
            compile_parts(self.model)

        def adamw(module):
            return torch.optim.AdamW(module.parameters(), lr=1e-5, fused=fused)

        self.optimizer = adamw(self.model)
        self.backbone_optimizer = adamw(self.backbone)
        # the losses between views take turns; one is on, as in training
        self.model.loss_factors['loss_consistency_fusion'] = 0.0

    def _make_batch(self, time_steps, views, size):
        images, self.samples = make_batch(time_steps, views, size, self.device)
        self.images = images.contiguous(memory_format=self.memory_format)

    def with_batch(self, time_steps: int, views: int, size: int) -> 'Workload':
        """The same networks and optimizers, another batch."""
        other = copy.copy(self)
        other._make_batch(time_steps, views, size)
        return other

    def with_dtype(self, dtype) -> 'Workload':
        """The same networks, optimizers and batch, under autocast."""
        other = copy.copy(self)
        other.dtype = dtype
        return other

    def autocast(self) -> AbstractContextManager:
        return autocast(self.device, self.dtype)

    def step(self) -> None:
        """Of the whole network."""
        with self.autocast():
            losses = self.network(self.images, self.samples, mode='loss')
        total, _ = self.model.parse_losses(losses)
        self.optimizer.zero_grad()
        total.backward()
        self.optimizer.step()

    def backbone_step(self) -> None:
        """Of the backbone, from a gradient of ones at its last map."""
        with self.autocast():
            total = self.backbone(self.images)[-1].sum()
        self.backbone_optimizer.zero_grad()
        total.backward()
        self.backbone_optimizer.step()

    def parts(self) -> dict:
        """Functions that do forward and backward of one part each."""
        import torch

        from hamuco_mm.structures import HandEstimate, HandMesh, HandTargets, Stage

        model, samples = self.model, self.samples
        with torch.no_grad(), self.autocast():
            feats = model.backbone(self.images)
        groups = HandTargets.from_data_samples(samples, self.device).frames.groups

        def leaves(tensors):
            return tuple(t.detach().requires_grad_() for t in tensors)

        def leaf_estimate(estimate):
            tensors = (
                estimate.mesh.vertices,
                estimate.mesh.joints,
                estimate.pose,
                estimate.betas,
                estimate.camera,
                estimate.keypoints_2d,
                estimate.origin,
            )
            vertices, joints, *others = leaves(tensors)
            return HandEstimate(HandMesh(vertices, joints), *others)

        with torch.no_grad(), self.autocast():
            single = model.head(feats)
            graphs = model.view_neck(feats, single, groups)
            interact = model.view_head(graphs, single)

        def total(estimate):
            return sum(
                t.sum()
                for t in (
                    estimate.mesh.vertices,
                    estimate.mesh.joints,
                    estimate.pose,
                    estimate.betas,
                    estimate.camera,
                    estimate.keypoints_2d,
                )
            )

        def interaction():
            with self.autocast():
                graphs = model.view_neck(leaves(feats), leaf_estimate(single), groups)
            graphs.sum().backward()

        def heads():
            with self.autocast():
                both = total(model.head(leaves(feats))) + total(
                    model.view_head(graphs.detach().requires_grad_(), single)
                )
            both.backward()

        def losses():
            from hamuco_mm.models.estimators import MultiViewEstimate

            result = MultiViewEstimate(
                groups, leaf_estimate(single), leaf_estimate(interact)
            )
            targets = HandTargets.from_data_samples(samples, self.device)
            values = model.head.losses(result.single, targets, Stage.SINGLE)
            values.update(
                model.view_head.losses(result.interact, targets, Stage.INTERACT)
            )
            values.update(
                model.loss_between_views(result, targets.frames, model.active_factors)
            )
            model.parse_losses(values)[0].backward()

        return dict(
            interaction=interaction,
            heads_and_hand_model=heads,
            losses=losses,
            optimizer=self.optimizer.step,
        )


def matrix_rate(device, size=2048) -> float:
    """Measured rate of float32 matrix products, GFLOP/s."""
    import torch

    a, b = (torch.randn(size, size, device=device) for _ in range(2))
    seconds = interleaved(dict(mm=lambda: a @ b), 5)['mm']
    return 2 * size**3 / min(seconds) / 1e9


def backbone_gflops(backbone, images) -> float:
    """Floating-point operations of a forward pass, counted by PyTorch."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter, torch.no_grad():
        backbone(images)
    return counter.get_total_flops() / 1e9


def step_variants(args: argparse.Namespace, work: Workload) -> dict:
    """The steps that the options ask for besides ``work``'s."""
    import torch

    variants = {}
    if args.plain:
        variants['plain'] = Workload(args, 'cpu', channels_last=False, fused=False)
    if args.compile:
        variants['compiled'] = Workload(args, 'cpu', channels_last=True, compiled=True)
    if args.bf16:
        variants['bf16'] = work.with_dtype(torch.bfloat16)
    if args.bf16 and args.compile:
        variants['bf16_compiled'] = variants['compiled'].with_dtype(torch.bfloat16)
    return variants


def measure_cpu(args: argparse.Namespace) -> None:
    import torch

    work = Workload(args, 'cpu', channels_last=True)
    calls = dict(step=work.step, backbone_step=work.backbone_step)
    variants = step_variants(args, work)
    calls.update({f'step ({name})': variant.step for name, variant in variants.items()})
    if not args.no_parts:
        calls.update(work.parts())
    # oneDNN builds what it needs for these shapes in the first rounds
    seconds = interleaved(calls, args.rounds or (2 if args.quick else 5), warmup=2)
    step = seconds['step']
    print_table(
        'training step',
        ('part', 'milliseconds', 'share of the step'),
        [
            (name, milliseconds(times), ratio(times, step))
            for name, times in seconds.items()
        ],
    )
    name = f'train_step_over_backbone_res{args.depth}'
    ratios = {
        f'{name} (target <= {TARGET[args.depth]})': ratio(
            step, seconds['backbone_step']
        )
    }
    if 'losses' in seconds:
        rest = [
            a + b for a, b in zip(seconds['losses'], seconds['heads_and_hand_model'])
        ]
        ratios['besides_backbone_interaction_optimizer (target <= 0.02)'] = ratio(
            rest, step
        )
    released = RELEASE_SECONDS.get((args.depth, args.time_steps))
    comparable = (
        released
        and args.views == 8
        and args.size == 256
        and not args.cpu_time
        and torch.get_num_threads() == 2
    )
    if comparable:
        ratios['release_seconds_over_step (another machine; target >= 1.25)'] = ratio(
            [released] * len(step), step
        )
    for name in variants:
        times = seconds[f'step ({name})']
        ratios[f'step_over_step_{name}'] = ratio(step, times)
        if comparable:
            ratios[f'release_seconds_over_step_{name} (another machine)'] = ratio(
                [released] * len(step), times
            )
    gflops = 3 * backbone_gflops(work.backbone, work.images)
    rate = matrix_rate('cpu')
    floor = gflops / rate
    print(
        f'floor: {gflops:.0f} GFLOP of the backbone at {rate:.0f} GFLOP/s '
        f'= {1000 * floor:.0f} ms'
    )
    report(
        f'training_step_res{args.depth}',
        args,
        ratios,
        device='cpu',
        batch=[args.time_steps, args.views, args.size],
        milliseconds={k: milliseconds(v) for k, v in seconds.items()},
        floor=dict(
            backbone_gflop=gflops,
            matrix_gflop_per_second=rate,
            milliseconds=1000 * floor,
        ),
    )


def measure_gpu(args: argparse.Namespace) -> None:
    rows = [
        dict(variant, **measure_variant(args, **variant)) for variant in gpu_variants()
    ]
    fastest = max(row['images_per_second'] for row in rows)
    ratios = {
        f'train_step_over_backbone_res{args.depth}_gpu (target <= 1.3)': next(
            row['step_over_backbone']
            for row in rows
            if row['precision'] == 'bf16' and row['channels_last'] and row['compiled']
        )
    }
    print_table('GPU', rows[0], [row.values() for row in rows])
    worker = images_per_worker(args.out_dir)
    if worker is None:
        print(
            'run data_pipeline.py first to see how many data loader workers '
            f'give {fastest} images per second'
        )
    else:
        print(
            f'the fastest step takes {fastest} images per second; one data '
            f'loader worker on a core of its own gives {worker:.0f}'
        )
        ratios['data_workers_to_keep_up'] = round(fastest / worker, 1)
    report(
        f'training_step_res{args.depth}_gpu',
        args,
        ratios,
        device='cuda',
        batch=[args.time_steps, args.views, args.size],
        rows=rows,
    )


def measure_variant(
    args: argparse.Namespace, precision: str, channels_last: bool, compiled: bool
) -> dict:
    """One line of the table for the GPU."""
    work = Workload(args, 'cuda', channels_last, autocast_dtype(precision), compiled)
    seconds = interleaved(
        dict(step=work.step, backbone_step=work.backbone_step),
        args.rounds or (2 if args.quick else 20),
        warmup=5,
    )
    step_ms = milliseconds(seconds['step'])
    work.backbone = work.backbone_optimizer = None  # no part of training
    return dict(
        images_per_second=round(1000 * len(work.images) / step_ms),
        step_ms=step_ms,
        step_over_backbone=ratio(seconds['step'], seconds['backbone_step']),
        peak_gib=peak_gib(work.step),
    )


def images_per_worker(out_dir: str | Path) -> float | None:
    """Images per second of one process of the data pipeline, as measured on
    this machine; None if it was not."""
    from data_pipeline import VIEWS

    path = Path(out_dir) / 'data_pipeline.json'
    content = json.loads(path.read_text()) if path.is_file() else {}
    for name, milliseconds_a_step in content.get('ratios', {}).items():
        if name.startswith('data_ms_per_time_step') and not content['quick']:
            return 1000 * VIEWS / milliseconds_a_step
    return None


def main() -> None:
    args = build_parser().parse_args()
    if args.quick:
        args.time_steps, args.views, args.size = 1, 2, 64
    device = chosen_device(args)
    if device == 'cpu':
        prepare(args)
        measure_cpu(args)
    else:
        prepare(args, parts=NUM_GPU_VARIANTS)
        measure_gpu(args)


if __name__ == '__main__':
    main()
