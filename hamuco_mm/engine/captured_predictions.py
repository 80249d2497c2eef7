"""Predictions that a GPU runs as one recorded program."""

from collections.abc import Callable, Hashable
from typing import Any

import torch
from torch import Tensor

from ..models import HaMuCo
from ..models.prediction import HandPredictions
from ..structures import ViewFrames
from ..utils.cuda_graphs import Graph, graph_type_of
from .recorded_kinds import TOLERANCE, RecordedKinds

# Batches of a kind that run op by op before it is recorded. Images with another
# number of hands each time are not worth recording.
_WARM_UP_CALLS = 2


class CapturedPredictions:
    """Takes the place of the ``predict_from_frames`` of a :class:`HaMuCo`.

    Batches of the same kind (shapes, precision, test_cfg) run op by op at first, are then
    recorded once, and replayed from then on. A kind that cannot be recorded goes
    on op by op, and the log says so once. On a CPU nothing is recorded.

    The recorded programs read the weights where they are: loading a checkpoint
    or an average of weights into the model is seen. A model that moves to another
    device needs a new object.

    Args:
        model (HaMuCo): The network.
        compile (bool): Also compile it, which takes about a minute for each kind.
            Defaults to False.
        graph_type_of (Callable): From a device to what records programs for it,
            or None.
    """

    def __init__(
        self,
        model: HaMuCo,
        compile: bool = False,
        graph_type_of: Callable[[torch.device], type[Graph] | None] = graph_type_of,
    ) -> None:
        self._model: Any = model
        self._op_by_op = model.predict_from_frames
        self._program: Any = self._op_by_op
        if compile:
            self._program = torch.compile(self._op_by_op, fullgraph=True, dynamic=False)
        self._graph_type_of = graph_type_of
        self._kinds: RecordedKinds[_Recorded] = RecordedKinds(_WARM_UP_CALLS)

    def install(self) -> None:
        """Take the place of the model's method."""
        vars(self._model)['predict_from_frames'] = self

    def remove(self) -> None:
        """Give the place back."""
        vars(self._model).pop('predict_from_frames', None)

    def __call__(
        self, inputs: Tensor, frames: ViewFrames, square_to_image: Tensor
    ) -> HandPredictions:
        """See :meth:`HaMuCo.predict_from_frames`."""
        graph_type = self._graph_type_of(inputs.device)
        if graph_type is None or torch.is_grad_enabled():
            return self._op_by_op(inputs, frames, square_to_image)
        batch = inputs, frames, square_to_image
        kind = (
            (inputs.shape, inputs.dtype, inputs.stride(), inputs.device),
            frames.layout(),
            bool(self._model.test_cfg.get('rotation_test')),
            torch.is_autocast_enabled(inputs.device.type),
            torch.get_autocast_dtype(inputs.device.type),
        )
        if self._kinds.is_due(kind):
            self._record(kind, graph_type, *batch)
        if not self._kinds.is_decided(kind):
            with graph_type.warming_up():
                return self._op_by_op(*batch)
        recorded = self._kinds.program(kind)
        return self._op_by_op(*batch) if recorded is None else recorded.run(*batch)

    def _record(
        self,
        kind: Hashable,
        graph_type: type[Graph],
        inputs: Tensor,
        frames: ViewFrames,
        square_to_image: Tensor,
    ) -> None:
        """Record a kind of batch, and compare it with the same op by op."""
        batch = inputs, frames, square_to_image

        def make() -> _Recorded:
            with graph_type.warming_up():
                self._program(*batch)  # compiles, where that is asked for
            recorded = _Recorded(self._program, graph_type(), *batch)
            _compare(recorded.run(*batch), self._op_by_op(*batch))
            return recorded

        self._kinds.record(kind, f'predictions of {tuple(inputs.shape)} images', make)


class _Recorded:
    """One kind of batch.

    Args:
        program (Callable): :meth:`HaMuCo.predict_from_frames`.
        graph (Graph): Empty yet.
        inputs, frames, square_to_image: The first batch of this kind.
    """

    def __init__(
        self,
        program: Callable[..., HandPredictions],
        graph: Graph,
        inputs: Tensor,
        frames: ViewFrames,
        square_to_image: Tensor,
    ) -> None:
        self._graph = graph
        # places of their own: what a graph reads stays where it is
        self._inputs = inputs.clone()
        self._frames = frames.clone()
        self._square_to_image = square_to_image.clone()
        kind = inputs.device.type
        # weights that autocast has converted before would be what they were
        uncached = torch.autocast(
            kind,
            torch.get_autocast_dtype(kind),
            torch.is_autocast_enabled(kind),
            cache_enabled=False,
        )

        def run() -> HandPredictions:
            with uncached:
                return program(self._inputs, self._frames, self._square_to_image)

        self._hands = graph.capture(run)

    def run(
        self, inputs: Tensor, frames: ViewFrames, square_to_image: Tensor
    ) -> HandPredictions:
        """Another batch of the same kind."""
        self._inputs.copy_(inputs)
        self._frames.copy_(frames)
        self._square_to_image.copy_(square_to_image)
        self._graph.replay()
        # the next replay writes where this one has
        return self._hands.clone()


def _compare(found: HandPredictions, expected: HandPredictions) -> None:
    """Refuse a recorded program that computes something else."""
    for name, values in vars(expected).items():
        if values is None:
            continue
        off = (vars(found)[name] - values).abs().max()
        if not off <= TOLERANCE * values.abs().max():
            raise RuntimeError(
                f'{name} are off by up to {off.item():.5g} in the recorded program'
            )
