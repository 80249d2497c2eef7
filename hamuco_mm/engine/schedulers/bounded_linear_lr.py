from mmengine.optim import LinearLR, OptimWrapper
from mmpose.registry import PARAM_SCHEDULERS
from torch.optim import Optimizer

# MMEngine's word for a schedule without an end.
_ENDLESS = int(1e9)


@PARAM_SCHEDULERS.register_module()
class BoundedLinearLR(LinearLR):
    """A warm-up that leaves most of a short training to the learning rate itself.

    MMEngine's ``LinearLR`` by iterations, whose length is bounded by a part of the
    training. A warm-up of 200 iterations is none of a training that has 150.

    Args:
        optimizer (Optimizer | OptimWrapper): Its learning rate.
        length (int): Iterations of the warm-up.
        max_part (float): Part of the training that it takes at most. Defaults to
            0.1.
        start_factor (float): Of the learning rate at first. Defaults to 1/3.
        end (int): Iterations of the training. MMEngine's runner gives it, if a
            config says ``by_epoch=False``.
        by_epoch (bool): Has to be False.

    Raises:
        ValueError: If ``length`` is negative, or ``max_part`` is not from 0 to 1, or
            ``by_epoch`` is true.
    """

    def __init__(
        self,
        optimizer: Optimizer | OptimWrapper,
        length: int,
        max_part: float = 0.1,
        start_factor: float = 1 / 3,
        end: int = _ENDLESS,
        by_epoch: bool = False,
    ) -> None:
        if length < 0 or not 0 <= max_part <= 1:
            raise ValueError(
                f'BoundedLinearLR: length={length} should not be negative, '
                f'max_part={max_part} should be from 0 to 1'
            )
        if by_epoch:
            raise ValueError('BoundedLinearLR counts iterations: say by_epoch=False')
        bounded = min(length, int(max_part * end))
        super().__init__(
            optimizer,
            # the first of less than two steps would be the last
            start_factor=start_factor if bounded > 1 else 1.0,
            begin=0,
            end=max(bounded, 1),
            by_epoch=False,
        )
