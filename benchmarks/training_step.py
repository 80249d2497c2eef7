"""A training step against the backbone's alone, and what each part costs.

The backbone's step has the same images, forward, backward and AdamW of its own
parameters. Both steps and the parts are timed in turn. On a GPU also images a
second in several precisions, with channels_last and with torch.compile.
Hold the allocator's settings equal when comparing runs, as
  MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=9999999999 MALLOC_TOP_PAD_=268435456
"""
import contextlib
import copy

from _network import build_network, make_batch
from _timing import (interleaved, make_parser, milliseconds, prepare,
                     print_table, ratio, report)

TARGET = {18: 1.15, 50: 1.2}
# What the authors' release took: seconds a step, 2 CPU cores, by depth and
# time steps of 8 views at 256x256.
RELEASE_SECONDS = {(18, 2): 1.37, (18, 4): 3.14, (50, 2): 5.60, (50, 4): 11.65}


def parse_args():
    parser = make_parser(__doc__)
    parser.add_argument('--depth', type=int, default=18, choices=(18, 50))
    parser.add_argument('--time-steps', type=int, default=4)
    parser.add_argument('--views', type=int, default=8)
    parser.add_argument('--size', type=int, default=256)
    parser.add_argument(
        '--no-channels-last', action='store_true', help='CPU: plain layout')
    parser.add_argument(
        '--no-fused', action='store_true', help='CPU: AdamW op by op')
    parser.add_argument(
        '--no-parts', action='store_true', help='CPU: the two steps alone')
    parser.add_argument(
        '--bf16', action='store_true', help='CPU: under bfloat16 autocast')
    return parser.parse_args()


class Workload:
    """One batch, HaMuCo, and a copy of its backbone with its own optimizer.

    Args:
        args (argparse.Namespace): Sizes.
        device (str): 'cpu' or 'cuda'.
        channels_last (bool): Memory format.
        dtype (torch.dtype, optional): Of autocast; None for float32.
        compiled (bool): Compile backbone, heads and interaction.
        fused (bool): One kernel for AdamW.
    """

    def __init__(self, args, device, channels_last, dtype=None,
                 compiled=False, fused=True):
        import torch
        self.device, self.dtype = device, dtype
        self.model = build_network(args.depth).to(device).train()
        self.images, self.samples = make_batch(args.time_steps, args.views,
                                               args.size, device)
        if channels_last:
            self.model.to(memory_format=torch.channels_last)
            self.images = self.images.contiguous(
                memory_format=torch.channels_last)
        self.backbone = copy.deepcopy(self.model.backbone)
        if compiled:
            for part in (self.backbone, self.model.backbone, self.model.head,
                         self.model.view_neck, self.model.view_head):
                part.compile()

        def adamw(module):
            return torch.optim.AdamW(
                module.parameters(), lr=1e-5, fused=fused)

        self.optimizer = adamw(self.model)
        self.backbone_optimizer = adamw(self.backbone)
        # the losses between views take turns; one is on, as in training
        self.model.loss_factors['loss_consistency_fusion'] = 0.

    def autocast(self):
        import torch
        if self.dtype is None:
            return contextlib.nullcontext()
        return torch.autocast(self.device, self.dtype)

    def step(self):
        """Of the whole network."""
        with self.autocast():
            losses = self.model.loss(self.images, self.samples)
        total, _ = self.model.parse_losses(losses)
        self.optimizer.zero_grad()
        total.backward()
        self.optimizer.step()

    def backbone_step(self):
        """Of the backbone, from a gradient of ones at its last map."""
        with self.autocast():
            total = self.backbone(self.images)[-1].sum()
        self.backbone_optimizer.zero_grad()
        total.backward()
        self.backbone_optimizer.step()

    def parts(self) -> dict:
        """Functions that do forward and backward of one part each."""
        import torch

        from hamuco_mm.structures import HandEstimate, HandMesh, ViewGroups
        model, samples = self.model, self.samples
        with torch.no_grad():
            feats = model.backbone(self.images)
        groups = ViewGroups.from_data_samples(samples, self.device)

        def leaves(tensors):
            return tuple(t.detach().requires_grad_() for t in tensors)

        def leaf_estimate(estimate):
            tensors = (estimate.mesh.vertices, estimate.mesh.joints,
                       estimate.pose, estimate.betas, estimate.camera,
                       estimate.keypoints_2d)
            vertices, joints, *others = leaves(tensors)
            return HandEstimate(HandMesh(vertices, joints), *others)

        with torch.no_grad():
            single = model.head(feats)
            graphs = model.view_neck(feats, single, groups)
            interact = model.view_head(graphs, single)

        def total(estimate):
            return sum(t.sum() for t in (
                estimate.mesh.vertices, estimate.mesh.joints, estimate.pose,
                estimate.betas, estimate.camera, estimate.keypoints_2d))

        def losses():
            from hamuco_mm.models.estimators.hamuco import MultiViewEstimate
            result = MultiViewEstimate(groups, leaf_estimate(single),
                                       leaf_estimate(interact))
            values = model.head.loss_by_estimate(result.single, samples,
                                                 'single')
            values.update(
                model.view_head.loss_by_estimate(result.interact, samples,
                                                 'interact'))
            values.update(model._view_losses(result, samples))
            model.parse_losses(values)[0].backward()

        return dict(
            interaction=lambda: model.view_neck(
                leaves(feats), leaf_estimate(single), groups).sum().backward(),
            heads_and_hand_model=lambda:
            (total(model.head(leaves(feats))) + total(
                model.view_head(graphs.detach().requires_grad_(), single))
             ).backward(),
            losses=losses,
            optimizer=self.optimizer.step)


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


def measure_cpu(args) -> None:
    import torch
    work = Workload(
        args,
        'cpu',
        not args.no_channels_last,
        dtype=torch.bfloat16 if args.bf16 else None,
        fused=not args.no_fused)
    calls = dict(step=work.step, backbone_step=work.backbone_step)
    if not args.no_parts and not args.bf16:
        calls.update(work.parts())
    seconds = interleaved(calls, args.rounds or (2 if args.quick else 5))
    step = seconds['step']
    print_table(
        'training step', ('part', 'milliseconds', 'share of the step'),
        [(name, milliseconds(times), ratio(times, step))
         for name, times in seconds.items()])
    name = f'train_step_over_backbone_res{args.depth}'
    ratios = {
        f'{name} (target <= {TARGET[args.depth]})':
        ratio(step, seconds['backbone_step'])
    }
    if 'losses' in seconds:
        rest = [
            a + b for a, b in zip(seconds['losses'],
                                  seconds['heads_and_hand_model'])
        ]
        ratios['besides_backbone_interaction_optimizer (target <= 0.02)'] = \
            ratio(rest, step)
    released = RELEASE_SECONDS.get((args.depth, args.time_steps))
    comparable = not args.cpu_time and torch.get_num_threads() == 2
    if released and args.views == 8 and args.size == 256 and comparable:
        ratios['release_seconds_over_step (another machine; target >= 1.25)'] \
            = ratio([released] * len(step), step)
    gflops = 3 * backbone_gflops(work.backbone, work.images)
    rate = matrix_rate('cpu')
    floor = gflops / rate
    print(f'floor: {gflops:.0f} GFLOP of the backbone at {rate:.0f} GFLOP/s '
          f'= {1000 * floor:.0f} ms')
    report(
        f'training_step_res{args.depth}',
        args,
        ratios,
        device='cpu',
        batch=[args.time_steps, args.views, args.size],
        channels_last=not args.no_channels_last,
        bf16=args.bf16,
        milliseconds={k: milliseconds(v)
                      for k, v in seconds.items()},
        floor=dict(
            backbone_gflop=gflops,
            matrix_gflop_per_second=rate,
            milliseconds=1000 * floor))


def measure_gpu(args) -> None:
    import torch
    num_images = args.time_steps * args.views
    rows, ratios = [], {}
    for precision in ('fp32', 'tf32', 'bf16'):
        torch.backends.cuda.matmul.allow_tf32 = precision == 'tf32'
        torch.backends.cudnn.allow_tf32 = precision == 'tf32'
        for channels_last in (False, True):
            for compiled in (False, True):
                torch.cuda.reset_peak_memory_stats()
                work = Workload(
                    args, 'cuda', channels_last,
                    torch.bfloat16 if precision == 'bf16' else None, compiled)
                seconds = interleaved(
                    dict(step=work.step, backbone_step=work.backbone_step),
                    args.rounds or (2 if args.quick else 20),
                    warmup=5)
                over = ratio(seconds['step'], seconds['backbone_step'])
                step_ms = milliseconds(seconds['step'])
                rows.append(
                    dict(
                        precision=precision,
                        channels_last=channels_last,
                        compiled=compiled,
                        images_per_second=round(1000 * num_images / step_ms),
                        step_ms=step_ms,
                        step_over_backbone=over,
                        peak_gib=round(
                            torch.cuda.max_memory_allocated() / 2**30, 2)))
                if precision == 'bf16' and channels_last and compiled:
                    ratios[f'train_step_over_backbone_res{args.depth}_gpu '
                           '(target <= 1.3)'] = over
                del work
    print_table('GPU', rows[0], [row.values() for row in rows])
    report(
        f'training_step_res{args.depth}_gpu', args, ratios, device='cuda',
        batch=[args.time_steps, args.views, args.size], rows=rows)


def main() -> None:
    args = parse_args()
    if args.quick:
        args.time_steps, args.views, args.size = 1, 2, 64
    import torch
    prepare(args)
    measure_cpu(args)
    if torch.cuda.is_available():
        measure_gpu(args)


if __name__ == '__main__':
    main()
