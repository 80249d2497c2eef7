"""The confidences of labels, which losses weigh them by."""

from torch import Tensor, nn


def needed_confidences(loss: nn.Module, target_weight: Tensor | None) -> Tensor:
    """The confidences, for a loss with ``use_target_weight``.

    Args:
        loss (nn.Module): For the message.
        target_weight (Tensor, optional): What it was given, (N, K).

    Raises:
        ValueError: If there are none.
    """
    if target_weight is None:
        raise ValueError(
            f'{type(loss).__name__} has no confidences of the labels: give '
            'target_weight, or set use_target_weight=False'
        )
    return target_weight
