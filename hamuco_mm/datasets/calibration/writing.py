import json
import os
from pathlib import Path
from typing import Mapping, Optional, Union

from .camera import Camera


def write_calibration(path: Union[str, Path],
                      cameras: Mapping[str, Camera],
                      read_as: Optional[dict] = None) -> None:
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
        cameras={name: camera.as_dict() for name, camera in cameras.items()})
    if read_as is not None:
        content['read_as'] = read_as
    path = Path(path)
    part = path.with_name(path.name + '.part')
    part.write_text(json.dumps(content, indent=1) + '\n')
    os.replace(part, path)
