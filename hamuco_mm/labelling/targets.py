"""Where labels go, by what the data set is."""

from pathlib import Path

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
        overwrite (bool): Replace labels that are there.
        hand_side (str): Of a rig's images without an annotation.

    Raises:
        FileNotFoundError: If there is nothing.
        ValueError: If it is none of these.
    """
    if not data.exists():
        raise FileNotFoundError(f'there is no {data}')
    if (data / 'rig.json').is_file():
        data = data / 'rig.json'
    if data.suffix == '.json' or (data / 'images').is_dir():
        return RigLabels(data, out, overwrite, hand_side)
    if (data / 'rgb').is_dir():
        return HanCoLabels(data, out, overwrite)
    if is_packed_only(data / 'rgb'):
        raise ValueError(
            f'the images of {data} are in rgb.lmdb alone: to be '
            'labelled they have to be in the folder rgb'
        )
    raise ValueError(
        f'{data} is neither a rig (rig.json, or images/'
        "<sequence>/<camera>) nor in HanCo's layout (rgb)"
    )
