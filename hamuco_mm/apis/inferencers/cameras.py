"""The camera of each view, from a calibration."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ...cameras import cameras_of_views, read_calibration
from ...cameras.files.fields import camera_from_fields


def load_cameras(
    cameras: str | Path | Mapping[str, Mapping] | Sequence[Mapping] | None,
    views: Sequence[str],
    camera_names: Mapping[str, str] | None = None,
    extrinsics: str | None = None,
    unit: str | float | None = None,
    axes: str | None = None,
    format: str | None = None,
) -> dict[str, dict] | None:
    """Camera parameters of each view.

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

    Returns:
        dict | None: ``camera_param`` of each view, and the ``image_size`` it is
        meant for where that is known; None for None.

    Raises:
        FileNotFoundError, ValueError: If the calibration cannot be read, a
            view has no camera, or a value is not valid.
    """
    reading = dict(extrinsics=extrinsics, unit=unit, axes=axes, format=format)
    said = [name for name, value in reading.items() if value is not None]
    if cameras is None:
        if said or camera_names:
            said += ['camera_names'] if camera_names else []
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
    params = {}
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
        params[view] = camera.as_camera_param()
        if camera.image_size is not None:
            params[view]['image_size'] = camera.image_size
    return params
