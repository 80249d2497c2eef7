"""What files call the lens model, and which of ours it is."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..lenses import LENS_MODELS
from .errors import CalibrationError

# Keys whose value is the name of a lens model and nothing else.
MODEL_KEYS = ('distortion_model', 'lens_model', 'projection_model', 'distortion_type')
# Keys whose value may be one, or the make of the camera, or its resolution.
VAGUE_KEYS = ('camera_model', 'model', 'type', 'camera_type', 'lens')
# Keys that say yes or no.
FISHEYE_KEYS = ('fisheye', 'fisheye_model', 'is_fisheye', 'use_fisheye')

# Names without case and signs -> a lens model; None where coefficients of both
# could follow.
_NAMES: dict[str, str | None] = {
    **dict.fromkeys(
        (
            'opencv',
            'fullopencv',
            'plumbbob',
            'radtan',
            'radialtangential',
            'brown',
            'brownconrady',
            'rational',
            'rationalpolynomial',
            'standard',
            'thinprism',
            'tilted',
        ),
        'opencv',
    ),
    **dict.fromkeys(
        (
            'fisheye',
            'opencvfisheye',
            'equidistant',
            'equi',
            'kannala',
            'kannalabrandt',
            'kannalabrandt4',
            'kb4',
        ),
        'fisheye',
    ),
    **dict.fromkeys(('pinhole', 'perspective', 'none', 'nodistortion'), None),
}
# Names of models that none of ours is.
_OTHERS = frozenset(
    [
        'omni',
        'omnidirectional',
        'mei',
        'ucm',
        'unified',
        'eucm',
        'ds',
        'doublesphere',
        'fov',
        'ftheta',
        'inversebrownconrady',
        'modifiedbrownconrady',
        'division',
        'scaramuzza',
        'ocam',
        'spherical',
        'equirectangular',
        'orthographic',
        'thinprismfisheye',
    ]
)
# Keys that are not known, and texts in which such a name may stand for the lens model.
_LIKE_MODEL = re.compile('lens|distort|projection|model|type', re.IGNORECASE)
_SHORTEST = 5
_YES, _NO = ('1', 'true', 'yes'), ('0', 'false', 'no')


def known_lens_name(value: Any) -> bool:
    """Whether a text names a lens model, one of ours or another."""
    return _plain(value) in _NAMES or _plain(value) in _OTHERS


def may_name_lens(key: str, value: Any, has_lens: bool) -> bool:
    """Whether a key that is not known, or its text, may name a lens model other than
    OpenCV's usual one.

    Args:
        key (str), value (Any): Such as ``lens_type`` and 'wide fisheye'.
        has_lens (bool): Whether the camera has coefficients: without, only a fisheye
            is another camera.
    """
    if not _LIKE_MODEL.search(key):
        return False
    names = [name for name, model in _NAMES.items() if model == 'fisheye']
    names += _OTHERS if has_lens else ()
    text = _plain(value)
    return any(name in text for name in names if len(name) >= _SHORTEST)


def lens_model(
    path: Path, place: str, said: Mapping[str, Any]
) -> tuple[str, frozenset[str]]:
    """The lens model of a camera.

    Args:
        path (Path), place (str): The file and the camera, for messages.
        said (Mapping): What it says, by any of the keys above.

    Returns:
        tuple: A key of ``LENS_MODELS``, and the keys that said it.

    Raises:
        CalibrationError: If it names a model that is not known, or two.
    """
    models: dict[str, str | None] = {}
    for key in (*MODEL_KEYS, *VAGUE_KEYS):
        value = said.get(key)
        if value is None or (key in VAGUE_KEYS and not known_lens_name(value)):
            continue
        if _plain(value) not in _NAMES:
            raise CalibrationError(
                path,
                f'{key} {value!r} is not known',
                place,
                f'It should be one of {list(LENS_MODELS)}, or another name of these: '
                f'{", ".join(sorted(_NAMES))}. Calibrate with one of them',
            )
        models[key] = _NAMES[_plain(value)]
    for key in FISHEYE_KEYS:
        if said.get(key) is not None:
            models[key] = 'fisheye' if _truth(path, place, key, said[key]) else 'opencv'
    found = {model for model in models.values() if model}
    if len(found) > 1:
        sayings = ', '.join(f'{key} {said[key]!r}' for key in models)
        raise CalibrationError(
            path, f'two lens models: {sayings}', place, 'Leave one of them'
        )
    return (found.pop() if found else 'opencv'), frozenset(models)


def lens_of_all(content: Mapping[str, Any]) -> dict[str, Any]:
    """What the top of a file says of the lens model of all its cameras, which a
    camera's own values may contradict."""
    return {
        key: content[key]
        for key in (*MODEL_KEYS, *FISHEYE_KEYS)
        # a map of this name may be a camera
        if key in content and not isinstance(content[key], (dict, list))
    }


def says_no_lens(said: Mapping[str, Any], keys: frozenset[str]) -> bool:
    """Whether one of the keys says that there is no distortion."""
    return any(_plain(said[key]) in ('none', 'nodistortion') for key in keys)


def _plain(value: Any) -> str:
    return re.sub('[^a-z0-9]', '', value.lower()) if isinstance(value, str) else ''


def _truth(path: Path, place: str, key: str, value: Any) -> bool:
    word = str(value).strip().lower()
    word = word.removesuffix('.0')
    if word not in (*_YES, *_NO):
        raise CalibrationError(
            path, f'{key} {value!r} is neither true nor false', place
        )
    return word in _YES
