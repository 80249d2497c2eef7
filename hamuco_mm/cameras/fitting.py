"""Cameras of a calibration for the views that are there, and their images."""

from collections.abc import Iterable, Mapping

from .camera import Camera

# How far, in pixels, a resized side may be from the aspect of the other.
_ROUNDING = 1.0
# How far from the middle of the image, in widths or heights, a principal point is
# usual.
_USUAL_SHIFT = 0.25


def cameras_of_views(
    cameras: Mapping[str, Camera],
    views: Iterable[str],
    origin: str,
    names: Mapping[str, str] | None = None,
) -> dict[str, Camera]:
    """The camera of each view.

    Args:
        cameras (Mapping[str, Camera]): Of a calibration, by name.
        views (Iterable[str]): Names of the views.
        origin (str): The calibration, for messages.
        names (Mapping[str, str], optional): What a view is called in the
            calibration, where that is another name.

    Raises:
        ValueError: If a view has no camera, or two views have the same.
    """
    views, names = list(views), names or {}
    known_as = {view: names.get(view, view) for view in views}
    missing = [view for view, name in known_as.items() if name not in cameras]
    if missing:
        raise ValueError(
            f'{origin} has no camera {known_as[missing[0]]!r}: it has the '
            f'{len(cameras)} cameras {", ".join(cameras)}, and none for '
            f'{", ".join(missing)} of the {len(views)} views; a view may be left out'
        )
    for name in known_as.values():
        same = [view for view in views if known_as[view] == name]
        if len(same) > 1:
            raise ValueError(
                f'{" and ".join(same)} have the same camera {name!r} of {origin}: '
                'each view has its own'
            )
    return {view: cameras[name] for view, name in known_as.items()}


def camera_of_images(
    camera: Camera,
    name: str,
    image_size: tuple[int, int],
    images: str,
    resized: bool = False,
) -> Camera:
    """The camera of images, which may be resized ones of those it was
    calibrated at.

    Args:
        camera (Camera): Of a calibration.
        name (str), images (str): The camera and its images, for messages.
        image_size (tuple[int, int]): Width and height of the images.
        resized (bool): Whether they may be resized (``--rescale-intrinsics``).

    Raises:
        ValueError: If the images have another size and are not resized, or if
            this cannot be a resize; or if the calibration does not say the
            size that it is to be resized from.
    """
    size = camera.image_size
    if size is None:
        if resized:
            raise ValueError(
                f'the calibration does not say the image size that camera {name!r} '
                'was calibrated at, so that --rescale-intrinsics cannot scale K: '
                'add "width" and "height" to it'
            )
        return camera
    width, height = image_size
    if size == (width, height):
        return camera
    sizes = (
        f'camera {name!r} was calibrated at {size[0]}x{size[1]}, but {images} has '
        f'{width}x{height} pixels'
    )
    if not _same_aspect(size, image_size):
        if _same_aspect(size, (height, width)):
            raise ValueError(
                f'{sizes}: width and height are exchanged. One of both is turned by '
                '90 degrees (portrait, landscape), which no resize mends. Turn the '
                'images back, or calibrate with images that are turned like these'
            )
        raise ValueError(
            f'{sizes}. The aspect is another one: the images were cropped, padded '
            'or stretched, not resized alone (--rescale-intrinsics), and need '
            'another K'
        )
    if not resized:
        raise ValueError(
            f'{sizes}. If the images were resized, give --rescale-intrinsics '
            '(rescale_intrinsics=True); cropped images need another K'
        )
    return camera.resize(image_size)


def unusual_principal_point(camera: Camera, image_size: tuple[int, int]) -> str | None:
    """What is strange about the principal point, None if nothing is.

    It is near the middle of the image, unless the image is cropped or K is of
    another size.
    """
    shifts = [
        float(camera.K[axis, 2] + 0.5) / side - 0.5
        for axis, side in enumerate(image_size)
    ]
    if max(map(abs, shifts)) <= _USUAL_SHIFT:
        return None
    x, y = camera.K[:2, 2]
    return (
        f'the principal point ({x:.0f}, {y:.0f}) is far from the middle of '
        f'{image_size[0]}x{image_size[1]} pixels: is K of images of this size?'
    )


def _same_aspect(old: tuple[int, int], new: tuple[int, int]) -> bool:
    """Whether one may be the other resized, to whole pixels."""
    (width, height), (new_width, new_height) = old, new
    return (
        abs(height * new_width / width - new_height) <= _ROUNDING
        or abs(width * new_height / height - new_width) <= _ROUNDING
    )
