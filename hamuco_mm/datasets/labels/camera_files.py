"""The label files of one camera: one for each image, or one for all."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from ...utils.json_files import read_json
from ...utils.near_paths import near_path
from ..frames.file_types import visible
from .hand_label import HandLabel
from .matching import plain_name
from .mediapipe import IMAGE_DIGEST
from .notes import LabelNotes
from .pytables import SUFFIXES as PYTABLES_SUFFIXES
from .reading import SUFFIXES, read_hands, read_recording

# DeepLabCut puts the name of its network after that of the video.
_OF_NETWORK = 'DLC_'


class CameraLabels:
    """Labels of a camera.

    They are in ``<camera>/<frame>.json`` (or ``.csv``), a file for each image, or
    in one file of MMPose, DeepLabCut or Lightning Pose: ``<camera>.json``,
    ``<camera>.csv``, ``<camera>DLC_....csv`` or ``.h5``, or the only file in
    ``<camera>/``. Of a table that is there as CSV and as HDF5, the CSV is read.

    Args:
        path (Path): ``<camera>``, without a suffix.
        notes (LabelNotes): Told of what a user should know.
        swap_sides (bool): See
            :func:`~hamuco_mm.datasets.labels.mediapipe.parse_mediapipe`.

    Attributes:
        names (list[str]): Of the frames that have a label.

    Raises:
        FileNotFoundError: If there is neither.
        ValueError: If there are several files of all images, or one is malformed.
    """

    def __init__(self, path: Path, notes: LabelNotes, swap_sides: bool = True):
        self.path, self._notes, self._swap_sides = path, notes, swap_sides
        self._files: dict[str, Path] = {}
        self._recording: dict[str, list[HandLabel]] | None = None
        if path.is_dir():
            files = _label_files(visible(path))
            if len(files) == 1:
                self._recording = read_recording(files[0], notes)
            _refuse_repeated(files)
            self._files = {file.stem: file for file in files}
        else:
            self._recording = self._of_one_file(path)
        named = self._files if self._recording is None else self._recording
        self.names = list(named)

    def hands(self, name: str) -> list[HandLabel]:
        """The hands in a frame.

        Args:
            name (str): One of ``names``.

        Raises:
            MalformedFileError: If its file is malformed.
        """
        if self._recording is not None:
            return self._recording[name]
        return read_hands(self._files[name], self._notes, self._swap_sides)

    def file(self, name: str) -> Path:
        """The file that has the label of a frame."""
        return self._files.get(name, self.path)

    def image_digest(self, name: str) -> str | None:
        """SHA-256 of the image file that a label was made of, where its file says
        it."""
        file = self._files.get(name)
        if self._recording is not None or file is None or file.suffix != '.json':
            return None
        content = read_json(file)
        return content.get(IMAGE_DIGEST) if isinstance(content, dict) else None

    def _of_one_file(self, path: Path) -> dict[str, list[HandLabel]]:
        parent, name = path.parent, path.name
        files = _label_files(
            file
            for file in (visible(parent) if parent.is_dir() else ())
            if file.stem == name or file.name.startswith(f'{name}{_OF_NETWORK}')
        )
        if not files:
            raise FileNotFoundError(
                f'there are no labels of camera {name!r}: no folder {path}, and no '
                f'file {name}.json or {name}.csv beside it{near_path(path)}'
            )
        if len(files) > 1:
            raise ValueError(
                f'{files[0]} and {files[1]} are both labels of {name}: keep one'
            )
        self.path = files[0]
        found = read_recording(files[0], self._notes)
        if found is None:
            raise ValueError(
                f'{files[0]}: expected the frames of a recording, as MMPose, '
                'DeepLabCut and Lightning Pose write them'
            )
        return found


def best_hand(hands: Sequence[HandLabel], side: str | None) -> HandLabel | None:
    """The hand of a side, else the one with the highest confidence.

    Args:
        hands (Sequence[HandLabel]): In an image.
        side (str, optional): 'left' or 'right'; None for any.
    """
    return max(
        hands,
        key=lambda hand: (hand.hand_side == side, hand.confidence.sum()),
        default=None,
    )


def rivals(hands: Iterable[HandLabel], side: str | None) -> list[HandLabel]:
    """The hands among which :func:`best_hand` takes the most confident one: those of
    the side, else all. A hand without any joint is none.

    Args: see :func:`best_hand`.
    """
    found = [hand for hand in hands if hand.confidence.any()]
    return [hand for hand in found if hand.hand_side == side] or found


def _refuse_repeated(files: Iterable[Path]) -> None:
    known: dict[str, Path] = {}
    for file in files:
        other = known.setdefault(plain_name(file.stem), file)
        if other != file:
            raise ValueError(f'{other} and {file} are both labels of one frame')


def _label_files(paths: Iterable[Path]) -> list[Path]:
    """Those of labels; of a table that DeepLabCut wrote as CSV and HDF5, the CSV."""
    files = [path for path in paths if path.suffix.lower() in SUFFIXES]
    tables = {path.stem for path in files if path.suffix.lower() == '.csv'}
    return [
        path
        for path in files
        if path.suffix.lower() not in PYTABLES_SUFFIXES or path.stem not in tables
    ]
