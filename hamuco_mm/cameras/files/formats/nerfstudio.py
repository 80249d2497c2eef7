"""``transforms.json`` of nerfstudio and Instant-NGP
(https://docs.nerf.studio/quickstart/data_conventions.html).

``transform_matrix`` of each image is the camera's pose in OpenGL's axes, of
arbitrary scale; intrinsics are those of the image or, at the top, of all.
Pixel centres are at 0.5, as in COLMAP.
"""

import os.path
from typing import Any

from ...camera import Camera
from ..documents import Document
from ..errors import CalibrationError
from ..fields import camera_from_fields
from ..notes import Notes
from .found import FileCameras
from .still_cameras import add_image, camera_of_image

_MODELS = dict(
    PINHOLE='opencv',
    SIMPLE_PINHOLE='opencv',
    SIMPLE_RADIAL='opencv',
    RADIAL='opencv',
    OPENCV='opencv',
    OPENCV_FISHEYE='fisheye',
    SIMPLE_RADIAL_FISHEYE='fisheye',
    RADIAL_FISHEYE='fisheye',
)
_COEFFICIENTS = dict(
    opencv=('k1', 'k2', 'p1', 'p2', 'k3'), fisheye=('k1', 'k2', 'k3', 'k4')
)
# One list in place of single numbers, of whichever model.
_LIST, _LISTED = 'distortion_params', ('k1', 'k2', 'k3', 'k4', 'p1', 'p2')
_LENS = [
    'fl_x',
    'fl_y',
    'cx',
    'cy',
    'w',
    'h',
    'k1',
    'k2',
    'k3',
    'k4',
    'p1',
    'p2',
    'camera_model',
    'camera_angle_x',
    'camera_angle_y',
    'is_fisheye',
    _LIST,
]
_IMAGE = ('file_path', 'transform_matrix')


def is_nerfstudio(document: Document) -> bool:
    """Whether it has frames with a ``transform_matrix``."""
    frames = document.table.get('frames')
    return isinstance(frames, list) and any(
        isinstance(frame, dict) and 'transform_matrix' in frame for frame in frames
    )


def read_nerfstudio(document: Document, notes: Notes) -> FileCameras:
    """Read a file of cameras that stand still.

    Raises:
        CalibrationError: If a frame has no intrinsics or no place, or if a
            camera moves.
    """
    at_top = {key: document.table[key] for key in _LENS if key in document.table}
    shared = _single_numbers(document, 'the top', at_top)
    cameras: dict[str, Camera] = {}
    unused: dict[str, None] = {}
    frames = document.table['frames']
    for position, frame in enumerate(frames):
        if not isinstance(frame, dict) or not set(_IMAGE) <= set(frame):
            raise CalibrationError(
                document.path,
                'has no file_path or no transform_matrix',
                f'frames[{position}]',
            )
    # a program on Windows may have written the paths
    images = [str(frame['file_path']).replace('\\', '/') for frame in frames]
    folder = _common_folder(images)
    for position, frame in enumerate(frames):
        place = f'frames[{position}]'
        image = images[position][len(folder) :]
        own = _single_numbers(document, place, frame)
        fields = _in_our_words(document, place, {**shared, **own})
        fields['extrinsics'] = frame['transform_matrix']
        camera = camera_from_fields(
            document.path, camera_of_image(image), fields, notes
        )
        add_image(cameras, image, camera, document.path)
        unused.update(dict.fromkeys(set(frame) - {*_LENS, *_IMAGE}))
    for key in (*unused, *document.table):
        if key not in (*at_top, 'frames'):
            notes.unused(key)
    return FileCameras(cameras, 'cam2world', axes='opengl', defined=True)


def _common_folder(images: list[str]) -> str:
    """The folder of all images, up to its last '/'."""
    return os.path.commonprefix(images).rpartition('/')[0]


def _single_numbers(document: Document, place: str, said: dict) -> dict[str, Any]:
    """With ``k1``, ``k2`` and so on in place of a list of them."""
    numbers = said.get(_LIST)
    if numbers is None:
        return said
    if not isinstance(numbers, list) or len(numbers) != len(_LISTED):
        raise CalibrationError(
            document.path,
            f'should be the {len(_LISTED)} numbers {", ".join(_LISTED)}',
            f'{place}, {_LIST}',
        )
    found = dict(zip(_LISTED, numbers))
    for key, number in found.items():
        if said.get(key, number) != number:
            raise CalibrationError(
                document.path,
                f'{key!r} differs from that of {_LIST}',
                place,
                'Leave the one that is right',
            )
    return {**said, **found}


def _in_our_words(document: Document, place: str, said: dict) -> dict[str, Any]:
    missing = [key for key in ('fl_x', 'cx', 'cy') if key not in said]
    if missing:
        raise CalibrationError(
            document.path,
            f'no {", ".join(missing)}',
            place,
            'Give fl_x, fl_y, cx and cy in pixels',
        )
    name = said.get(
        'camera_model', 'OPENCV_FISHEYE' if said.get('is_fisheye') else 'OPENCV'
    )
    if name not in _MODELS:
        raise CalibrationError(
            document.path,
            f'camera_model {name!r} is not supported',
            place,
            f'It should be one of {list(_MODELS)}',
        )
    model = _MODELS[name]
    names = _COEFFICIENTS[model]
    others = [
        key
        for key in ('k1', 'k2', 'k3', 'k4', 'p1', 'p2')
        if key not in names and said.get(key)
    ]
    if model == 'opencv' and others:
        raise CalibrationError(
            document.path, 'k4 of this model is not supported', place, 'OpenCV has none'
        )
    try:
        cx, cy = float(said['cx']) - 0.5, float(said['cy']) - 0.5
    except (TypeError, ValueError, OverflowError):
        raise CalibrationError(document.path, 'cx, cy are no numbers', place) from None
    fields = dict(
        fx=said['fl_x'],
        fy=said.get('fl_y', said['fl_x']),
        cx=cx,
        cy=cy,
        dist=[said.get(key, 0) for key in names],
        distortion_model=model,
    )
    if said.get('w') is not None and said.get('h') is not None:
        fields.update(width=said['w'], height=said['h'])
    return fields
