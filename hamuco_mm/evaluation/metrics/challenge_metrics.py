"""The numbers of the FreiHAND and HO-3D leaderboards."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from mmpose.registry import METRICS

from ...structures import LARGEST_COORDINATE, Stage, describe, ground_truth
from ..challenges import (
    align_as_challenge,
    align_scale_translation,
    f_measures,
    point_measures,
)
from .absolute_hands import absolute_hand, check_root


@METRICS.register_module()
class FreiHANDMetric(BaseMetric):
    """FreiHAND's challenge, with the names of its ``scores.txt``.

    ``xyz_mean3d`` (cm) and ``xyz_auc3d`` (PCK over 0 to 5 cm) of the joints in
    the camera frame, ``xyz_al_mean3d`` and ``xyz_al_auc3d`` after Procrustes
    alignment (PA-MPJPE in cm), ``mesh_...`` of the vertices, ``f_score_5``,
    ``f_score_15`` and, after alignment, ``f_al_score_5``, ``f_al_score_15``.
    Those of the mesh are left out where it has no ground truth.

    The predictions of this package are root-relative; see
    :func:`~hamuco_mm.evaluation.metrics.absolute_hand` for how they
    get their place. It has no effect on the aligned measures, which are the
    ones that are reported.

    Args:
        stage (str): Stage to evaluate: 'single', 'interact' or 'fusion'.
            Defaults to 'single'.
        root (str): 'fit', 'wrist' or 'truth'. Defaults to 'fit'.
        use_scale (bool): Use the bone length that the challenge gives.
            Defaults to True.
        collect_device, prefix, collect_dir: See :class:`BaseMetric`.
        mode (str, optional): The former name of ``stage``.
    """

    default_prefix = 'FreiHAND'

    def __init__(
        self,
        stage: str = Stage.SINGLE,
        root: str = 'fit',
        use_scale: bool = True,
        collect_device: str = 'cpu',
        prefix: str | None = None,
        collect_dir: str | None = None,
        mode: str | None = None,
    ) -> None:
        super().__init__(collect_device, prefix, collect_dir)
        check_root(root)
        self.stage = Stage.parse(mode or stage)
        self.root = root
        self.use_scale = use_scale

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Append the hands of each sample, which has one view."""
        for sample in data_samples:
            target = ground_truth(sample, 'keypoints_cam')
            if target is None and 'keypoints_cam' in sample['gt_instances']:
                raise ValueError(
                    f'gt_instances.keypoints_cam of {describe(sample)} is not finite, '
                    f'or beyond {LARGEST_COORDINATE:.0e}: a challenge has a truth for '
                    'each hand. Look at the label files of the evaluation split'
                )
            if target is None:
                raise ValueError(
                    f'{type(self).__name__}: no 3D ground truth. Download '
                    'the labels of the evaluation split, or write the '
                    'predictions for the challenge server with '
                    'DumpFreiHAND or DumpHO3D'
                )
            joints, vertices = absolute_hand(
                sample, self.stage, self.root, self.use_scale
            )
            hand = dict(xyz=(joints, target))
            target_vertices = ground_truth(sample, 'vertices')
            if vertices is not None and target_vertices is not None:
                hand['mesh'] = (vertices, target_vertices)
            self.results.append(hand)

    def compute_metrics(self, results: list[dict]) -> dict[str, float]:
        """Average over all hands."""
        measures = self.joint_measures(*_stack(results, 'xyz'))
        meshes = [hand for hand in results if 'mesh' in hand]
        if meshes:
            points, target = _stack(meshes, 'mesh')
            aligned = align_as_challenge(points, target)
            measures.update(point_measures(points, target, 'mesh'))
            measures.update(point_measures(aligned, target, 'mesh_al'))
            measures.update(f_measures(points, target, 'f_score'))
            measures.update(f_measures(aligned, target, 'f_al_score'))
        return measures

    def joint_measures(
        self, points: torch.Tensor, target: torch.Tensor
    ) -> dict[str, float]:
        """Measures of joints (N, 21, 3), metres."""
        return {
            **point_measures(points, target, 'xyz'),
            **point_measures(align_as_challenge(points, target), target, 'xyz_al'),
        }


@METRICS.register_module()
class HO3DMetric(FreiHANDMetric):
    """HO-3D's challenge: :class:`FreiHANDMetric` with one more alignment.

    The names are those of its ``scores.txt``: ``xyz_procrustes_al_...`` and
    ``xyz_scale_trans_al_...``, with the wrists together and the same length
    of the palm.

    Args:
        root (str): Defaults to 'wrist', which the data set gives.
        use_scale (bool): Defaults to False.
        **kwargs: See :class:`FreiHANDMetric`.
    """

    default_prefix = 'HO3D'

    def __init__(
        self, root: str = 'wrist', use_scale: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(root=root, use_scale=use_scale, **kwargs)

    def joint_measures(
        self, points: torch.Tensor, target: torch.Tensor
    ) -> dict[str, float]:
        alignments = dict(
            xyz=points,
            xyz_procrustes_al=align_as_challenge(points, target),
            xyz_scale_trans_al=align_scale_translation(points, target),
        )
        measures = {}
        for name, aligned in alignments.items():
            measures.update(point_measures(aligned, target, name))
        return measures


def _stack(results: list[dict], key: str) -> list[torch.Tensor]:
    """Predicted and true points of all hands, both (N, P, 3)."""
    return [
        torch.as_tensor(np.stack([hand[key][i] for hand in results])).double()
        for i in range(2)
    ]
