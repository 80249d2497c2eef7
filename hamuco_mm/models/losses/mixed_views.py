"""The hand of one view under the camera of another, without calibration."""

from mmpose.registry import MODELS
from torch import Tensor, nn

from ...geometry import project_weak_perspective
from ...geometry.precision import in_own_precision
from ...structures import HandEstimate, ViewGroups


@MODELS.register_module()
class MixedViewsLoss(nn.Module):
    """What view i says of the hand, and view j of its camera, fits view j's label.

    Wandt et al., "CanonPose: Self-Supervised Monocular 3D Human Pose Estimation
    in the Wild", CVPR 2021: the views of a time step show one hand, so the
    canonical hand of each, turned and projected as any other view sees it, has
    to fall on the labels there. No camera is known. The canonical hand is the
    mesh without its global rotation; that rotation and the weak-perspective
    camera are what a view says of its camera.

    A view with its own camera is ``loss_keypoint``, and not counted here. A
    time step of one view has nothing to mix.

    Args:
        loss_weight (float): Defaults to 1.
    """

    def __init__(self, loss_weight: float = 1.0):
        super().__init__()
        self.loss_weight = loss_weight

    def forward(
        self,
        estimate: HandEstimate,
        keypoints: Tensor,
        keypoint_weights: Tensor,
        groups: ViewGroups,
    ) -> Tensor:
        """L1 of the projected joints, each weighted by its label's confidence:
        the mean over the pairs of views, then over the time steps.

        Args:
            estimate (HandEstimate): N hands.
            keypoints (Tensor): Their labels in [-1, 1], (N, 21, 2).
            keypoint_weights (Tensor): Confidences of these, (N, 21).
            groups (ViewGroups): Which rows are views of the same time step.

        Returns:
            Tensor: Scalar.
        """
        keypoints_2d = mixed_projections(
            groups.to_padded(estimate.mesh.joints),
            groups.to_padded(estimate.pose[:, 0]),
            groups.to_padded(estimate.camera),
        )
        labels = groups.to_padded(keypoints)[:, None]
        confidences = groups.to_padded(keypoint_weights)[:, None, :, :, None]
        error = (confidences * (keypoints_2d - labels)).abs().mean((-1, -2))
        return self.loss_weight * (error * groups.pair_weights).sum()


@in_own_precision
def mixed_projections(joints: Tensor, rotation: Tensor, camera: Tensor) -> Tensor:
    """The hand of each view, as each other view's camera shows it.

    Args:
        joints (Tensor): Root-relative in the frame of each view, metres,
            (B, V, P, 3).
        rotation (Tensor): Of the hand in each view, (B, V, 3, 3).
        camera (Tensor): Weak-perspective (s, tx, ty) of each view, (B, V, 3).

    Returns:
        Tensor: The hand of view i in view j, in [-1, 1], (B, V_i, V_j, P, 2).
    """
    # row vectors: multiplying by a rotation applies its inverse
    canonical = joints @ rotation
    turned = canonical[:, :, None] @ rotation.mT[:, None]
    return project_weak_perspective(turned, camera[:, None])
