"""From the named numbers of one camera to a :class:`Camera`, checked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..camera import Camera
from . import intrinsic_fields
from .intrinsic_fields import read_image_size, read_intrinsics
from .lens_fields import may_be_lens, read_lens
from .notes import Notes
from .pose_fields import may_be_pose, read_pose
from .values import CameraValues


def camera_from_fields(
    path: Path, name: str, fields: Mapping[str, Any], notes: Notes | None = None
) -> Camera:
    """Read one camera, its extrinsics as they stand in the file.

    Args:
        path (Path): The file, for messages.
        name (str): The camera, for messages.
        fields (Mapping): Numbers, lists and arrays by any of the names that
            are in use; a rotation may be a matrix or a rotation vector.
        notes (Notes, optional): Is told of names that were not used. Defaults
            to a warning.

    Raises:
        CalibrationError: If something is missing or impossible, is said twice
            with different values, or has an unknown name and may be a pose or
            a lens that was not found otherwise.
    """
    values = CameraValues(path, f'camera {name!r}', fields)
    K = read_intrinsics(values)
    R, t = read_pose(values)
    model, dist = read_lens(values)
    camera = Camera(K, R, t, dist, model, read_image_size(values))
    _check_unused(values, camera)
    said = notes or Notes(path)
    for key in values.unused():
        said.unused(key, name)
    if notes is None:
        said.say(2)
    return camera


def has_intrinsics(fields: Mapping[str, Any]) -> bool:
    """Whether a map holds intrinsics by a known name, as a camera's does."""
    return intrinsic_fields.has_intrinsics(CameraValues(Path(), '', fields))


def _check_unused(values: CameraValues, camera: Camera) -> None:
    """Names that may be what was looked for are no names to pass over."""
    for key in values.unused():
        if not camera.has_pose and may_be_pose(key):
            raise values.error(
                f'{key!r} may be the pose, and is no name that is known',
                None,
                'Call it "R" and "t", or "extrinsics" for a matrix [R | t], and say '
                'what they mean; take it out if it is something else',
            )
        if not camera.dist.size and may_be_lens(key):
            raise values.error(
                f'{key!r} may be of the lens, and is no name that is known',
                None,
                'Call the coefficients "dist" and the model "distortion_model"; '
                'take it out if it is something else',
            )
