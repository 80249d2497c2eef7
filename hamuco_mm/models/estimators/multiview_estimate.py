"""What one pass of the network gives."""

from dataclasses import dataclass, replace

from torch import Tensor

from ...geometry import project_weak_perspective
from ...hand_model.topology import NUM_VERTICES
from ...structures import HandEstimate, HandMesh, ViewGroups


@dataclass(frozen=True)
class MultiViewEstimate:
    """What one pass gives for N views of B time steps.

    Attributes:
        groups (ViewGroups): Which views belong together.
        single (HandEstimate): Of the single-view estimator.
        interact (HandEstimate | None): After the cross-view interaction;
            None without a ``view_neck``.
    """

    groups: ViewGroups
    single: HandEstimate
    interact: HandEstimate | None

    @property
    def multiview(self) -> HandEstimate:
        """The estimate whose views are aligned and fused."""
        return self.interact or self.single


def replace_mesh(view: HandEstimate, points: Tensor) -> HandEstimate:
    """Another mesh in the frames of N views, under their own cameras.

    Args:
        view (HandEstimate): N hands.
        points (Tensor): Vertices, then joints, in the frame of each hand's
            mesh, in metres, (N, P, 3).

    Returns:
        HandEstimate: ``view`` with that mesh, root-relative, and its
        projection; without features, from which no head decoded it.
    """
    mesh = HandMesh(vertices=points[:, :NUM_VERTICES], joints=points[:, NUM_VERTICES:])
    # projected before its own root becomes the origin: least squares aligned
    # it to the view's mesh, whose root the camera is relative to
    keypoints_2d = project_weak_perspective(mesh.joints, view.camera)
    return replace(
        view, mesh=mesh.root_relative(), keypoints_2d=keypoints_2d, features=None
    )
