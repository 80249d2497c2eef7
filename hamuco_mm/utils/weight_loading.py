"""Loading of weights that says in one line what a checkpoint lacks.

MMEngine loads what fits, prints a line for each tensor that does not, and goes on
with random numbers.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from mmengine.runner import checkpoint as mmengines
from torch import Tensor, nn

from .few_names import few

_LIST = 'The model and loaded state dict do not match exactly'
_OF_VIEWS = {'view_neck', 'view_head'}
_MOST_NAMES = 2


@contextmanager
def quiet_loading() -> Iterator[None]:
    """Within the block, MMEngine does not print its list of tensors."""
    say = mmengines.print_log

    def say_but_lists(msg: Any, *args: Any, **kwargs: Any) -> None:
        if not str(msg).startswith(_LIST):
            say(msg, *args, **kwargs)

    # it prints where it has no logger, and some of its hooks give it none
    mmengines.print_log = say_but_lists
    try:
        yield
    finally:
        mmengines.print_log = say


@contextmanager
def watched_loading(model: nn.Module) -> Iterator[list[str]]:
    """Find what the block, which loads weights, does not load.

    What is written counts, not the names in a file: MMPose's networks rename those
    of older checkpoints while they load them.

    Args:
        model (nn.Module): The network, not wrapped.

    Yields:
        list[str]: After the block, the names of parameters and buffers that the
        checkpoint lacks or has in another shape.
    """
    lacking: list[str] = []
    before = {
        name: (tensor, tensor._version) for name, tensor in loadable(model).items()
    }
    with quiet_loading():
        yield lacking
    for name, tensor in loadable(model).items():
        known, version = before.get(name, (None, 0))
        if tensor is known and tensor._version == version:
            lacking.append(name)


@contextmanager
def complete_loading(model: nn.Module, config: str, path: str) -> Iterator[None]:
    """Check that the block loads all weights of a network: what is partly random
    predicts nothing of use.

    Args:
        model (nn.Module): The network, not wrapped.
        config (str): The network's, for the message.
        path (str): The checkpoint's, for the message.

    Raises:
        ValueError: If a parameter or buffer is missing, or has another shape.
    """
    with watched_loading(model) as lacking:
        yield
    if lacking:
        parts = sorted({name.partition('.')[0] for name in lacking})
        of_one_view = _OF_VIEWS.issuperset(parts)
        raise ValueError(
            f'{path} has no weights for {counted(lacking, model)} of {config} '
            f'({first_of(lacking)}): it is of '
            f'{"a single-view" if of_one_view else "another"} network. Give the model '
            '(config) that it was trained with, or a checkpoint that fits '
            f'{", ".join(parts)}'
        )


def loadable(model: nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers of a network that a checkpoint should have."""
    return {
        name: tensor
        for name, tensor in model.state_dict(keep_vars=True).items()
        # older checkpoints have none, and nothing depends on it
        if isinstance(tensor, Tensor) and not name.endswith('num_batches_tracked')
    }


def counted(lacking: Collection[str], model: nn.Module) -> str:
    """'2 of 154 tensors'."""
    return f'{len(lacking)} of {len(loadable(model))} tensors'


def first_of(names: list[str]) -> str:
    """The first names, for a message."""
    return few(names, _MOST_NAMES)
