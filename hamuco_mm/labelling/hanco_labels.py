"""Labels of a data set in HanCo's layout: a directory of small files."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..datasets.hanco.layout import DEFAULT_PREFIX, find_spelling
from ..datasets.hanco.writing import keypoints_content
from ..datasets.rig import HandLabel
from ..datasets.storage import DiskFolder
from ..datasets.storage.image_folder import frame_names, numbered
from ..utils.files import replaced_directory
from .hand_image import HandImage

# Says how the labels beside it were made; data sets ignore it.
SOURCE_FILE = 'source.json'


class HanCoImages(Sequence[HandImage]):
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
        folder = DiskFolder(root)
        for sequence in sorted(numbered(folder.names()), key=int):
            for number in sorted(numbered(folder.names(sequence), 'cam'), key=int):
                camera = f'{sequence}/cam{number}'
                self.names += [
                    f'{camera}/{frame}' for frame in _frames(folder, camera, suffix)
                ]
        if not self.names:
            raise FileNotFoundError(
                f'{root} has no images <sequence>/cam<number>/<frame>{suffix}'
                ', all of them numbers'
            )

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> HandImage:  # type: ignore[override]
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
        overwrite (bool): Replace existing labels.

    Raises:
        FileNotFoundError: If there are no images in HanCo's layout.
        FileExistsError: If there are labels.
    """

    def __init__(self, root: Path, out: Path | None = None, overwrite: bool = False):
        known = find_spelling(root / DEFAULT_PREFIX['keypoints'])
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
                    content = keypoints_content(label.keypoints, label.confidence)
                    path.write_text(json.dumps(content))
            (part / SOURCE_FILE).write_text(json.dumps(source, indent=1))


def _frames(folder: DiskFolder, camera: str, suffix: str) -> list[str]:
    """Names of the images of a camera, in numeric order."""
    return sorted(frame_names(folder.names(camera), suffix), key=int)
