"""Labels of a data set in HanCo's layout: a directory of small files."""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..datasets.rig import HandLabel
from .hand_image import HandImage

_LABELS = 'rgb_2D_keypoints'
# Beside the labels, what they were made with; data sets do not look at it.
SOURCE_FILE = 'source.json'


class HanCoImages(Sequence):
    """The images of a data set, kept as their names.

    Args:
        root (Path): Directory of the images.
        labels (Path): Directory where labels may be, for boxes.
        suffix (str): Of the images.

    Raises:
        FileNotFoundError: If there are no images in HanCo's layout.
    """

    def __init__(self, root: Path, labels: Path, suffix: str = '.jpg'):
        self.root, self.labels, self.suffix = root, labels, suffix
        self.names: list[str] = []
        for sequence in _numbered(root):
            for camera in _numbered(root / sequence, 'cam'):
                self.names += [
                    f'{sequence}/{camera}/{frame}'
                    for frame in _frames(root / sequence / camera, suffix)
                ]
        if not self.names:
            raise FileNotFoundError(
                f'{root} has no images <sequence>/cam<number>/<frame>{suffix}'
                ', all of them numbers'
            )

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> HandImage:
        name = self.names[index]
        return HandImage(
            name,
            self.root / f'{name}{self.suffix}',
            label_file=self.labels / f'{name}.json',
        )


class HanCoLabels:
    """Writes ``[[[x, y] * 21], [confidence * 21]]`` for each image.

    The directory appears when all of its files are written.

    Args:
        root (Path): The data set, with images in ``rgb``.
        out (Path, optional): Directory for the labels. Defaults to
            ``rgb_2D_keypoints`` of the data set.
        overwrite (bool): Replace labels that are there.

    Raises:
        FileNotFoundError: If there are no images in HanCo's layout.
        FileExistsError: If there are labels.
    """

    def __init__(self, root: Path, out: Path | None = None, overwrite: bool = False):
        known = _labels_of(root)
        self.out = known if out is None else out
        if self.out.exists() and not overwrite:
            raise FileExistsError(
                f'{self.out} is there. --overwrite replaces it when the new '
                'labels are complete; --out DIRECTORY writes elsewhere (use '
                'them by data_prefix=dict(keypoints=DIRECTORY))'
            )
        self.images = HanCoImages(root / 'rgb', known)

    def write(
        self, labels: Iterable[tuple[int, HandLabel | None]], source: dict
    ) -> None:
        """Write all labels.

        Args:
            labels (Iterable): Index of the image, and its label; None for
                none, which leaves no file.
            source (dict): What they were made with.
        """
        with replaced_directory(self.out) as part:
            for index, label in labels:
                if label is not None:
                    path = part / f'{self.images.names[index]}.json'
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(
                        json.dumps(
                            [
                                label.keypoints.round(4).tolist(),
                                label.confidence.round(4).tolist(),
                            ]
                        )
                    )
            (part / SOURCE_FILE).write_text(json.dumps(source, indent=1))


@contextmanager
def replaced_directory(path: Path) -> Iterator[Path]:
    """A directory that takes the place of another when it is complete.

    Args:
        path (Path): Its place; what is there goes at the end of the block,
            and stays if the block raises.

    Yields:
        Path: An empty directory to fill.
    """
    part, old = (path.with_name(path.name + end) for end in ('.part', '.old'))
    # of a run that was interrupted here
    shutil.rmtree(part, ignore_errors=True)
    if old.exists() and not path.exists():
        os.replace(old, path)
    part.mkdir(parents=True)
    yield part
    shutil.rmtree(old, ignore_errors=True)
    if path.exists():
        os.replace(path, old)
    os.replace(part, path)
    shutil.rmtree(old, ignore_errors=True)


def _labels_of(root: Path) -> Path:
    """The labels of a data set, in the spelling that is there."""
    for entry in sorted(root.iterdir()):
        if entry.name.lower() == _LABELS.lower():
            return entry
    return root / _LABELS


def _numbered(directory: Path, leading: str = '') -> list[str]:
    try:
        names = os.listdir(directory)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(
        (n for n in names if n.startswith(leading) and n[len(leading) :].isdigit()),
        key=lambda name: int(name[len(leading) :]),
    )


def _frames(directory: Path, suffix: str) -> list[str]:
    stems = (n[: -len(suffix)] for n in os.listdir(directory) if n.endswith(suffix))
    return sorted((stem for stem in stems if stem.isdigit()), key=int)
