"""Training steps that a GPU runs as one recorded program."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from mmengine.optim import OptimWrapper
from torch import Tensor
from torch.optim import Adam, AdamW, Optimizer

from ..models import HaMuCo
from ..structures import HandTargets, Stage
from ..utils.cuda_graphs import Graph
from .optim_wrappers import BFloat16OptimWrapper
from .recorded_kinds import TOLERANCE, CannotRecordError, RecordedKinds

# Steps of a kind that run op by op before it is recorded.
_WARM_UP_STEPS = 3
# against labels of 2D joints
_OF_LABELS = ('loss_kpt_single', 'loss_mixed_views')

Batch = tuple[Tensor, HandTargets]


class CapturedStep:
    """Replaces the ``train_step`` of a :class:`HaMuCo`.

    A step is everything from images and labels to losses, gradients, their
    clipping and the optimizer. Steps of the same kind (active losses, shapes,
    labels at hand) run op by op at first, are then recorded once, and replayed
    from then on. A kind that cannot be recorded goes on op by op, and the log
    says so once.

    Args:
        model (HaMuCo): The network.
        graph_type (type): What records a program.
    """

    def __init__(self, model: HaMuCo, graph_type: type[Graph]) -> None:
        self.model = model
        self.graph_type = graph_type
        self._kinds: RecordedKinds[_RecordedStep] = RecordedKinds(_WARM_UP_STEPS)

    def __call__(self, data: dict, optim_wrapper: OptimWrapper) -> dict[str, Tensor]:
        """One training step, see MMEngine's ``BaseModel.train_step``."""
        data = self.model.data_preprocessor(data, training=True)
        targets = getattr(data['data_samples'], 'targets', None)
        warming_up = False
        if targets is not None:
            batch, factors = (data['inputs'], targets), self.model.active_factors
            kind = (
                (data['inputs'].shape, data['inputs'].dtype, targets.layout()),
                (tuple(sorted(factors)), self.model.with_finger_spread),
                _settings(optim_wrapper),
            )
            step = self._kinds.program(kind)
            if step is not None:
                return step.run(batch, factors, optim_wrapper)
            if self._kinds.is_due(kind):
                log_vars = self._record(kind, batch, factors, optim_wrapper)
                if log_vars is not None:
                    return log_vars
            warming_up = not self._kinds.is_decided(kind)
        with self.graph_type.warming_up() if warming_up else nullcontext():
            with optim_wrapper.optim_context(self.model):
                losses = self.model(**data, mode='loss')
            total, log_vars = self.model.parse_losses(losses)
            optim_wrapper.update_params(total)
        # who keeps them would keep the graph of the gradients, which belongs to
        # the stream of the warm-up
        return {name: value.detach() for name, value in log_vars.items()}

    def _record(
        self,
        kind: Hashable,
        batch: Batch,
        factors: Mapping[str, float],
        optim_wrapper: OptimWrapper,
    ) -> dict[str, Tensor] | None:
        """Record a kind of step and run it for the first time.

        Returns:
            dict | None: What a step returns; None if it cannot be recorded.
            Network and optimizer are then as before.
        """
        log_vars: dict[str, Tensor] | None = None

        def make() -> _RecordedStep:
            nonlocal log_vars
            _check_supported(optim_wrapper)
            before = _State(self.model, optim_wrapper.optimizer)
            try:
                step = _RecordedStep(
                    self.model, self.graph_type(), batch, factors, optim_wrapper
                )
                found = step.run(batch, factors, optim_wrapper)
                _compare(found, _single_view_losses(self.model, batch, before))
            except Exception:
                before.restore()
                optim_wrapper.zero_grad()
                raise
            log_vars = found
            return step

        what = f'steps of {tuple(batch[0].shape)} images'
        what += f' with {", ".join(sorted(factors))}' if factors else ''
        self._kinds.record(kind, what, make)
        return log_vars


class _RecordedStep:
    """One kind of step.

    Args:
        model (HaMuCo): The network.
        graph (Graph): Empty yet.
        batch (tuple): Images and targets of the first step.
        factors (Mapping): Factors of the losses between views.
        optim_wrapper (OptimWrapper): The optimizer and what is around it.
    """

    def __init__(
        self,
        model: HaMuCo,
        graph: Graph,
        batch: Batch,
        factors: Mapping[str, float],
        optim_wrapper: OptimWrapper,
    ) -> None:
        self._graph = graph
        inputs, targets = batch
        device = inputs.device
        # places of their own: what a graph reads stays where it is
        self._inputs = inputs.clone()
        self._targets = targets.clone()
        self._factors = {name: torch.zeros((), device=device) for name in factors}
        # one number for all groups of parameters that have the same
        rates = [group['lr'] for group in optim_wrapper.optimizer.param_groups]
        static = {rate: torch.zeros((), device=device) for rate in rates}
        self._rates = [static[rate] for rate in rates]
        # recorded without gradients, the backward pass sets rather than adds them
        optim_wrapper.optimizer.zero_grad(set_to_none=True)
        with _capturable(optim_wrapper.optimizer, self._rates):
            self._names, self._values = graph.capture(
                lambda: self._program(model, optim_wrapper)
            )
        optim_wrapper.optimizer.zero_grad(set_to_none=True)

    def run(
        self, batch: Batch, factors: Mapping[str, float], optim_wrapper: OptimWrapper
    ) -> dict[str, Tensor]:
        """The step with another batch of the same kind; see ``train_step``."""
        inputs, targets = batch
        self._inputs.copy_(inputs)
        self._targets.copy_(targets)
        for name, factor in factors.items():
            self._factors[name].fill_(factor)
        groups = optim_wrapper.optimizer.param_groups
        for rate, group in zip(self._rates, groups):
            rate.fill_(group['lr'])
        self._graph.replay()
        # the next replay writes where this one has
        return dict(zip(self._names, self._values.clone().unbind()))

    def _program(
        self, model: HaMuCo, optim_wrapper: OptimWrapper
    ) -> tuple[list[str], Tensor]:
        with optim_wrapper.optim_context(model):
            losses = model.loss_from_targets(self._inputs, self._targets, self._factors)
        total, log_vars = model.parse_losses(losses)
        total.backward()
        if optim_wrapper.clip_grad_kwargs:
            groups = optim_wrapper.optimizer.param_groups
            parameters = [p for group in groups for p in group['params']]
            norm = optim_wrapper.clip_func(
                [p for p in parameters if p.grad is not None],
                **optim_wrapper.clip_grad_kwargs,
            )
            if norm is not None:
                log_vars[optim_wrapper.grad_name] = norm
        optim_wrapper.optimizer.step()
        values = [value.detach().float() for value in log_vars.values()]
        return list(log_vars), torch.stack(values)


class _State:
    """What a step changes, to go back to it."""

    def __init__(self, model: HaMuCo, optimizer: Optimizer) -> None:
        self._tensors = [
            *model.parameters(),
            *model.buffers(),
            *(
                value
                for state in optimizer.state.values()
                for value in state.values()
                if isinstance(value, Tensor)
            ),
        ]
        self._values = [tensor.detach().clone() for tensor in self._tensors]

    @torch.no_grad()
    def restore(self) -> None:
        for tensor, value in zip(self._tensors, self._values):
            tensor.copy_(value)

    @contextmanager
    def returned_to(self) -> Iterator[None]:
        """Be in this state, then in the present one again."""
        present = [tensor.detach().clone() for tensor in self._tensors]
        self.restore()
        yield
        with torch.no_grad():
            for tensor, value in zip(self._tensors, present):
                tensor.copy_(value)


def _single_view_losses(
    model: HaMuCo, batch: Batch, before: _State
) -> dict[str, Tensor]:
    """Losses op by op that no random choice of views changes, float32."""
    with before.returned_to(), torch.no_grad():
        losses = type(model).loss_from_targets(model, *batch, {})
    return {
        name: loss
        for name, loss in losses.items()
        if name.startswith('loss')
        and name.endswith(str(Stage.SINGLE))
        # beside losses between views the labels are others
        and not (model.relabelling is not None and name.startswith(_OF_LABELS))
    }


def _compare(found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    """Refuse a recorded program that computes something else."""
    for name, value in expected.items():
        if not torch.allclose(found[name], value.float(), rtol=TOLERANCE, atol=1e-4):
            raise RuntimeError(
                f'{name} is {found[name].item():.5g} in the recorded program, but '
                f'{value.item():.5g} op by op'
            )


@contextmanager
def _capturable(optimizer: Optimizer, rates: Sequence[Tensor]) -> Iterator[None]:
    """Let an optimizer be recorded, with learning rates that can change.

    What it says of itself stays the same, as checkpoints have it.
    """
    before = [
        {key: group[key] for key in ('lr', 'capturable')}
        for group in optimizer.param_groups
    ]
    for group, rate in zip(optimizer.param_groups, rates):
        group.update(lr=rate, capturable=True)
    try:
        yield
    finally:
        for group, values in zip(optimizer.param_groups, before):
            group.update(values)


def _check_supported(optim_wrapper: OptimWrapper) -> None:
    """Refuse what steps with this optimizer cannot be recorded for."""
    if type(optim_wrapper) not in (OptimWrapper, BFloat16OptimWrapper):
        raise CannotRecordError(
            f'{type(optim_wrapper).__name__} may look at numbers on the host'
        )
    if optim_wrapper._accumulative_counts > 1:
        raise CannotRecordError('gradients are accumulated over several iterations')
    optimizer = optim_wrapper.optimizer
    if type(optimizer) not in (Adam, AdamW) or not optimizer.defaults['fused']:
        raise CannotRecordError(
            f'the optimizer is {type(optimizer).__name__}: use '
            "optim_wrapper.optimizer=dict(type='AdamW', fused=True)"
        )


def _settings(optim_wrapper: OptimWrapper) -> tuple[Any, ...]:
    """What a recorded step has built in of the optimizer's settings."""
    groups = optim_wrapper.optimizer.param_groups
    others = ('params', 'param_names', 'lr', 'initial_lr')
    rates = sorted({group['lr'] for group in groups})
    return (
        tuple(rates.index(group['lr']) for group in groups),
        tuple(
            tuple(value for key, value in group.items() if key not in others)
            for group in groups
        ),
    )
