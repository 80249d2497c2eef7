"""Cameras of programs that know images and their places, not cameras that stand
still: COLMAP, nerfstudio."""

from pathlib import Path, PurePosixPath

import numpy as np

from ...camera import Camera
from ..errors import CalibrationError

# Poses of one camera that differ by no more than this are one pose.
_SAME_ROTATION, _SAME_PLACE = 1e-3, 1e-3


def camera_of_image(image: str) -> str:
    """The camera is named after the folder of its images (``cam0/0001.jpg``) or,
    for images without a folder, after the image."""
    path = PurePosixPath(image.replace('\\', '/'))
    return path.parent.name or path.stem


def add_image(
    cameras: dict[str, Camera], image: str, camera: Camera, file: Path
) -> None:
    """Add the camera of an image to those by name.

    Raises:
        CalibrationError: If images of its camera have another pose, or other
            intrinsics.
    """
    name = camera_of_image(image)
    known = cameras.setdefault(name, camera)
    assert known.R is not None and camera.R is not None
    assert known.t is not None and camera.t is not None
    far = _SAME_PLACE * max(1, np.abs(camera.t).max())
    if (
        np.abs(known.R - camera.R).max() > _SAME_ROTATION
        or np.abs(known.t - camera.t).max() > far
    ):
        raise CalibrationError(
            file,
            f'the images of camera {name!r} have different poses',
            None,
            'Keep one image per camera, from the time when all cameras stood '
            'where they stand in the videos. Images of a camera are those of one '
            'folder',
        )
    if not (
        np.allclose(known.K, camera.K)
        and known.dist.shape == camera.dist.shape
        and np.allclose(known.dist, camera.dist)
        and known.distortion_model == camera.distortion_model
        and known.image_size == camera.image_size
    ):
        raise CalibrationError(
            file,
            f'the images of camera {name!r} have different intrinsics',
            None,
            'Let all images of a folder share a camera',
        )
