"""Where the labels of a data set are written."""

from pathlib import Path

from ..datasets.build import find_layout
from ..datasets.storage.image_folder import is_packed_only
from .hanco_labels import HanCoLabels
from .rig_labels import RigLabels

LabelTarget = HanCoLabels | RigLabels


def open_target(
    data: Path,
    out: Path | None = None,
    overwrite: bool = False,
    hand_side: str = 'right',
) -> LabelTarget:
    """The images of a data set, and where their labels go.

    Args:
        data (Path): JSON file or folder of a rig (whose ``rig.json`` is taken
            if it is there), or a directory in HanCo's layout.
        out (Path, optional): Where the labels go, see the classes.
        overwrite (bool): Replace existing labels.
        hand_side (str): Of a rig's images without an annotation.

    Raises:
        FileNotFoundError: If there is nothing.
        ValueError: If it is none of these.
    """
    layout, data = find_layout(data)
    if layout == 'rig':
        return RigLabels(data, out, overwrite, hand_side)
    if is_packed_only(data / 'rgb'):
        raise ValueError(
            f'the images of {data} are in rgb.lmdb alone: to be '
            'labelled they have to be in the folder rgb'
        )
    return HanCoLabels(data, out, overwrite)
