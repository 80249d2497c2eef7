"""Errors by joint and by camera, for a closer look than one mean gives."""

from collections.abc import Sequence

import numpy as np

from ..hand_model.topology import HAND_JOINT_NAMES
from ..structures import camera_order
from ..utils.json_files import write_json


def by_joint(errors: np.ndarray) -> dict[str, float]:
    """Mean of errors (N, 21) over the samples, by the joint's name.

    NaN counts as missing; a joint without any error is left out.
    """
    means = {}
    for name, column in zip(HAND_JOINT_NAMES, np.asarray(errors).T):
        column = column[~np.isnan(column)]
        if len(column):
            means[name] = float(column.mean())
    return means


def by_camera(
    errors: np.ndarray, cameras: Sequence[int | str] | np.ndarray
) -> dict[str, float]:
    """Mean of errors (N, ...) over the views of each camera.

    Args:
        errors (np.ndarray): One row per view, NaN counts as missing.
        cameras (Sequence[int | str]): Id of the camera of each of the N views.

    Returns:
        dict: Camera id to mean error, sorted; keys are strings, as in JSON.
    """
    errors, ids = np.asarray(errors), np.asarray(cameras)
    means = {}
    for camera in sorted(set(ids.tolist()), key=camera_order):
        of_camera = errors[ids == camera]
        of_camera = of_camera[~np.isnan(of_camera)]
        if len(of_camera):
            means[str(camera)] = float(of_camera.mean())
    return means


def write_tables(path: str, tables: dict) -> None:
    """Write tables as JSON, readable by eye."""
    write_json(path, tables, indent=1)
