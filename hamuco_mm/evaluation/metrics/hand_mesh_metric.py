"""3D errors of hand joints and meshes against ground truth."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from mmpose.registry import METRICS

from ...structures import (
    PredictedViews,
    Stage,
    camera_of,
    describe,
    split_items,
    stack_ground_truth,
    stack_predictions,
    without_meshes,
)
from ..error_tables import by_camera, by_joint, write_tables
from ..functional import ALIGNMENTS, joint_errors, pose_spread
from ..hand_metrics import MM_PER_M, joint_metrics, to_metric_device
from ..mesh_queue import HandPair, MeshQueue

# Ground truth that varies less than this has no poses to compare with: the
# views of one time step differ by rounding errors only.
_MIN_SPREAD = 1e-3
_NO_GROUND_TRUTH = (
    'no view has gt_instances.keypoints_cam, so HandMeshMetric has nothing to '
    "compare with. Give the dataset ground truth (HanCo's xyz and calib "
    'folders) and keep keypoints_cam when packing; for data without any use '
    'ReprojectionMetric, or train with --no-validate.'
)
# Networks that learn stay above half, the mean hand is at 0.
_COLLAPSED_BELOW = 0.2


@METRICS.register_module()
class HandMeshMetric(BaseMetric):
    """Errors of joints and vertices, in millimetres (paper, section 4.1).

    For each of the stages ``single``, ``interact`` and ``fusion`` that the
    predictions hold, averaged over all views that have ground truth:

    - ``MPJPE``, ``N-MPJPE``, ``PA-MPJPE``: mean distance over the 21 joints,
      root-relative / scaled / after Procrustes alignment (see
      :func:`hamuco_mm.evaluation.functional.align_points`);
    - ``MPVPE``, ``N-MPVPE``, ``PA-MPVPE``: the same over the vertices;
    - ``F@5``, ``F@15``: F-scores of the meshes;
    - ``AUC``: area under the PCK curve of the joints over 0 to 50 mm;
    - ``pose_spread``: spread of the predicted poses divided by that of the
      true ones (:func:`hamuco_mm.evaluation.functional.pose_spread`). 1 is
      ideal; near 0 the network predicts one hand for every image.

    Read from each sample: ``pred_instances.keypoints_cam`` (1, 21, 3) and
    ``vertices`` (1, V, 3), with the suffixes ``_interact`` and ``_fused``;
    ``gt_instances.keypoints_cam`` and ``vertices``; metres, camera frame. The
    position of the hand does not matter. Vertices are optional.

    Args:
        f_thresholds (Sequence[float]): Thresholds of the F-score, mm. Empty
            leaves out the F-score, by far the slowest part.
        f_alignment (str): Alignment of the meshes before the F-score.
            Defaults to 'procrustes', as FreiHAND reports it.
        auc_alignment (str): Alignment of the joints before PCK. Defaults to
            'procrustes', as FreiHAND reports it.
        outfile_prefix (str, optional): If given, joints, labels and cameras
            of all views are written to ``{outfile_prefix}.predictions.npz``,
            see :meth:`~hamuco_mm.structures.PredictedViews.save_joints`.
        collect_device (str): 'cpu' or 'gpu', see :class:`BaseMetric`.
        prefix (str, optional): Put before the names, see :class:`BaseMetric`.
        collect_dir (str, optional): See :class:`BaseMetric`.
    """

    # its names begin with the stage; MMEngine warns of None
    default_prefix = ''

    def __init__(
        self,
        f_thresholds: Sequence[float] = (5, 15),
        f_alignment: str = 'procrustes',
        auc_alignment: str = 'procrustes',
        outfile_prefix: str | None = None,
        collect_device: str = 'cpu',
        prefix: str | None = None,
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(collect_device, prefix, collect_dir)
        for name, value in (
            ('f_alignment', f_alignment),
            ('auc_alignment', auc_alignment),
        ):
            if value not in ALIGNMENTS:
                raise ValueError(f'{name} must be one of {ALIGNMENTS}, got {value!r}')
        self.f_thresholds = tuple(f_thresholds)
        self.f_alignment = f_alignment
        self.auc_alignment = auc_alignment
        self.outfile_prefix = outfile_prefix
        self._meshes = MeshQueue(self.f_thresholds, f_alignment)

    @BaseMetric.dataset_meta.setter
    def dataset_meta(self, dataset_meta: dict | None) -> None:
        """Meta information of the data set, which the loop sets when it is
        built: before training, and in time to refuse data without truth.

        Raises:
            ValueError: If ``has_keypoints_cam`` is there and False.
        """
        if not (dataset_meta or {}).get('has_keypoints_cam', True):
            raise ValueError(_NO_GROUND_TRUTH)
        self._dataset_meta = dataset_meta

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Append one result per dataset item: the list of its views' records.

        Of meshes only their errors are kept, which :meth:`evaluate` fills in.
        """
        records: list[dict] = [
            dict(
                camera=camera_of(sample),
                gt_joints=None,
                joints={},
                mesh_metrics={},
            )
            for sample in data_samples
        ]
        labelled, gt_joints = stack_ground_truth(data_samples, 'keypoints_cam')
        for row, joints in zip(labelled, gt_joints):
            records[row]['gt_joints'] = joints
        for stage in Stage:
            rows, points = stack_predictions(data_samples, 'keypoints_cam', stage)
            for row, joints in zip(rows, points):
                records[row]['joints'][stage] = joints
        for sample, record in zip(data_samples, records):
            # triangulated joints are those of the fusion alone
            triangulated = (
                record['joints'] and 'vertices' not in sample['pred_instances']
            )
            if Stage.SINGLE not in record['joints'] and not triangulated:
                raise KeyError(
                    f'{describe(sample)} has no pred_instances.keypoints_cam; '
                    'HandMeshMetric needs a model that predicts 3D joints'
                )
            if self.outfile_prefix is not None:
                record['view'] = _view(sample, record['gt_joints'] is not None)
        self._measure_meshes(data_samples, records)
        for item in split_items(data_samples):
            self.results.append([records[i] for i in item])

    def evaluate(self, size: int) -> dict[str, float]:
        """See :meth:`BaseMetric.evaluate`."""
        self._meshes.finish()
        return super().evaluate(size)

    def compute_metrics(self, results: list[list[dict]]) -> dict[str, float]:
        """Average the records of all views."""
        records = [record for item in results for record in item]
        if self.outfile_prefix is not None:
            path = f'{self.outfile_prefix}.predictions.npz'
            views = [record['view'] for record in records]
            PredictedViews.from_samples(views).save_joints(path)
            print_log(f'Predictions were written to {path}', logger='current')
        labelled = [r for r in records if r['gt_joints'] is not None]
        if not labelled:
            raise ValueError(_NO_GROUND_TRUTH)
        if len(labelled) < len(records):
            print_log(
                f'HandMeshMetric: {len(records) - len(labelled)} of '
                f'{len(records)} views have no ground truth joints and were '
                'left out.',
                logger='current',
                level=logging.WARNING,
            )
        metrics = {}
        for stage in Stage:
            rows = [r for r in labelled if stage in r['joints']]
            if rows:
                for name, value in self._stage_metrics(stage, rows).items():
                    metrics[f'{stage}/{name}'] = value
        if self.outfile_prefix is not None:
            self._write_tables(labelled)
        return metrics

    def _measure_meshes(self, samples: Sequence[dict], records: list[dict]) -> None:
        """Have ``mesh_metrics[stage]``, metric name to number, filled in
        where predicted and true mesh and joints are known."""
        true_rows, true_meshes = stack_ground_truth(samples, 'vertices')
        truth = to_metric_device(true_meshes)
        place_of = {row: place for place, row in enumerate(true_rows)}
        for stage in Stage:
            rows, meshes = stack_predictions(samples, 'vertices', stage)
            known = [
                (place, place_of[row], records[row])
                for place, row in enumerate(rows)
                if row in place_of and records[row]['gt_joints'] is not None
            ]
            if not known:
                continue
            places, true_places, complete = zip(*known)
            results: list[dict[str, float]] = [{} for _ in complete]
            for record, result in zip(complete, results):
                record['mesh_metrics'][stage] = result
            hands = HandPair(
                to_metric_device(_take(meshes, places)),
                to_metric_device(np.stack([r['joints'][stage] for r in complete])),
                _take(truth, true_places),
                to_metric_device(np.stack([r['gt_joints'] for r in complete])),
            )
            self._meshes.add(hands, results)

    def _stage_metrics(self, stage: Stage, rows: list[dict]) -> dict[str, float]:
        joints = np.stack([r['joints'][stage] for r in rows]).astype(float)
        gt_joints = np.stack([r['gt_joints'] for r in rows]).astype(float)
        metrics = joint_metrics(joints, gt_joints, self.auc_alignment)
        meshes = [r['mesh_metrics'][stage] for r in rows if stage in r['mesh_metrics']]
        if meshes:
            metrics.update(
                {
                    name: float(np.mean([mesh[name] for mesh in meshes]))
                    for name in meshes[0]
                }
            )
        gt_spread = pose_spread(gt_joints)
        if gt_spread > _MIN_SPREAD:
            metrics['pose_spread'] = pose_spread(joints) / gt_spread
            if metrics['pose_spread'] < _COLLAPSED_BELOW:
                print_log(
                    f'HandMeshMetric: the poses of the {stage} hands vary only '
                    f'{metrics["pose_spread"]:.2f} times as much as the true '
                    'ones: the network has collapsed to one mean hand.',
                    logger='current',
                    level=logging.WARNING,
                )
        return metrics

    def _write_tables(self, rows: list[dict]) -> None:
        """Write MPJPE and PA-MPJPE in mm by joint and by camera."""
        tables: dict[str, dict] = {}
        for stage in Stage:
            of_stage = [r for r in rows if stage in r['joints']]
            if not of_stage:
                continue
            joints = np.stack([r['joints'][stage] for r in of_stage])
            truth = np.stack([r['gt_joints'] for r in of_stage])
            cameras = [r['camera'] for r in of_stage]
            tables[stage] = {}
            for name, alignment in (('MPJPE', 'root'), ('PA-MPJPE', 'procrustes')):
                errors = MM_PER_M * joint_errors(joints, truth, alignment).numpy()
                tables[stage][f'{name}_by_joint'] = by_joint(errors)
                tables[stage][f'{name}_by_camera'] = by_camera(errors, cameras)
        path = f'{self.outfile_prefix}.tables.json'
        write_tables(path, tables)
        print_log(
            f'Errors by joint and camera were written to {path}', logger='current'
        )


def _view(sample: dict, labelled: bool) -> dict:
    """What the file of predictions needs of a sample."""
    view = without_meshes(sample)
    if not labelled:
        view.get('gt_instances', {}).pop('keypoints_cam', None)
    return view


def _take(points: Any, places: Sequence[int]) -> Any:
    """Some rows, given in ascending order; all of them without a copy."""
    return points if len(places) == len(points) else points[list(places)]
