"""Names in the folder of a rig: equal names belong together."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmengine.logging import print_log

# (sequence, camera) -> its images
Views = Mapping[tuple[str, str], Sequence[Path]]


def refuse_lone_cameras(views: Views) -> None:
    """Refuse a camera whose images have names that no other camera's have.

    Raises:
        ValueError: If a sequence of several cameras has such a one.
    """
    recordings: dict[str, dict[str, dict[str, Path]]] = {}
    for (sequence, camera), files in views.items():
        names = {file.stem: file for file in files}
        recordings.setdefault(sequence, {})[camera] = names
    for cameras in recordings.values():
        counts = Counter(name for names in cameras.values() for name in names)
        for camera, names in cameras.items():
            if len(cameras) > 1 and all(counts[name] == 1 for name in names):
                own = next(iter(names.values()))
                other = next(
                    next(iter(images.values()))
                    for of, images in cameras.items()
                    if of != camera
                )
                raise ValueError(
                    f'no image of {own.parent} is called like one of another camera: '
                    f'{own.name} there, {other} here. Images of one time step have '
                    'the same name. rig2coco.py NEW FOLDER of these image folders '
                    'matches them by their numbers'
                )


def tell_of_unused(folder: Path, names: Mapping[Path, set[str]]) -> None:
    """Name the JSON files that belong to no image.

    Args:
        folder (Path): Of the JSON files: ``labels`` or ``xyz``.
        names (Mapping[Path, set[str]]): Names of the images, without suffixes,
            by the directory in which their JSON files are.
    """
    if not folder.is_dir():
        return
    unused: dict[Path, list[str]] = {}
    for file in sorted(folder.rglob('*.json')):
        hidden = any(part.startswith('.') for part in file.relative_to(folder).parts)
        if not hidden and file.stem not in names.get(file.parent, ()):
            unused.setdefault(file.parent, []).append(file.name)
    for parent, files in unused.items():
        print_log(
            f'{parent}: {len(files)} files belong to no image and are not used, the '
            f'first is {files[0]}',
            'current',
            logging.WARNING,
        )
