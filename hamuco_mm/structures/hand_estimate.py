"""What a head predicts about hands."""

from dataclasses import dataclass

from torch import Tensor

from ..hand_model import HandMesh

#: Share of the errors within one sigma, as of a normal distribution.
SIGMA_SHARE = 0.6827


@dataclass(frozen=True)
class HandEstimate:
    """What a head predicts about N hands, each in the frame of its own crop.

    Attributes:
        mesh (HandMesh): Root-relative vertices and joints in metres.
        pose (Tensor): Rotations of the 16 MANO joints, the first one global,
            the others relative to the hand model's mean pose. (N, 16, 3, 3).
        betas (Tensor): Shape coefficients in shape (N, 10).
        camera (Tensor): Weak-perspective (s, tx, ty) in shape (N, 3).
        keypoints_2d (Tensor): Joints projected into the crop's [-1, 1]
            square, (N, 21, 2).
        origin (Tensor): Where the mesh's root was in the hand model's frame,
            metres (N, 3).
        keypoint_scales (Tensor | None): How far off ``keypoints_2d`` are
            expected to be: the scale b of a Laplace distribution of each
            coordinate, (N, 21). None where it is not predicted.
        features (Tensor | None): What the head decodes the hand from, (N, C).
            None where it is not the output of a head.
    """

    mesh: HandMesh
    pose: Tensor
    betas: Tensor
    camera: Tensor
    keypoints_2d: Tensor
    origin: Tensor
    keypoint_scales: Tensor | None = None
    features: Tensor | None = None
