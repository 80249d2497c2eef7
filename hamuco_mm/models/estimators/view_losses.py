"""The losses between views: how a config's become modules, and what each is given."""

import inspect
from collections.abc import Collection, Mapping
from typing import Any

import torch
from mmpose.registry import MODELS
from torch import Tensor, nn

from ...structures import HandEstimate, ViewGroups
from ..view_alignment import ViewAlignment
from .multiview_estimate import MultiViewEstimate

# Names of what arguments_of gives to each.
_FUSION_ARGUMENTS = ('points', 'fused', 'mask', 'view_weights')
_ARGUMENTS = dict(
    loss_consistency_2d=('alignment', 'pair_weights'),
    loss_consistency_fusion=_FUSION_ARGUMENTS,
    loss_distill=_FUSION_ARGUMENTS,
    loss_distill_features=('single', 'interact', 'mask', 'view_weights'),
)


def build_view_losses(
    configs: Mapping[str, dict | None], head: nn.Module, view_head: nn.Module | None
) -> nn.ModuleDict:
    """Build the losses that are given.

    Args:
        configs (Mapping): Config of each loss, None for one that is left out.
        head (nn.Module): The single-view head.
        view_head (nn.Module, optional): The decoder of the interaction.

    Raises:
        ValueError: If ``loss_distill_features`` has nothing to learn from.
    """
    given = {name: dict(cfg) for name, cfg in configs.items() if cfg is not None}
    if 'loss_distill_features' in given:
        widths = _widths(head, view_head)
        given['loss_distill_features'] = widths | given['loss_distill_features']
    return nn.ModuleDict({name: MODELS.build(cfg) for name, cfg in given.items()})


def check_calls(losses: nn.ModuleDict) -> None:
    """Refuse losses that cannot be called with what :func:`arguments_of` gives.

    Raises:
        ValueError: Naming one, what it takes and what it would be given.
    """
    for name, loss in losses.items():
        signature = inspect.signature(loss.forward)
        try:
            signature.bind(*_ARGUMENTS[name])
        except TypeError as error:
            raise ValueError(
                f'model.{name}: {type(loss).__name__}.forward{signature} does not '
                f'take what it is given, ({", ".join(_ARGUMENTS[name])}): '
                f'{error}'
            ) from error


def keep_own_values(losses: nn.ModuleDict, state_dict: dict, place: str) -> None:
    """Let a checkpoint change nothing in losses that it does not have, and bring none
    of its own: what losses learn serves the training alone.

    Args:
        losses (nn.ModuleDict): Those of the model.
        state_dict (dict): Of the checkpoint, changed in place.
        place (str): What the names of losses begin with there.
    """
    own = {f'{place}{name}': value for name, value in losses.state_dict().items()}
    for name in [name for name in state_dict if name.startswith(place)]:
        if name not in own:
            del state_dict[name]
    for name, value in own.items():
        state_dict.setdefault(name, value)


def arguments_of(
    names: Collection[str],
    result: MultiViewEstimate,
    groups: ViewGroups,
    points: Tensor,
    alignment: ViewAlignment,
    taught: Tensor | None,
) -> dict[str, tuple]:
    """What each loss of the paper, and the distillation of features, is called with,
    see :meth:`~hamuco_mm.models.HaMuCo.view_loss_arguments`."""
    arguments: dict[str, tuple] = {}
    views = groups.mask, groups.view_weights
    if 'loss_consistency_2d' in names:
        arguments['loss_consistency_2d'] = (alignment, groups.pair_weights)
    if 'loss_consistency_fusion' in names or 'loss_distill' in names:
        with torch.no_grad():
            fused = alignment.fused()
        arguments['loss_consistency_fusion'] = (points, fused, *views)
    if 'loss_distill' in names:
        single = groups.to_padded(result.single.mesh.points)
        teaching = fused if taught is None else taught
        arguments['loss_distill'] = (single, teaching, *views)
    if 'loss_distill_features' in names and result.interact is not None:
        features = [
            groups.to_padded(_features_of(hands))
            for hands in (result.single, result.interact)
        ]
        arguments['loss_distill_features'] = (*features, *views)
    return arguments


def _widths(head: nn.Module, view_head: nn.Module | None) -> dict[str, Any]:
    """Of the features of both heads."""
    if view_head is None:
        raise ValueError(
            'loss_distill_features teaches what the interaction knows, and there '
            'is none: give view_neck and view_head, or leave it out'
        )
    for part in (head, view_head):
        if not hasattr(part, 'feature_channels'):
            raise ValueError(
                f'loss_distill_features needs to know what {type(part).__name__} '
                'decodes a hand from: give the class feature_channels, and its '
                'estimates features of that width'
            )
    return dict(
        in_channels=head.feature_channels, out_channels=view_head.feature_channels
    )


def _features_of(hands: HandEstimate) -> Tensor:
    if hands.features is None:
        raise ValueError(
            'loss_distill_features: a head gives estimates without features; let them '
            'be what it decodes hands from, (N, feature_channels)'
        )
    return hands.features
