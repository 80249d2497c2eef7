"""Views hidden at random in training (paper, section 4.6)."""

import torch
from torch import Tensor


def keep_random_views(mask: Tensor) -> Tensor:
    """A random subset of each time step's views, never empty.

    The number kept is one draw per batch, from 1 to V, and at most the number
    of views that a time step has.

    Args:
        mask (Tensor): Present views, bool (B, V).

    Returns:
        Tensor: Bool (B, V); its values for absent views have no meaning.
    """
    num_keep = torch.randint(1, mask.shape[1] + 1, (), device=mask.device)
    order = torch.rand(mask.shape, device=mask.device)
    rank = order.masked_fill(~mask, torch.inf).argsort(1).argsort(1)
    return rank < num_keep


def hide_random_views(mask: Tensor) -> Tensor:
    """A random choice of the views that each view sees; it always sees itself.

    The number hidden is one draw per batch, from 1 to V - 1, and at most the
    number of other views that a time step has.

    Args:
        mask (Tensor): Present views, bool (B, V).

    Returns:
        Tensor: Whether query view i sees key view j, bool (B, V_i, V_j);
        its values for absent views have no meaning.
    """
    num_views = mask.shape[1]
    num_hidden = torch.randint(1, num_views, (), device=mask.device)
    order = torch.rand(*mask.shape, num_views, device=mask.device)
    itself = torch.eye(num_views, dtype=torch.bool, device=mask.device)
    # absent keys rank last, so that only present ones are hidden
    order = order.masked_fill(~mask[:, None], 2).masked_fill(itself, 3)
    rank = order.argsort(-1).argsort(-1)
    return (rank >= num_hidden) | itself
