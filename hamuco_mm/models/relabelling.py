"""Labels that the views of a time step contradict, replaced in training."""

from mmpose.registry import MODELS
from torch import Tensor, nn


@MODELS.register_module()
class FusedRelabelling(nn.Module):
    """Labels far from the fused hand give way to the fused hand's joints.

    Iterative training (paper, section 4.6) replaces labels by those of the trained
    network, and trains again; this does so in each step of one training, joint
    by joint. Confidences stay as they are, so a joint without a label gets none.

    Args:
        distance (float): How far off the fused hand's joint a label may be, in halves
            of a crop's side. Defaults to 0.15.

    Raises:
        ValueError: If ``distance`` is not above 0.
    """

    def __init__(self, distance: float = 0.15) -> None:
        super().__init__()
        if not distance > 0:
            raise ValueError(f'distance should be above 0, got {distance}')
        self.distance = distance

    def forward(self, keypoints: Tensor, fused: Tensor, several: Tensor) -> Tensor:
        """Labels to learn from.

        Args:
            keypoints (Tensor): Labels of the 2D joints in the crop's [-1, 1],
                (N, 21, 2).
            fused (Tensor): Joints of the fused hand likewise, (N, 21, 2).
            several (Tensor): Rows whose time step has several views, bool (N,);
                the labels of others stay.
        """
        far = (fused - keypoints).norm(dim=-1, keepdim=True) > self.distance
        return fused.where(far & several[:, None, None], keypoints)
