"""Which recording the images of a rig show, so that labels of others are noticed.

The names of images do not change when ``rig2coco.py --overwrite`` replaces them.
``rig.json``, and each file of labels made of it, says in ``info.images_of`` what the
images were made of; the folder of the images says what they are made of now.
"""

import json
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path

from ...utils.json_files import read_json

# In each folder of images: where they come from.
MARKER = '.source.json'
# What decides which moment an image shows. The same recording may have been moved.
_SHOWN = ('content', 'frame_numbers', 'offset', 'step')


def image_origin(folder: Path) -> str | None:
    """A digest of what the images of a folder show.

    Returns:
        str | None: None if ``rig2coco.py`` did not make them.
    """
    marker = folder / MARKER
    known = read_json(marker) if marker.exists() else None
    if not isinstance(known, dict) or any(key not in known for key in _SHOWN):
        return None
    shown = json.dumps([known[key] for key in _SHOWN])
    return blake2b(shown.encode(), digest_size=8).hexdigest()


def replaced_images(root: Path, annotations: Mapping) -> list[str]:
    """Views whose images were replaced after the annotations were made.

    Args:
        root (Path): Directory of the data set.
        annotations (Mapping): As in its JSON file.

    Returns:
        list[str]: '<sequence>/<camera>'; what has no note of its origin, in the
        file or in the folder, is not among them.
    """
    info = annotations.get('info')
    origins = info.get('images_of') if isinstance(info, dict) else None
    if not isinstance(origins, dict):
        return []
    return [
        view
        for view, origin in origins.items()
        if image_origin(root / 'images' / view) not in (None, origin)
    ]


def refuse_replaced_images(path: Path, annotations: Mapping) -> None:
    """Refuse a JSON file whose images were replaced after it was made.

    Args:
        path (Path): The file, in the directory of the data set.
        annotations (Mapping): Its content.

    Raises:
        ValueError: Naming the views and the tool that makes the file anew.
    """
    views = replaced_images(path.parent, annotations)
    if views:
        raise ValueError(
            f'{path}: it has labels of other images than those that are there now: '
            f'rig2coco.py has replaced those of {", ".join(views)} since. '
            f'Make it anew: {maker(annotations)}'
        )


def maker(annotations: Mapping) -> str:
    """The tool that made a JSON file, as a command."""
    info = annotations.get('info', {})
    if 'cleaned' in info:
        return 'labels by pseudo_label.py --overwrite, then clean_labels.py --overwrite'
    if 'pseudo_labels' in info:
        return 'pseudo_label.py --overwrite, of the new rig.json'
    return 'rig2coco.py with the same arguments'
