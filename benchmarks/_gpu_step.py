"""Training steps as functions of tensors, on a GPU or to be tested on a CPU."""

import copy
import time
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, NamedTuple

from _device_time import captured, clocked, rows_of, synchronize
from _network import autocast, build_network, make_batch

if TYPE_CHECKING:
    from torch import nn


# Of HanCo's configs.
_DATA_PREPROCESSOR = dict(
    type='HandDataPreprocessor',
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    bgr_to_rgb=True,
    non_blocking=True,
)


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


class TrainStep:
    """MMEngine's ``train_step`` of HaMuCo: a batch of bytes and samples, moved to
    the device and normalised, losses, and the optimizer of HanCo's configs.

    Args:
        depth (int): Of the ResNet.
        sizes (Sizes): Of the batches, and their device.
        recorded (bool): By ``CapturedStepHook``; it does nothing on a CPU.
        compiled (bool): Whether the hook compiles, too.
    """

    def __init__(
        self, depth: int, sizes: Sizes, recorded: bool, compiled: bool
    ) -> None:
        import torch
        from mmpose.registry import MODELS

        from hamuco_mm.engine import BFloat16OptimWrapper, CapturedStepHook

        self.model = build_network(depth)
        self.model.data_preprocessor = MODELS.build(_DATA_PREPROCESSOR)
        self.model = place(self.model, sizes.device).train()
        self.model.loss_factors['loss_consistency_fusion'] = 0.0
        self.optim_wrapper = BFloat16OptimWrapper(
            optimizer=torch.optim.AdamW(self.model.parameters(), lr=1e-5, fused=True)
        )
        if recorded:
            runner = SimpleNamespace(model=self.model)
            CapturedStepHook(compile=compiled).before_train(runner)

    def __call__(self, batch: dict) -> dict:
        """One step; see MMEngine's ``BaseModel.train_step``."""
        return self.model.train_step(batch, self.optim_wrapper)

    def warm_up(self, batch: dict) -> None:
        """So many steps that this kind of batch is recorded."""
        for _ in range(6):
            self(batch)


def make_bytes(sizes: Sizes) -> dict:
    """A batch as the data loader gives it, in pinned memory for a GPU."""
    import torch

    images, samples = make_batch(sizes.time_steps, sizes.views, sizes.pixels)
    images = (50 * images + 128).clamp(0, 255).byte()
    images = images.contiguous(memory_format=torch.channels_last)
    if sizes.device == 'cuda':
        images = images.pin_memory()
    return dict(inputs=images, data_samples=samples)


def place(model: 'nn.Module', device: str) -> 'nn.Module':
    """On the device, in the layout of HanCo's configs."""
    import torch

    return model.to(device, memory_format=torch.channels_last)


def measure_steps(depth: int, sizes: Sizes, compiled: bool) -> tuple[list[dict], float]:
    """A step eager, captured and, if asked for, compiled, beside its backbone's;
    and all of MMEngine's ``train_step``, as it is and as ``CapturedStepHook``
    records it.

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
    batch = make_bytes(sizes)
    for name, recorded in (('train_step', False), ('train_step, recorded', True)):
        train_step = TrainStep(depth, sizes, recorded, compiled)
        if sizes.device == 'cuda':
            train_step.warm_up(batch)
        functions[name] = partial(train_step, batch)
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
