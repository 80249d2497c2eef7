"""Whether predicted errors are as large as the errors."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmpose.registry import METRICS
from scipy.stats import spearmanr

from ...cameras import Camera
from ...structures import (
    SIGMA_SHARE,
    Stage,
    describe,
    ground_truth,
    split_items,
    stack_predictions,
)


@METRICS.register_module()
class KeypointSigmaMetric(BaseMetric):
    """How many errors of 2D joints lie within their predicted sigmas.

    Of each of ``single``, ``interact`` and ``fusion`` that has
    ``keypoint_sigmas``, over the x and y of all joints of all views:

    - ``sigma_share``: share of errors within one sigma, ideally 0.68;
    - ``sigma_factor``: what all sigmas have to be multiplied with so that it
      is; ``tools/misc/calibrate_sigmas.py`` does that to a checkpoint;
    - ``sigma_rank``: rank correlation of a joint's sigma and its distance
      from the truth, 0 if sigmas say nothing;
    - ``sigma_px``: the median sigma, in pixels of the original image.

    The truth is ``gt_instances.keypoints_cam`` (1, 21, 3), projected by the
    view's ``camera_param``, else the 2D label ``gt_instances.keypoints`` of
    joints whose ``keypoints_visible`` is above 0.

    Args: see :class:`mmengine.evaluator.BaseMetric`.
    """

    default_prefix = ''

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Append one result per dataset item: the list of its views' records."""
        records: list[dict] = [{} for _ in data_samples]
        truths = [_true_pixels(sample) for sample in data_samples]
        for stage in Stage:
            rows, sigmas = stack_predictions(data_samples, 'keypoint_sigmas', stage)
            _, points = stack_predictions(data_samples, 'keypoints', stage)
            for row, of_row in zip(rows, sigmas):
                records[row][stage] = (np.abs(points[row] - truths[row]), of_row)
        for item in split_items(data_samples):
            self.results.append([records[i] for i in item])

    def compute_metrics(self, results: list[list[dict]]) -> dict[str, float]:
        """Shares and quantiles over all joints with a truth.

        Raises:
            ValueError: If no prediction has sigmas, or no joint a truth.
        """
        records = [record for item in results for record in item]
        metrics = {}
        for stage in Stage:
            rows = [record[stage] for record in records if stage in record]
            if not rows:
                continue
            errors = np.concatenate([error for error, _ in rows]).astype(float)
            sigmas = np.concatenate([sigma for _, sigma in rows]).astype(float)
            known = np.isfinite(errors).all(-1)
            if not known.any():
                raise ValueError(
                    'no joint has a truth: neither keypoints_cam with a camera, nor '
                    '2D labels with a confidence above 0'
                )
            errors, sigmas = errors[known], sigmas[known]
            ratios = errors / sigmas[:, None]
            distances = np.linalg.norm(errors, axis=-1)
            metrics[f'{stage}/sigma_share'] = float((ratios <= 1).mean())
            metrics[f'{stage}/sigma_factor'] = float(np.quantile(ratios, SIGMA_SHARE))
            metrics[f'{stage}/sigma_rank'] = _rank_correlation(sigmas, distances)
            metrics[f'{stage}/sigma_px'] = float(np.median(sigmas))
        if not metrics:
            raise ValueError(
                'no view has pred_instances.keypoint_sigmas: the model has no '
                'heads with with_uncertainty=True'
            )
        return metrics


def _rank_correlation(sigmas: np.ndarray, distances: np.ndarray) -> float:
    """0 where one of them is the same for all joints."""
    if not np.ptp(sigmas) or not np.ptp(distances):
        return 0.0
    return float(spearmanr(sigmas, distances)[0])


def _true_pixels(sample: dict) -> np.ndarray:
    """Where the joints are in the original image, (21, 2); NaN where unknown."""
    joints = ground_truth(sample, 'keypoints_cam')
    camera = Camera.from_camera_param(
        sample.get('camera_param') or {}, describe(sample)
    )
    if joints is not None and camera.has_intrinsics:
        return camera.project(joints)
    truth = sample['gt_instances']
    visible = np.asarray(truth['keypoints_visible'])[0]
    return np.where(visible[:, None] > 0, np.asarray(truth['keypoints'])[0], np.nan)
