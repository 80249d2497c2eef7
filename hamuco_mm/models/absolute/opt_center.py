"""From root-relative predictions to a hand in the world."""

import numpy as np
import torch
from mmpose.registry import MODELS
from torch import Tensor

from ...cameras import Cameras
from ...cameras.center_fitting import CenterFit, fit_center
from ...geometry import reweighted
from ...geometry.triangulation import triangulate_ransac
from ...hand_model.topology import NUM_VERTICES
from ...structures import Stage
from ..view_alignment import AGREEMENT_METRES
from .calibrated_steps import CalibratedSteps

# Pixel thresholds are those of a crop of this width, so that they are the same
# part of the hand for every resolution and zoom of the camera.
_CROP_WIDTH = 256.0
_NUM_REWEIGHTINGS = 5
# Fewest views that may outvote another one.
_LEAST_MAJORITY = 3


@MODELS.register_module()
class OptCenter:
    """Absolute 3D hands of calibrated time steps (paper, section 4.3.2).

    HaMuCo predicts root-relative hands. With two or more calibrated cameras
    the world position follows in two ways:

    - Opt-Center: the fused hand keeps its shape. One 3D centre and, if asked
      for, one scale are fitted, so that its joints project onto the views' 2D
      predictions, see
      :func:`~hamuco_mm.cameras.center_fitting.fit_center`. "Opt-center can
      keep the root-relative results with hand prior, resulting in low
      PA-MPJPE."
    - RANSAC: each joint is triangulated on its own from the 2D predictions,
      see :func:`~hamuco_mm.geometry.triangulation.triangulate_ransac`.

    The 2D predictions are those after the cross-view interaction, or, in a
    model without it, the single views'. Each view's fused hand, turned into
    the world by its camera's rotation, is averaged. The weights fall with
    the distance from the average, because the views of a model that aligns
    without extrinsics differ in rotation.

    Pixels below are those of a crop 256 pixels wide.

    Args:
        with_scale (bool): Also fit the hand's size. A single image does not
            tell size from distance, so the fused hand has the size that the
            shape prior suggests; several cameras see the true one. Defaults
            to False, as in the paper.
        noise (float): Distance from its 2D prediction, in pixels, beyond
            which a joint counts as wrong. Defaults to 20.
        ransac_threshold (float): Largest reprojection error of an inlier, in
            pixels. Defaults to 20.
    """

    def __init__(
        self,
        with_scale: bool = False,
        noise: float = 20.0,
        ransac_threshold: float = 20.0,
    ) -> None:
        for name, value in (('noise', noise), ('ransac_threshold', ransac_threshold)):
            if not value > 0:
                raise ValueError(f'{name} should be positive, got {value}')
        self.with_scale = with_scale
        self.noise = noise
        self.ransac_threshold = ransac_threshold

    def predict(self, data_samples: list) -> list:
        """Add absolute predictions to the samples of a batch.

        Only calibrated views of time steps with two or more of them get
        these fields of ``pred_instances``; all but ``reprojection_error`` are
        the same in each view of the time step:

        - ``keypoints_world`` (1, 21, 3), ``vertices_world`` (1, 778, 3):
          Opt-Center, metres, world frame;
        - ``keypoints_world_ransac`` (1, 21, 3): triangulated joints; where no
          two views agree, the DLT of all;
        - ``reprojection_error`` (1, 21): distance of the Opt-Center joints,
          seen by this view's camera, from this view's 2D prediction, in
          pixels of the original image;
        - ``world_scores`` (1, 21) in [0, 1]: how well the views agree on the
          joint, the mean of ``1 / (1 + (e / noise)^2)`` with e that distance;
        - ``views_agree`` (1, ) bool: whether all views, or three or more and more
          than half of them, have
          the median of their distances below ``noise``, and their own hands, put
          in the place of the fused one, are on average as near to it in the
          images of all views. If not, cameras were exchanged or one moved, or the
          views do not show the same hand at the same time.

        Args:
            data_samples (list[PoseDataSample]): N views with metainfo
                ``camera_param`` and ``input_scale``, and ``pred_instances``
                as :class:`~hamuco_mm.models.HaMuCo` makes them.

        Returns:
            list[PoseDataSample]: The same samples.

        Raises:
            ValueError: If a camera is malformed.
        """
        steps = CalibratedSteps.from_data_samples(data_samples)
        if steps is None:
            return data_samples
        first = data_samples[0].pred_instances
        source = Stage.of_views(first).field('keypoints')
        zoom = _CROP_WIDTH / steps.crop_width
        points2d = steps.stack(data_samples, source) * zoom[..., None, None]
        cameras = steps.cameras.scale(zoom)

        hand = self._fused_hand(steps, data_samples)
        vertices, joints = hand.split([NUM_VERTICES, points2d.shape[-2]], -2)
        weights = steps.mask[..., None].expand(points2d.shape[:-1]).double()
        fit = fit_center(
            joints,
            points2d,
            cameras,
            weights,
            noise=self.noise,
            with_scale=self.with_scale,
        )
        keypoints = fit.place(joints)
        triangulated = self._triangulate(points2d, cameras, steps.mask)
        shared = dict(
            keypoints_world=keypoints.float(),
            vertices_world=fit.place(vertices).float(),
            keypoints_world_ransac=torch.where(
                triangulated.isfinite().all(-1, keepdim=True), triangulated, keypoints
            ).float(),
            **self._agreement(
                fit,
                steps.mask,
                self._own_hands_off(steps, data_samples, fit, joints, cameras),
            ),
        )
        pixels_off = (fit.reprojection_error / zoom[..., None]).float()
        self._write(data_samples, steps, shared, pixels_off)
        return data_samples

    def _triangulate(self, points2d: Tensor, cameras: Cameras, mask: Tensor) -> Tensor:
        """Joints (S, 21, 3), NaN where fewer than two lenses can see them."""
        ideal = cameras.undistort(points2d)
        usable = mask[..., None] & ideal.isfinite().all(-1)
        return triangulate_ransac(
            ideal, cameras.projection_matrix(), usable.double(), self.ransac_threshold
        ).points

    def _agreement(self, fit: CenterFit, mask: Tensor, own_hands_off: Tensor) -> dict:
        """``world_scores`` (S, 21) and ``views_agree`` (S, )."""
        score = 1 / (1 + (fit.reprojection_error / self.noise) ** 2)
        score = torch.where(mask[..., None], score, 0.0).sum(1) / mask.sum(1)[:, None]
        near = mask & (fit.reprojection_error.median(-1).values < self.noise)
        near &= own_hands_off < self.noise
        agreeing, present = near.sum(1), mask.sum(1)
        # two views may agree by chance, as those of two exchanged cameras do
        enough = (agreeing >= _LEAST_MAJORITY) | (agreeing == present)
        return dict(
            world_scores=score.float(), views_agree=enough & (2 * agreeing > present)
        )

    @staticmethod
    def _own_hands_off(
        steps: CalibratedSteps,
        data_samples: list,
        fit: CenterFit,
        joints: Tensor,
        cameras: Cameras,
    ) -> Tensor:
        """How far each view's own hand is from the fused one in the images of all
        views, (S, V): crop pixels, the median of the joints, the mean of the views.

        Views of exchanged cameras may fit the 2D joints somehow, but their hands are
        turned against each other. 0 where views have no hand of their own.
        """
        fields = data_samples[steps.rows[0][0]].pred_instances
        own = Stage.of_views(fields, 'keypoints_cam').field('keypoints_cam')
        if own not in fields:
            return torch.zeros(steps.mask.shape).double()
        hands = steps.cameras.turn_to_world(steps.stack(data_samples, own))
        # the fused hand stands first
        hands = torch.cat([joints[:, None], hands], 1)
        world = hands * fit.scale[:, None, None, None] + fit.center[:, None, None, :]
        all_views = cameras[:, None]
        pixels = all_views.project(all_views.to_camera(world[:, :, None]))
        off = (pixels[:, 1:] - pixels[:, :1]).norm(dim=-1).median(-1).values
        seen = steps.mask[:, None]
        return torch.where(seen, off, 0.0).sum(-1) / seen.sum(-1)

    @staticmethod
    def _fused_hand(steps: CalibratedSteps, data_samples: list) -> Tensor:
        """Vertices and joints of each time step's hand in the orientation of
        the world, root-relative metres, (S, 799, 3)."""
        points_cam = torch.cat(
            [
                steps.stack(data_samples, Stage.FUSION.field('vertices')),
                steps.stack(data_samples, Stage.FUSION.field('keypoints_cam')),
            ],
            -2,
        )
        return robust_mean(steps.cameras.turn_to_world(points_cam), steps.mask)

    @staticmethod
    def _write(
        data_samples: list, steps: CalibratedSteps, shared: dict, pixels_off: Tensor
    ) -> None:
        arrays = {field: values.numpy() for field, values in shared.items()}
        errors = pixels_off.numpy()
        # without a place in the world: the lenses cannot see its joints
        placed = np.isfinite(arrays['keypoints_world']).all((1, 2))
        for step in np.flatnonzero(placed):
            for view, row in enumerate(steps.rows[step]):
                pred = data_samples[row].pred_instances
                for field, values in arrays.items():
                    pred.set_field(values[step : step + 1], field)
                pred.set_field(errors[step, view : view + 1], 'reprojection_error')


def robust_mean(points: Tensor, mask: Tensor) -> Tensor:
    """A mean of the views' hands that a wrong view hardly changes.

    Iteratively reweighted by the inverse distance from the mean, like
    :meth:`~hamuco_mm.models.view_alignment.ViewAlignment.fused`.

    Args:
        points (Tensor): Points of each view in one frame, (S, V, P, 3).
        mask (Tensor): Present views, bool (S, V).

    Returns:
        Tensor: (S, P, 3).
    """

    def mean(weights: Tensor) -> Tensor:
        share = weights / weights.sum(1, keepdim=True)
        return torch.einsum('sv,svpi->spi', share, points)

    def distance(hand: Tensor) -> Tensor:
        return (points - hand[:, None]).norm(dim=-1).mean(-1)

    return reweighted(
        mean, distance, mask.to(points), AGREEMENT_METRES, _NUM_REWEIGHTINGS
    )
