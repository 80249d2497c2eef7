"""2D agreement of predictions with the labels, for data without 3D truth."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmpose.registry import METRICS

from ...structures import (
    Stage,
    camera_of,
    camera_order,
    moderate,
    split_items,
    stack_predictions,
)


@METRICS.register_module()
class ReprojectionMetric(BaseMetric):
    """Distance of predicted 2D keypoints from the 2D labels.

    Pixels of the original image. Each joint counts with the confidence of its
    label; joints without one (confidence 0) do not count. The labels may be
    the noisy ones of the training, so 0 is not the aim: it is a check that
    the meshes lie on the hands where no 3D ground truth exists.

    For each of ``single``, ``interact`` and ``fusion`` that is predicted:
    ``reprojection_px`` (weighted mean), ``reprojection_px_median`` (weighted
    median), ``reprojection_px_cam<id>``, the mean of one camera, and
    ``reprojection_box``, the mean as a share of the diagonal of the box around
    the labels, which is the same for near and far hands.

    Read from each sample: ``pred_instances.keypoints`` (1, 21, 2) with the
    suffixes ``_interact`` and ``_fused``, ``gt_instances.keypoints`` and
    ``keypoints_visible`` (1, 21), and ``camera`` or ``camera_id`` if there.

    Args: see :class:`mmengine.evaluator.BaseMetric`.
    """

    # its names begin with the stage; MMEngine warns of None
    default_prefix = ''

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Append one result per dataset item: the list of its views' records."""
        truths = [sample['gt_instances'] for sample in data_samples]
        weights = np.concatenate([truth['keypoints_visible'][:1] for truth in truths])
        labels = np.concatenate([truth['keypoints'][:1] for truth in truths])
        # a missing joint may be stored as NaN, which a weight of 0 would not silence
        weights = np.where(moderate(weights) & moderate(labels).all(-1), weights, 0)
        labels = np.where(weights[..., None] > 0, labels, 0)
        records: list[dict] = [
            dict(
                camera=camera_of(sample),
                weights=row,
                diagonal=_box_diagonal(points[row > 0]),
                distances={},
            )
            for sample, row, points in zip(data_samples, weights, labels)
        ]
        for stage in Stage:
            rows, points = stack_predictions(data_samples, 'keypoints', stage)
            if rows:
                distances = np.linalg.norm(points - labels[rows], axis=-1)
                for row, of_row in zip(rows, distances):
                    records[row]['distances'][stage] = of_row
        for item in split_items(data_samples):
            self.results.append([records[i] for i in item])

    def compute_metrics(self, results: list[list[dict]]) -> dict[str, float]:
        """Weighted averages over all joints of all views."""
        records = [record for item in results for record in item]
        metrics = {}
        for stage in Stage:
            rows = [r for r in records if stage in r['distances']]
            if not rows:
                continue
            distances = np.stack([r['distances'][stage] for r in rows])
            weights = np.stack([r['weights'] for r in rows])
            if not weights.any():
                raise ValueError(
                    'no label of any view has a confidence above 0 '
                    '(gt_instances.keypoints_visible), so ReprojectionMetric '
                    'has nothing to compare with. Check the 2D keypoint '
                    'files of the dataset.'
                )
            name = f'{stage}/reprojection_px'
            metrics[name] = float(np.average(distances, weights=weights))
            metrics[f'{name}_median'] = _weighted_median(distances, weights)
            diagonals = np.stack([r['diagonal'] for r in rows])
            boxed = diagonals > 0
            if weights[boxed].any():
                metrics[f'{stage}/reprojection_box'] = float(
                    np.average(
                        distances[boxed] / diagonals[boxed, None],
                        weights=weights[boxed],
                    )
                )
            cameras = [r['camera'] for r in rows]
            for camera in sorted(set(cameras) - {-1}, key=camera_order):
                of_camera = np.array([other == camera for other in cameras])
                if weights[of_camera].any():
                    label = camera if isinstance(camera, str) else f'cam{camera}'
                    metrics[f'{name}_{label}'] = float(
                        np.average(distances[of_camera], weights=weights[of_camera])
                    )
        return metrics


def _box_diagonal(points: np.ndarray) -> float:
    """Of the box around (P, 2) points; 0 where there is no box."""
    return float(np.linalg.norm(np.ptp(points, axis=0))) if len(points) else 0.0


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """The value at which half of the total weight is reached."""
    order = values.argsort(axis=None)
    cumulated = weights.ravel()[order].cumsum()
    middle = np.searchsorted(cumulated, cumulated[-1] / 2)
    return float(values.ravel()[order][middle])
