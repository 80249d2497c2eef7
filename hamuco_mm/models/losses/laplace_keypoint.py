"""A loss of 2D joints that learns how far off their labels are."""

from mmpose.registry import MODELS
from torch import Tensor, nn

from .confidences import needed_confidences


@MODELS.register_module()
class LaplaceKeypointLoss(nn.Module):
    """L1 of joints whose labels have errors of a size that is predicted.

    The negative log likelihood of a Laplace distribution, ``|e| / b + log(2 b)``
    for each coordinate, whose scale b a head predicts for each joint with
    ``with_uncertainty=True`` (Kendall & Gal, "What Uncertainties Do We Need in
    Bayesian Deep Learning for Computer Vision?", NIPS 2017). Labels that are
    expected to be wrong pull less. The joints' part is divided by the mean of
    its factors 1 / b in the batch: the pull is then that of ``L1Loss`` on average, and
    the weights of other losses mean the same as beside it. In the place of
    ``loss_keypoint``::

        dict(type='LaplaceKeypointLoss')

    Args:
        attenuation (float): Exponent of 1 / b in the joints' part. 1 is the
            likelihood's; 0 gives all labels the same pull, as ``L1Loss`` does,
            and learns b beside it (Seitzer et al., "On the Pitfalls of
            Heteroscedastic Uncertainty Estimation", ICLR 2022, for what is
            between). Defaults to 1.
        use_target_weight (bool): Weight each joint by the confidence of its
            label; 0 leaves it out. Defaults to True.
        loss_weight (float): Defaults to 1.
    """

    #: bool: what tells a head that it has to predict the scales.
    needs_scales = True

    def __init__(
        self,
        attenuation: float = 1.0,
        use_target_weight: bool = True,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        self.attenuation = attenuation
        self.use_target_weight = use_target_weight
        self.loss_weight = loss_weight

    def forward(
        self,
        output: Tensor,
        target: Tensor,
        target_weight: Tensor | None,
        scales: Tensor,
    ) -> Tensor:
        """Mean over all joints. Gradients with respect to the scales are
        those of the likelihood, whatever the ``attenuation``.

        Args:
            output (Tensor): Joints, (N, K, D).
            target (Tensor): Their labels, (N, K, D).
            target_weight (Tensor, optional): Confidences, (N, K). Needed
                with ``use_target_weight``.
            scales (Tensor): b of each joint, in the units of the joints,
                (N, K).

        Returns:
            Tensor: Scalar; it may be negative.

        Raises:
            ValueError: If confidences are needed and not there.
        """
        weights = scales.new_ones(scales.shape)
        if self.use_target_weight:
            weights = needed_confidences(self, target_weight)
        errors = (output - target).abs().mean(-1)
        pull = scales.detach() ** -self.attenuation
        mean_pull = (weights * pull).sum() / weights.sum().clamp(min=1e-12)
        joints = errors * pull / mean_pull.clamp(min=1e-12)
        spread = errors.detach() / scales + (2 * scales).log()
        return self.loss_weight * (weights * (joints + spread)).mean()
