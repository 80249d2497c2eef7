"""Names in the folder of a rig: equal names belong together, and what has another name
is not used."""

import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from mmengine.logging import print_log

from ...cameras.files.documents import SUFFIXES as CALIBRATION_SUFFIXES
from ...utils.few_names import few
from ..frames.file_types import visible
from ..labels.reading import SUFFIXES as LABEL_SUFFIXES

# (sequence, camera) -> its images
Views = Mapping[tuple[str, str], Sequence[Path]]
_MOST_NAMES = 4


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
    """Name the JSON files that belong to no image, and those of other formats.

    Args:
        folder (Path): Of the files: ``labels`` or ``xyz``.
        names (Mapping[Path, set[str]]): Names of the images, without suffixes,
            by the directory in which their JSON files are.
    """
    if not folder.is_dir():
        return
    unused: dict[tuple[Path, bool], list[str]] = {}
    for file in sorted(folder.rglob('*')):
        hidden = any(part.startswith('.') for part in file.relative_to(folder).parts)
        if hidden or file.suffix.lower() not in LABEL_SUFFIXES:
            continue
        is_json = file.suffix == '.json'
        if not is_json or file.stem not in names.get(file.parent, ()):
            unused.setdefault((file.parent, is_json), []).append(file.name)
    for (parent, is_json), files in unused.items():
        why = (
            'belong to no image and are not used'
            if is_json
            else 'are no .json and not read from here (docs/your_own_rig.md, the folder)'
        )
        print_log(
            f'{parent}: {len(files)} files {why}, the first is {files[0]}',
            'current',
            logging.WARNING,
        )


def tell_of_unused_cameras(
    root: Path, views: Views, cameras: Collection[str], read: Collection[Path]
) -> None:
    """Name what may be the cameras of views that have none: calibrations that are not
    read, and cameras that no view is called like. Nothing, where there is neither.

    Args:
        root (Path): Of the rig.
        views (Views): Its images.
        cameras (Collection[str]): Names of those that were read, ``<camera>`` or
            ``<sequence>/<camera>``.
        read (Collection[Path]): Files that are read where they are there.
    """
    without = [view for view in views if not {view[1], '/'.join(view)} & {*cameras}]
    if not without:
        return
    found = [*visible(root, 'calibration.*'), *visible(root / 'calibration')]
    files = [
        file.relative_to(root).as_posix()
        for file in found
        if file.suffix.lower() in CALIBRATION_SUFFIXES and file not in read
    ]
    sequences = {sequence for sequence, _ in without}
    of_views = {name for view in views for name in (view[1], '/'.join(view))}
    others = [
        name
        for name in cameras
        if name not in of_views and ('/' not in name or name.split('/')[0] in sequences)
    ]
    if not (files or others):
        return
    lines = [f'{few(["/".join(view) for view in without], _MOST_NAMES)} have no camera']
    if files:
        lines.append(
            f'not read are {few(files, _MOST_NAMES)}: a calibration is called calibration.json or '
            'calibration/<sequence>.json (rig2coco.py --calibration makes it of others)'
        )
    if others:
        lines.append(f'no image is of the cameras {few(others, _MOST_NAMES)}')
    print_log(f'{root}: ' + '; '.join(lines), 'current', logging.WARNING)
