"""Predictions that a GPU runs as one recorded program."""

from collections.abc import Callable, Hashable
from logging import WARNING
from typing import Any

import torch
from mmengine.logging import print_log
from torch import Tensor

from ..models import HaMuCo
from ..models.prediction import HandPredictions
from ..structures import ViewFrames
from ..utils.cuda_graphs import Graph, graph_type_of

# Batches of a kind that run op by op before it is recorded. Images with another
# number of hands each time are not worth recording.
_WARM_UP_CALLS = 2
# Each kind keeps its inputs and results.
_MAX_KINDS = 16
# Of the largest value: bfloat16 has 8 bits, and a compiled program rounds in
# other places.
_TOLERANCE = 0.05


class CapturedPredictions:
    """Takes the place of the ``predict_from_frames`` of a :class:`HaMuCo`.

    Batches of the same kind (shapes, precision) run op by op at first, are then
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
        self._seen: dict[Hashable, int] = {}
        self._recorded: dict[Hashable, _Recorded | None] = {}

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
            torch.is_autocast_enabled(inputs.device.type),
            torch.get_autocast_dtype(inputs.device.type),
        )
        self._seen[kind] = self._seen.get(kind, 0) + 1
        if self._seen[kind] <= _WARM_UP_CALLS:
            with graph_type.warming_up():
                return self._op_by_op(*batch)
        if kind not in self._recorded:
            self._recorded[kind] = self._record(graph_type, *batch)
        recorded = self._recorded[kind]
        return self._op_by_op(*batch) if recorded is None else recorded.run(*batch)

    def _record(
        self,
        graph_type: type[Graph],
        inputs: Tensor,
        frames: ViewFrames,
        square_to_image: Tensor,
    ) -> '_Recorded | None':
        """Record a kind of batch, and compare it with the same op by op."""
        what = f'predictions of {tuple(inputs.shape)} images'
        batch = inputs, frames, square_to_image
        try:
            if len(self._recorded) >= _MAX_KINDS:
                raise RuntimeError(f'there are more than {_MAX_KINDS} kinds of batches')
            with graph_type.warming_up():
                self._program(*batch)  # compiles, where that is asked for
            recorded = _Recorded(self._program, graph_type(), *batch)
            _compare(recorded.run(*batch), self._op_by_op(*batch))
        except Exception as error:  # whatever a compiler or driver raises
            print_log(
                f'{what} run op by op, not as one recorded program: '
                f'{type(error).__name__}: {error}',
                logger='current',
                level=WARNING,
            )
            return None
        print_log(f'{what} run as one recorded program', logger='current')
        return recorded


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
        self._frames = frames.with_tensors([x.clone() for x in frames.tensors()])
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
        for static, given in zip(self._frames.tensors(), frames.tensors()):
            static.copy_(given)
        self._square_to_image.copy_(square_to_image)
        self._graph.replay()
        # the next replay writes where this one has
        return self._hands.with_tensors([x.clone() for x in self._hands.tensors()])


def _compare(found: HandPredictions, expected: HandPredictions) -> None:
    """Refuse a recorded program that computes something else."""
    for name, values in vars(expected).items():
        off = (vars(found)[name] - values).abs().max()
        if not off <= _TOLERANCE * values.abs().max():
            raise RuntimeError(
                f'{name} are off by up to {off.item():.5g} in the recorded program'
            )
