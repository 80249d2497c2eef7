"""Training steps as functions of tensors, on a GPU or to be tested on a CPU."""

import copy
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from _device_time import captured, clocked, rows_of, synchronize
from _network import autocast, build_network, make_batch

if TYPE_CHECKING:
    from torch import nn


class Sizes(NamedTuple):
    """Of the batches, and where they are."""

    device: str
    time_steps: int
    views: int
    pixels: int


class Step:
    """Training of HaMuCo as a function of tensors, and of its backbone alone.

    Everything is in place and capturable: AdamW in one kernel, its learning
    rate a tensor, bfloat16 autocast on a GPU.

    Args:
        depth (int): Of the ResNet.
        sizes (Sizes): Of the batch.
    """

    def __init__(self, depth: int, sizes: Sizes) -> None:
        import torch

        from hamuco_mm.structures import HandTargets

        self.device = sizes.device
        self.dtype = torch.bfloat16 if self.device == 'cuda' else None
        self.model = place(build_network(depth), self.device).train()
        self.model.loss_factors['loss_consistency_fusion'] = 0.0
        self.images, samples = make_batch(
            sizes.time_steps, sizes.views, sizes.pixels, self.device
        )
        self.images = self.images.contiguous(memory_format=torch.channels_last)
        self.targets = HandTargets.from_data_samples(samples, self.device)
        self.backbone = copy.deepcopy(self.model.backbone)

    def loss(self):
        """Of the whole network, a scalar."""
        losses = self.model.loss_from_targets(self.images, self.targets)
        return sum(value for name, value in losses.items() if name.startswith('loss'))

    def backbone_loss(self):
        """A gradient of ones at the last map."""
        return self.backbone(self.images)[-1].sum()

    def stepping(self, loss: Callable, module: 'nn.Module') -> Callable[[], None]:
        """One step with an optimizer of its own."""
        import torch

        on_gpu = self.device == 'cuda'
        optimizer = torch.optim.AdamW(
            module.parameters(),
            lr=torch.tensor(1e-5, device=self.device) if on_gpu else 1e-5,
            fused=True,
            capturable=on_gpu,
        )

        def step() -> None:
            with autocast(self.device, self.dtype):
                total = loss()
            optimizer.zero_grad()
            total.backward()
            optimizer.step()

        return step


def place(model: 'nn.Module', device: str) -> 'nn.Module':
    """On the device, in the layout of HanCo's configs."""
    import torch

    return model.to(device, memory_format=torch.channels_last)


def measure_steps(depth: int, sizes: Sizes, compiled: bool) -> tuple[list[dict], float]:
    """A step eager, captured and, if asked for, compiled, beside its backbone's.

    Returns:
        tuple: Lines of the table, and the seconds that compiling took.
    """
    import torch

    work = Step(depth, sizes)
    step = work.stepping(work.loss, work.model)
    backbone = work.stepping(work.backbone_loss, work.backbone)
    functions = {'step': step, 'step, captured': captured(step, sizes.device)}
    seconds = 0.0
    if compiled:
        whole = torch.compile(work.loss, fullgraph=True, dynamic=False)
        compiled_step = work.stepping(whole, work.model)
        start = time.perf_counter()
        compiled_step()
        synchronize(sizes.device)
        seconds = time.perf_counter() - start
        functions['step, compiled'] = compiled_step
        functions['step, compiled and captured'] = captured(compiled_step, sizes.device)
    functions['backbone'] = backbone
    functions['backbone, captured'] = captured(backbone, sizes.device)
    times = clocked(functions, sizes.device)
    over = ('backbone', 'backbone, captured')
    return rows_of(functions, times, sizes.device, over), seconds


def measure_accuracy(depth: int, sizes: Sizes) -> dict:
    """Largest differences between the device's losses and gradients and a
    CPU's, in float32, relative to the largest of each.

    On a CPU they are those between two thread counts, or none.
    """
    import torch

    from hamuco_mm.structures import HandTargets

    reference = build_network(depth).train()
    images, samples = make_batch(2, sizes.views, min(sizes.pixels, 128))
    results = []
    tf32 = torch.backends.cuda.matmul, torch.backends.cudnn
    before = [backend.allow_tf32 for backend in tf32]
    for backend in tf32:
        backend.allow_tf32 = False
    for device in ('cpu', sizes.device):
        model = copy.deepcopy(reference).to(device)
        targets = HandTargets.from_data_samples(samples, device)
        losses = model.loss_from_targets(images.to(device), targets)
        sum(v for k, v in losses.items() if k.startswith('loss')).backward()
        gradients = {k: p.grad.cpu() for k, p in model.named_parameters()}
        results.append(({k: v.item() for k, v in losses.items()}, gradients))
    for backend, allowed in zip(tf32, before):
        backend.allow_tf32 = allowed
    (losses, gradients), (others, other_gradients) = results
    return dict(
        losses=max(abs(others[k] - v) / max(abs(v), 1e-12) for k, v in losses.items()),
        gradients=max(
            float((other_gradients[k] - g).abs().max() / g.abs().max().clamp(min=1e-12))
            for k, g in gradients.items()
        ),
    )
