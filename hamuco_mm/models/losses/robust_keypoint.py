"""A loss of 2D joints that wrong labels hardly move."""

from mmpose.registry import MODELS
from torch import Tensor, nn

from .confidences import needed_confidences


@MODELS.register_module()
class RobustKeypointLoss(nn.Module):
    """Distance of joints from their labels, far labels counting less.

    The family of Barron, "A General and Adaptive Robust Loss Function", CVPR
    2019, of each joint's distance: with ``alpha`` 2 it is half the square, with 1
    about the distance itself, with 0 the Cauchy loss, with -2 that of Geman and
    McClure. It is multiplied by ``scale``, so that its slope is never above
    1 for ``alpha`` up to 1, and the weights of other losses mean the same as
    beside ``L1Loss``. In the place of ``loss_keypoint``::

        dict(type='RobustKeypointLoss', alpha=0.0, scale=0.1)

    Args:
        alpha (float): How little far labels count, at most 2. For 0 and below,
            the pull of a label falls towards 0 with its distance, which a training
            from scratch needs time to get over. Defaults to 0, Cauchy.
        scale (float): Distance up to which the loss is a square, in the units
            of the joints: for 2D joints, halves of a crop's side. Defaults to
            0.1.
        use_target_weight (bool): Weight each joint by the confidence of its
            label; 0 leaves it out. Defaults to True.
        loss_weight (float): Defaults to 1.

    Raises:
        ValueError: If ``alpha`` is above 2, or ``scale`` not above 0.
    """

    def __init__(
        self,
        alpha: float = 0.0,
        scale: float = 0.1,
        use_target_weight: bool = True,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        if not alpha <= 2:
            raise ValueError(f'alpha should be at most 2, the square, got {alpha}')
        if not scale > 0:
            raise ValueError(f'scale should be above 0, got {scale}')
        self.alpha = alpha
        self.scale = scale
        self.use_target_weight = use_target_weight
        self.loss_weight = loss_weight

    def forward(
        self, output: Tensor, target: Tensor, target_weight: Tensor | None = None
    ) -> Tensor:
        """Mean over all joints.

        Args:
            output (Tensor): Joints, (N, K, D).
            target (Tensor): Their labels, (N, K, D).
            target_weight (Tensor, optional): Confidences, (N, K). Needed
                with ``use_target_weight``.

        Returns:
            Tensor: Scalar.

        Raises:
            ValueError: If confidences are needed and not there.
        """
        squares = ((output - target) / self.scale).square().sum(-1)
        losses = self.scale * self._rho(squares)
        if self.use_target_weight:
            losses = losses * needed_confidences(self, target_weight)
        return self.loss_weight * losses.mean()

    def _rho(self, squares: Tensor) -> Tensor:
        """Of squared distances, in units of the scale; smooth at 0."""
        if self.alpha == 2:
            return squares / 2
        if self.alpha == 0:
            return (squares / 2).log1p()
        spare = 2 - self.alpha
        power = (1 + squares / spare) ** (self.alpha / 2)
        return spare / self.alpha * (power - 1)
