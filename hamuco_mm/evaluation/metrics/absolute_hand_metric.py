"""Errors of hands placed in the world by calibrated cameras."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from mmpose.registry import METRICS

from ...structures import split_items, split_time_steps
from ...utils.frame_names import frame_of, track_of
from ..consecutive_frames import consecutive_runs
from ..error_tables import by_camera, by_joint, write_tables
from ..functional import acceleration_error, joint_errors
from ..hand_metrics import MM_PER_M
from .absolute_records import METHOD_FIELDS, absolute_record


@METRICS.register_module()
class AbsoluteHandMetric(BaseMetric):
    """Errors of absolute 3D joints, in millimetres (paper, Table 3).

    For each of the methods ``opt_center`` and ``ransac``, see
    :class:`~hamuco_mm.models.OptCenter`, averaged over the time steps:

    - ``MPJPE``: mean distance of the 21 joints in the world, nothing aligned;
    - ``RR-MPJPE``: root-relative, both hands centred at joint 9;
    - ``PA-MPJPE``: after Procrustes alignment;
    - ``ACC``: acceleration error in mm per frame squared, over frames that
      follow each other in a sequence, see
      :func:`~hamuco_mm.evaluation.functional.acceleration_error`;
    - ``reprojection_px``: distance of the projected joints from the projected
      true ones, pixels of the original images, over all views;
    - ``reprojection_px_pred``: from the views' own 2D predictions (those that
      were triangulated). It is the only one that needs no 3D ground truth;
    - ``time_steps``, how many have a prediction in the world and true joints,
      and ``time_steps_left_out``, how many do not.

    Time steps that were not predicted (not calibrated, or one view) are left
    out, and their number is logged; so are those without ground truth, except
    for ``reprojection_px_pred``.

    Read from each sample: ``pred_instances.keypoints_world`` and
    ``keypoints_world_ransac`` (1, 21, 3), ``keypoints_interact`` or, without
    it, ``keypoints`` (1, 21, 2); ``gt_instances.keypoints_cam`` (1, 21, 3),
    read from the first view that has it; ``camera_param``, ``frame_id``
    ('<sequence>/<number>') and ``camera_id``.

    Args:
        outfile_prefix (str, optional): If given, errors by joint and by
            camera are written to ``{outfile_prefix}.absolute_tables.json``.
        collect_device, prefix, collect_dir: See :class:`BaseMetric`.
    """

    # its names begin with the method; MMEngine warns of None
    default_prefix = ''
    #: Of the time steps that it measures.
    min_views = 2

    def __init__(
        self,
        outfile_prefix: str | None = None,
        collect_device: str = 'cpu',
        prefix: str | None = None,
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(collect_device, prefix, collect_dir)
        self.outfile_prefix = outfile_prefix

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Append one result per dataset item: the records of its time steps."""
        for item in split_items(data_samples):
            views = [data_samples[i] for i in item]
            self.results.append(
                [
                    absolute_record([views[i] for i in step])
                    for step in split_time_steps(views)
                ]
            )

    def compute_metrics(self, results: list[list[dict | None]]) -> dict[str, float]:
        """Average over the time steps."""
        steps = [record for item in results for record in item]
        records = [record for record in steps if record is not None]
        if not records:
            raise ValueError(
                'no time step has pred_instances.keypoints_world, so '
                'AbsoluteHandMetric has nothing to compare: it needs '
                "model.absolute=dict(type='OptCenter') and time steps with "
                'two or more calibrated views (camera_param)'
            )
        labelled = [record for record in records if 'truth' in record]
        for number, reason in (
            (
                len(steps) - len(records),
                'no prediction in the world (not calibrated, or one view)',
            ),
            (len(records) - len(labelled), 'no ground truth joints'),
        ):
            if number:
                print_log(
                    f'AbsoluteHandMetric: {number} of {len(steps)} time '
                    f'steps have {reason} and were left out.',
                    logger='current',
                    level=logging.WARNING,
                )
        metrics: dict[str, float] = {}
        tables: dict[str, dict] = {}
        for method in METHOD_FIELDS:
            metrics.update(
                {
                    f'{method}/{name}': value
                    for name, value in _measures(method, records, labelled).items()
                }
            )
            metrics[f'{method}/time_steps'] = len(labelled)
            metrics[f'{method}/time_steps_left_out'] = len(steps) - len(labelled)
            tables[method] = _tables(method, records, labelled)
        if self.outfile_prefix is not None:
            path = f'{self.outfile_prefix}.absolute_tables.json'
            write_tables(path, tables)
            print_log(
                f'Errors by joint and camera were written to {path}', logger='current'
            )
        return metrics


def _measures(
    method: str, records: list[dict], labelled: list[dict]
) -> dict[str, float]:
    metrics = {}
    if labelled:
        joints, truth = _stacked(method, labelled)
        metrics['MPJPE'] = np.linalg.norm(joints - truth, axis=-1).mean()
        metrics['RR-MPJPE'] = joint_errors(joints, truth, 'root').mean()
        metrics['PA-MPJPE'] = joint_errors(joints, truth, 'procrustes').mean()
        # of three frames on, so that none may be left
        errors = [
            error
            for run in _runs([record['frame_id'] for record in labelled])
            for error in acceleration_error(joints[run], truth[run])
        ]
        if errors:
            metrics['ACC'] = torch.stack(errors).mean()
        metrics = {name: MM_PER_M * float(value) for name, value in metrics.items()}
        metrics['reprojection_px'] = float(
            np.concatenate([r['off_true'][method] for r in labelled]).mean()
        )
    metrics['reprojection_px_pred'] = float(
        np.concatenate([r['off_predicted'][method] for r in records]).mean()
    )
    return metrics


def _tables(method: str, records: list[dict], labelled: list[dict]) -> dict:
    """Errors by joint in mm, by camera in pixels."""
    tables = {}
    if labelled:
        joints, truth = _stacked(method, labelled)
        errors = dict(MPJPE=np.linalg.norm(joints - truth, axis=-1))
        for name, alignment in (('RR-MPJPE', 'root'), ('PA-MPJPE', 'procrustes')):
            errors[name] = joint_errors(joints, truth, alignment).numpy()
        for name, values in errors.items():
            tables[f'{name}_by_joint'] = by_joint(MM_PER_M * values)
    for name, field, rows in (
        ('reprojection_px', 'off_true', labelled),
        ('reprojection_px_pred', 'off_predicted', records),
    ):
        if rows:
            pixels = np.concatenate([row[field][method] for row in rows])
            cameras = [camera for row in rows for camera in row['cameras']]
            tables[f'{name}_by_camera'] = by_camera(pixels, cameras)
            tables[f'{name}_by_joint'] = by_joint(pixels)
    return tables


def _stacked(method: str, labelled: list[dict]) -> tuple[np.ndarray, np.ndarray]:
    """Predicted and true joints of T time steps, each (T, 21, 3), metres."""
    return (
        np.stack([r['points'][method] for r in labelled]),
        np.stack([r['truth'] for r in labelled]),
    )


def _runs(frame_ids: list[str]) -> list[np.ndarray]:
    """Rows of time steps that follow each other; a step whose ``frame_id``
    does not end with a number, or the side of a hand behind it, follows none."""
    frames = np.array([frame_of(frame_id) for frame_id in frame_ids], int)
    rows = np.flatnonzero(frames >= 0)
    runs = consecutive_runs([track_of(frame_ids[row]) for row in rows], frames[rows])
    return [rows[run] for run in runs]
