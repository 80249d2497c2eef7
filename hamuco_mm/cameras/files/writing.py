import json
from collections.abc import Mapping
from pathlib import Path

from ...utils.files import write_atomically
from ...utils.json_files import parse_json
from ..camera import Camera


def write_calibration(
    path: str | Path, cameras: Mapping[str, Camera], read_as: dict | None = None
) -> None:
    """Write cameras as JSON that says what it means; completely or not at
    all.

    Args:
        path (str | Path): File to write.
        cameras (Mapping[str, Camera]): World to camera, metres.
        read_as (dict, optional): From which file and by which options they
            were read, so that a check can say which one to change.
    """
    content = dict(
        extrinsics='world2cam',
        unit='m',
        axes='opencv',
        cameras={name: camera.as_dict() for name, camera in cameras.items()},
    )
    if read_as is not None:
        content['read_as'] = read_as
    _replace(Path(path), content)


def update_timing(
    path: str | Path, step: int, offsets: Mapping[str, int], every: Mapping[str, int]
) -> None:
    """Change ``step``, ``offsets`` and ``every`` in the ``read_as`` of a file of
    :func:`write_calibration`; nothing, if there is no such file or it has no
    ``read_as``.

    Args:
        path (str | Path): The file.
        step (int): Frames of the slowest camera from one time step to the next.
        offsets (Mapping[str, int]): By camera; others keep theirs.
        every (Mapping[str, int]): By camera, how many of its frames are one of the
            slowest; likewise.

    Raises:
        ValueError: If it is not JSON.
    """
    path = Path(path)
    if not path.exists():
        return
    try:
        content = parse_json(path.read_bytes())
    except ValueError as error:
        raise ValueError(f'{path}: not readable as JSON ({error})') from error
    if isinstance(content, dict) and isinstance(content.get('read_as'), dict):
        read_as = content['read_as']
        read_as['step'] = step
        for key, values in dict(offsets=offsets, every=every).items():
            read_as[key] = {**(read_as.get(key) or {}), **values}
        _replace(path, content)


def _replace(path: Path, content: dict) -> None:
    write_atomically(path, json.dumps(content, indent=1) + '\n')
