"""Numbers of 21 joints in whatever lists they stand."""

from pathlib import Path
from typing import Any

import numpy as np

from ...hand_model import NUM_JOINTS
from ...utils.json_files import MalformedFileError, as_array


class WrongJointCountError(ValueError):
    """A label file of another skeleton.

    Never skipped quietly: when one file has another number of joints, the
    whole data set most likely does.
    """

    def __init__(self, path: Path, key: str, found: int):
        super().__init__(
            f'{path}: {key} has {found} joints, expected {NUM_JOINTS} (wrist, '
            'then thumb to pinky from base to tip). Convert the labels to '
            'this order, or point `data_prefix` at labels that have it.'
        )


def joint_rows(path: Path, value: Any, key: str, width: int) -> np.ndarray:
    """The numbers of 21 joints, joint by joint.

    They may be nested in any way that keeps this order, as the authors' code
    reads them (``np.array(value).reshape(21, width)``): 21 lists, one flat list,
    lists of one number. Lists of all x and of all y are refused, which that
    code mixes up.

    Args:
        path (Path), key (str): The file and the part, for messages.
        value (Any): The part.
        width (int): Numbers of a joint.

    Returns:
        np.ndarray: (21, width), float64; ``null`` is NaN.

    Raises:
        MalformedFileError: If these are no numbers, none, or in another order.
        WrongJointCountError: If there are more or fewer joints.
    """
    if not isinstance(value, list):
        raise MalformedFileError(path, f'{key} should be a list')
    array = as_array(value, None, path, key, np.float64)
    if not array.size:
        raise MalformedFileError(path, f'{key} is empty')
    if array.size != NUM_JOINTS * width:
        flat = array.ndim == 1 or array.shape[-1] == 1
        count = array.size // width if flat else array.size // array.shape[-1]
        if not flat and count == NUM_JOINTS:
            raise MalformedFileError(
                path, f'{key} should have {width} numbers a joint, got {array.shape}'
            )
        raise WrongJointCountError(path, key, count)
    lengths = tuple(length for length in array.shape if length != 1)
    if lengths not in ((NUM_JOINTS * width,), (NUM_JOINTS, width)):
        raise MalformedFileError(
            path, f'{key} should go joint by joint, got lists of {array.shape}'
        )
    return array.reshape(NUM_JOINTS, width)
