"""The camera of each view, from a calibration."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...cameras import Camera, camera_of_images, cameras_of_views, read_calibration
from ...cameras.files.fields import camera_from_fields


class ViewCamera:
    """The camera of a view, for images of the size that they have.

    Args:
        camera (Camera): As it was calibrated, with a pose.
        view (str): For messages.
        resized (bool): Whether images may be resized ones of those that were
            calibrated.
    """

    def __init__(self, camera: Camera, view: str, resized: bool = False) -> None:
        self.camera = camera
        self._view = view
        self._resized = resized
        # by the size of images: the search for a hand asks for every crop
        self._params: dict[tuple[int, int], dict[str, Any]] = {}

    def param(self, image_size: tuple[int, int], image: str) -> dict[str, Any]:
        """``camera_param`` of images.

        Args:
            image_size (tuple[int, int]): Width and height.
            image (str): For messages.

        Raises:
            ValueError: If the camera was calibrated at another size, and K cannot be
                scaled to this one.
        """
        if image_size not in self._params:
            camera = camera_of_images(
                self.camera, self._view, image_size, image, self._resized
            )
            self._params[image_size] = camera.as_camera_param()
        return self._params[image_size]


def load_cameras(
    cameras: str | Path | Mapping[str, Mapping] | Sequence[Mapping] | None,
    views: Sequence[str],
    camera_names: Mapping[str, str] | None = None,
    extrinsics: str | None = None,
    unit: str | float | None = None,
    axes: str | None = None,
    format: str | None = None,
    rescale_intrinsics: bool = False,
) -> dict[str, ViewCamera] | None:
    """The camera of each view.

    Args:
        cameras: A calibration file, see
            :func:`~hamuco_mm.cameras.read_calibration`; or
            cameras, by name or as a list with one per view: dicts of ``K``
            (3, 3) in pixels, ``R`` (3, 3) and ``t`` (3,) from world to camera
            in metres, and perhaps ``dist`` and ``distortion_model``. Named
            cameras that are no view are ignored. None for none.
        views (Sequence[str]): Names of the views.
        camera_names (Mapping[str, str], optional): What a view is called in the
            calibration, where that is another name.
        extrinsics, unit, axes, format: Of a file, see
            :func:`~hamuco_mm.cameras.read_calibration`.
        rescale_intrinsics (bool): Whether the images are a resized version of those
            that were calibrated. Defaults to False.

    Returns:
        dict | None: The camera of each view; None for None.

    Raises:
        FileNotFoundError, ValueError: If the calibration cannot be read, a
            view has no camera, or a value is not valid.
    """
    reading = dict(extrinsics=extrinsics, unit=unit, axes=axes, format=format)
    said = [name for name, value in reading.items() if value is not None]
    if cameras is None:
        others = dict(camera_names=camera_names, rescale_intrinsics=rescale_intrinsics)
        said += [name for name, value in others.items() if value]
        if said:
            raise ValueError(
                f'{", ".join(said)} belong to cameras (--cameras), and there are none'
            )
        return None
    unknown = [name for name in camera_names or {} if name not in views]
    if unknown:
        raise ValueError(
            f'camera_names (--camera-names) names {", ".join(unknown)}, but the '
            f'views are {", ".join(views)}'
        )
    origin = 'cameras'
    if isinstance(cameras, (str, Path)):
        origin = str(cameras)
        known = read_calibration(cameras, extrinsics, unit, axes, format).cameras
    else:
        if said:
            raise ValueError(
                f'{", ".join(said)} belong to a calibration file; cameras that are '
                'given as K, R and t are world to camera, in metres'
            )
        if not isinstance(cameras, Mapping):
            if len(cameras) != len(views):
                raise ValueError(
                    f'{len(cameras)} cameras for {len(views)} '
                    f'views ({", ".join(views)}): give one per view'
                )
            cameras = dict(zip(views, cameras))
        known = {
            str(name): camera_from_fields(Path(origin), str(name), fields)
            for name, fields in cameras.items()
        }
    try:
        found = cameras_of_views(known, views, origin, camera_names)
    except ValueError as error:
        raise ValueError(
            f'{error}: name the views like their cameras, as in a dict of inputs, or '
            'give camera_names (--camera-names VIEW=CAMERA)'
        ) from error
    for view, camera in found.items():
        if not camera.has_pose:
            raise ValueError(
                f'{origin}: camera {view!r} has no pose (R and t), so that nothing '
                'relates it to the others'
            )
    return {
        view: ViewCamera(camera, view, rescale_intrinsics)
        for view, camera in found.items()
    }
