"""The camera of each view, from a calibration."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ...cameras import cameras_of_views, read_calibration
from ...cameras.files.fields import camera_from_fields


def load_cameras(
    cameras: str | Path | Mapping[str, Mapping] | Sequence[Mapping] | None,
    views: Sequence[str],
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

    Returns:
        dict | None: ``camera_param`` of each view, and the ``image_size`` it is
        meant for where that is known; None for None.

    Raises:
        FileNotFoundError, ValueError: If the calibration cannot be read, a
            view has no camera, or a value is not valid.
    """
    if cameras is None:
        return None
    origin = 'cameras'
    if isinstance(cameras, (str, Path)):
        origin = str(cameras)
        known = read_calibration(cameras).cameras
    else:
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
        found = cameras_of_views(known, views, origin)
    except ValueError as error:
        raise ValueError(
            f'{error}: name the views like their cameras, as in a dict of inputs'
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
