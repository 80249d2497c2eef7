"""Which label files belong to which images of a data set."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ..datasets.labels import LabelNotes, match_labels
from ..datasets.labels.matching import plain_name
from ..utils.few_names import few
from .hand_image import HandImage

_MOST_NAMES = 4


class LabelsOfImages:
    """The label of each image, camera by camera.

    Labels that all are called as the images are were made of these. Others may
    have been made of the recording that the images come from: then they are
    matched with what the images are called there.

    Args:
        images (Iterable[HandImage]): All images that labels are wanted of; where
            there are none, a label is called as its image.
        offset (int, optional): See
            :func:`~hamuco_mm.datasets.labels.match_labels`.
    """

    def __init__(self, images: Iterable[HandImage] = (), offset: int | None = None):
        self._images: dict[str, dict[str, str | None]] = {}
        for image in images:
            camera, _, frame = image.name.rpartition('/')
            self._images.setdefault(camera, {})[frame] = image.source_frame
        self._offset = offset
        self._matched: dict[str, dict[str, str]] = {}

    def label_of(
        self,
        image: HandImage,
        labels: Sequence[str],
        source: Path,
        of_images: bool = False,
    ) -> str | None:
        """The name of an image's label, None if it has none.

        Args:
            image (HandImage): The image.
            labels (Sequence[str]): Names of the labels of its camera.
            source (Path): Where these are, for messages.
            of_images (bool): Whether the labels are known to be made of the images
                of the data set: then they are called as these.

        Raises:
            ValueError: If it is not known which label is that of an image.
        """
        camera, _, frame = image.name.rpartition('/')
        if camera not in self._images:
            return frame if frame in labels else None
        if camera not in self._matched:
            try:
                self._matched[camera] = self._match(camera, labels, of_images)
            except ValueError as error:
                raise ValueError(f'{source}: {error}') from error
        return self._matched[camera].get(frame)

    def unused(self, labels: Mapping[str, tuple[Path, Sequence[str]]]) -> list[str]:
        """A line for each camera that has labels of no image.

        Args:
            labels (Mapping): By camera, where its labels are and their names.
        """
        lines = []
        for camera, (source, names) in labels.items():
            used = set(self._matched.get(camera, {}).values())
            unused = [name for name in names if name not in used]
            if unused and camera in self._images:
                lines.append(
                    f'{source}: {len(unused)} of {len(names)} labels belong to no '
                    f'image: {few(unused, _MOST_NAMES)}'
                )
        return lines

    def _match(
        self, camera: str, labels: Sequence[str], of_images: bool
    ) -> dict[str, str]:
        images = self._images[camera]
        if self._offset is None and (of_images or set(labels) <= set(images)):
            return {name: name for name in labels}
        sources = {
            source: frame for frame, source in images.items() if source is not None
        }
        if len(sources) < len(images):
            return match_labels(labels, list(images), self._offset)
        matched = match_labels(labels, list(sources), self._offset)
        return {sources[source]: label for source, label in matched.items()}


def note_age(notes: LabelNotes, file: Path, name: str, image: HandImage) -> None:
    """Note a label that is called as its image and cannot have been made of it.

    The image is newer. If the recording calls it otherwise, the label is of the
    recording, or of an image that was replaced since.

    Args:
        notes (LabelNotes): Told of it.
        file (Path): Of the label.
        name (str): Of the label.
        image (HandImage): That the label was matched with.
    """
    frame = image.name.rpartition('/')[2]
    if name != frame or image.source_frame is None:
        return
    if plain_name(image.source_frame) == plain_name(frame):
        return
    if file.stat().st_mtime < image.path.stat().st_mtime:
        notes.add(
            'labels are called as images are that are newer, and that the recording '
            'calls otherwise: if the images were replaced since, make the labels anew',
            file,
        )
