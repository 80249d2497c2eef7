"""The lens of a camera, from its named values."""

import re

import numpy as np

from ..lenses import LENS_MODELS
from .lens_names import (
    FISHEYE_KEYS,
    MODEL_KEYS,
    VAGUE_KEYS,
    lens_model,
    may_name_lens,
    says_no_lens,
)
from .values import CameraValues

_DISTORTION = (
    'dist',
    'distortion_coefficients',
    'Distortion_Coefficients',
    'DistortionCoefficients',
    'distortionCoefficients',
    'distortion_coeffs',
    'distortion_vector',
    'distortions',
    'distortion',
    'distCoeffs',
    'dist_coeffs',
    'dist_coeff',
    'distCoef',
    'coeffs',
    'coefficients',
    'D',
)
_COEFFICIENTS = dict(
    opencv=('k1', 'k2', 'p1', 'p2', 'k3', 'k4', 'k5', 'k6'),
    fisheye=('k1', 'k2', 'k3', 'k4'),
)
# Unknown names that may be coefficients.
_LIKE_LENS = re.compile(
    'dist(?!ance)|coef|^radial|^tangential|^xi$|^k[0-9]$|^p[0-9]$', re.IGNORECASE
)


def read_lens(values: CameraValues) -> tuple[str, np.ndarray]:
    """A key of ``LENS_MODELS``, and coefficients (k, ).

    Raises:
        CalibrationError: If the model is not known, has not so many, or two
            differ; or if none is said, and a key that is not known may say it.
    """
    said = values.peek((*MODEL_KEYS, *VAGUE_KEYS, *FISHEYE_KEYS))
    model, used = lens_model(values.path, values.place, said)
    values.use(used)
    found = {key: dist.ravel() for key, dist in values.arrays(_DISTORTION).items()}
    names = _COEFFICIENTS[model]
    if any(values.has(key) for key in names):
        single = [values.number(key) if values.has(key) else 0.0 for key in names]
        number = len(names) if model == 'fisheye' or any(single[5:]) else 5
        found[', '.join(names)] = np.array(single[:number])
    dist = values.only_one(found) if found else np.zeros(0)
    allowed = LENS_MODELS[model]
    if len(dist) not in allowed:
        raise values.error(
            f'{len(dist)} distortion coefficients',
            None,
            f'The {model} model has one of {allowed}',
        )
    if dist.any() and says_no_lens(said, used):
        raise values.error('it says that there is no distortion, and has coefficients')
    for key, value in values.peek([] if used else values.unused()).items():
        if may_name_lens(key, value, has_lens=bool(dist.any())):
            raise values.error(
                f'{key!r} is {value!r}, which may be the lens model and is not known',
                None,
                f'Say "distortion_model", one of {list(LENS_MODELS)}, and take it out',
            )
    return model, dist


def may_be_lens(key: str) -> bool:
    """Whether an unknown name may be of a lens."""
    return bool(_LIKE_LENS.search(key))
