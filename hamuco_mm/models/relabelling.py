"""Labels that the views of a time step contradict, replaced in training."""

from mmpose.registry import MODELS
from torch import Tensor, nn


@MODELS.register_module()
class FusedRelabelling(nn.Module):
    """Labels far from the fused hand give way to the fused hand's joints.

    Iterative training (paper, section 4.6) replaces labels by those of the trained
    network, and trains again; this does so in each step of one training, joint
    by joint. Confidences stay as they are, so a joint without a label gets none.

    A hand that most labels of a view contradict replaces none of them: else a network
    that goes astray would take its own hands for labels, and never come back.

    Args:
        distance (float): How far off the fused hand's joint a label may be, in halves
            of a crop's side. Defaults to 0.15.
        agreement (float): Share of a view's labels, by their confidences, that have to
            be nearer than that for the others to give way. Defaults to 0.5.

    Raises:
        ValueError: If ``distance`` is not above 0, or ``agreement`` not from 0 to 1.
    """

    def __init__(self, distance: float = 0.15, agreement: float = 0.5) -> None:
        super().__init__()
        if not distance > 0:
            raise ValueError(f'distance should be above 0, got {distance}')
        if not 0 <= agreement <= 1:
            raise ValueError(f'agreement should be from 0 to 1, got {agreement}')
        self.distance, self.agreement = distance, agreement

    def forward(
        self, keypoints: Tensor, confidences: Tensor, fused: Tensor, several: Tensor
    ) -> Tensor:
        """Labels to learn from.

        Args:
            keypoints (Tensor): Labels of the 2D joints in the crop's [-1, 1],
                (N, 21, 2).
            confidences (Tensor): Of these, (N, 21).
            fused (Tensor): Joints of the fused hand likewise, (N, 21, 2).
            several (Tensor): Rows whose time step has several views, bool (N,);
                the labels of others stay.
        """
        far = (fused - keypoints).norm(dim=-1) > self.distance
        near = confidences.masked_fill(far, 0.0).sum(-1)
        trusted = several & (near >= self.agreement * confidences.sum(-1))
        return fused.where((far & trusted[:, None])[..., None], keypoints)
