"""How wrong are the pseudo labels, and how varied are the poses?"""

import json
import os.path as osp
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.stats import spearmanr

from hamuco_mm.cameras import pinhole_pixels, points_in_camera
from hamuco_mm.datasets.label_triangulation import (
    RANSAC_IMAGE_WIDTH,
    RANSAC_THRESHOLD,
)
from hamuco_mm.datasets.storage import open_folder, read_file
from hamuco_mm.evaluation.functional import joint_errors, procrustes_mean
from hamuco_mm.evaluation.hand_metrics import MM_PER_M
from hamuco_mm.geometry import projection_matrix
from hamuco_mm.geometry.triangulation import triangulate_dlt, triangulate_ransac

# Rounds of generalised Procrustes analysis.
_NUM_ROUNDS = 10


def label_statistics(
    root: str, sequences: Iterable[int], image_size: int
) -> dict[str, float]:
    """Figures of a generated data set's files.

    Args:
        root (str): Folder of the data set.
        sequences (Iterable[int]): Which sequences.
        image_size (int): Side of the images in pixels.

    Returns:
        dict: See :func:`statistics`.
    """
    xyz = open_folder(Path(root, 'xyz'))
    joints, K, M, keypoints, confidences = [], [], [], [], []
    for sequence in (f'{number:04d}' for number in sequences):
        for name in sorted(xyz.names(sequence)):
            joints.append(_load(root, 'xyz', sequence, name))
            calib = _load(root, 'calib', sequence, name)
            K.append(calib['K'])
            M.append(calib['M'])
            labels = [
                _load(root, 'rgb_2D_keypoints', sequence, f'cam{view}', name)
                for view in range(len(calib['K']))
            ]
            keypoints.append([xy for xy, _ in labels])
            confidences.append([score for _, score in labels])
    return statistics(
        np.array(keypoints),
        np.array(confidences),
        np.array(K),
        np.array(M),
        np.array(joints),
        image_size,
    )


def statistics(
    keypoints: np.ndarray,
    confidences: np.ndarray,
    K: np.ndarray,
    M: np.ndarray,
    joints: np.ndarray,
    image_size: int,
) -> dict[str, float]:
    """Figures of labels with known ground truth.

    Args:
        keypoints (np.ndarray): (T, V, 21, 2) pixels.
        confidences (np.ndarray): (T, V, 21), 0 for left-out joints.
        K (np.ndarray): (T, V, 3, 3) pixels.
        M (np.ndarray): (T, V, 4, 4) world to camera.
        joints (np.ndarray): (T, 21, 3) true joints, world metres.
        image_size (int): Side of the images in pixels.

    Returns:
        dict: Error of the labels in pixels of a 256 px wide image, share of
        left-out joints, rank correlation of confidence and error (left out
        where either is the same for all: of exact labels); MPJPE
        (absolute), root-relative MPJPE and PA-MPJPE in mm of triangulation by
        DLT, by RANSAC and by DLT weighted with the confidences; PA-MPJPE of
        the Procrustes mean of the true joints, the least that any constant
        prediction reaches.
    """
    local = points_in_camera(joints[:, None], M[..., :3, :3], M[..., :3, 3])
    exact = pinhole_pixels(local, K)
    labelled = confidences > 0
    error = np.linalg.norm(keypoints - exact, axis=-1)[labelled]
    error *= 256 / image_size
    result = dict(
        frames=len(joints),
        error_px256_mean=error.mean(),
        error_px256_median=np.median(error),
        error_px256_p90=np.percentile(error, 90),
        error_px256_p99=np.percentile(error, 99),
        missing_share=1 - labelled.mean(),
    )
    if np.ptp(confidences[labelled]) and np.ptp(error):
        result['confidence_rank_correlation'] = spearmanr(error, confidences[labelled])[
            0
        ]

    points, weights, true = map(torch.from_numpy, (keypoints, confidences, joints))
    projection = projection_matrix(
        *map(torch.from_numpy, (K, M[..., :3, :3], M[..., :3, 3]))
    )
    present = (weights > 0).to(weights)
    triangulated = dict(
        dlt=triangulate_dlt(points, projection, present),
        ransac=triangulate_ransac(
            points,
            projection,
            present,
            RANSAC_THRESHOLD * image_size / RANSAC_IMAGE_WIDTH,
        ).points,
        weighted_dlt=triangulate_dlt(points, projection, weights),
    )
    for name, found in triangulated.items():
        result.update(_errors(name, found, true))
    mean, _ = procrustes_mean(true, _NUM_ROUNDS, with_scale=True)
    result['procrustes_mean_PA-MPJPE'] = _mm(
        joint_errors(mean.expand_as(true), true, 'procrustes')
    )
    return {key: round(float(value), 4) for key, value in result.items()}


def _errors(name: str, found: torch.Tensor, true: torch.Tensor) -> dict[str, float]:
    usable = found.isfinite().all(-1).all(-1)
    found, true = found[usable], true[usable]
    return {
        f'{name}_MPJPE': _mm((found - true).norm(dim=-1)),
        f'{name}_root_MPJPE': _mm(joint_errors(found, true, 'root')),
        f'{name}_PA-MPJPE': _mm(joint_errors(found, true, 'procrustes')),
    }


def _mm(errors: torch.Tensor) -> float:
    return MM_PER_M * float(errors.mean())


def _load(*parts: str) -> Any:
    return json.loads(read_file(osp.join(*parts)))
