"""A network's losses as one compiled function."""

from collections.abc import Mapping
from logging import WARNING
from typing import Any

import torch
from mmengine.logging import print_log
from torch import Tensor

from ..models import HaMuCo
from ..structures import HandTargets


class CompiledLoss:
    """Replaces the ``loss_from_targets`` of a :class:`HaMuCo`.

    Where PyTorch cannot compile, for example for want of a C++ compiler, the
    losses are computed op by op, and the log says so. So are those of time steps
    with several numbers of views, of which each would be compiled anew.

    Args:
        model (HaMuCo): The network.
        **options: Arguments of :func:`torch.compile`.
    """

    def __init__(self, model: HaMuCo, **options: Any) -> None:
        self.model = model
        self._op_by_op = model.loss_from_targets
        options = {'fullgraph': True, 'dynamic': False, **options}
        self._compiled = torch.compile(self._op_by_op, **options)
        self._compiles = True

    def __call__(
        self,
        inputs: Tensor,
        targets: HandTargets,
        factors: Mapping[str, float | Tensor] | None = None,
    ) -> dict[str, Tensor]:
        """See :meth:`HaMuCo.loss_from_targets`."""
        if factors is None:
            # as numbers they would be part of the compiled program, and a new
            # one would be compiled whenever one changes
            factors = {
                name: torch.full((), factor, device=inputs.device)
                for name, factor in self.model.active_factors.items()
            }
        # time steps of other numbers of views would each take minutes
        if not targets.frames.groups.regular or not self._compiles:
            return self._op_by_op(inputs, targets, factors)
        try:
            return self._compiled(inputs, targets, factors)
        except Exception as error:  # whatever a compiler raises
            losses = self._op_by_op(inputs, targets, factors)
            self._compiles = False
            print_log(
                'the losses are computed op by op, as they could not be '
                f'compiled: {type(error).__name__}: {error}',
                logger='current',
                level=WARNING,
            )
            return losses
