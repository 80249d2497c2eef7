"""Frames of one camera, from a video or from a folder of images."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2

from ...utils.natural_order import natural_key
from .folder import IMAGE_SUFFIXES

VIDEO_SUFFIXES = (
    '.mp4',
    '.avi',
    '.mov',
    '.mkv',
    '.m4v',
    '.mpg',
    '.mpeg',
    '.webm',
    '.wmv',
)


class VideoFrames:
    """Frames of a video.

    Args:
        path (Path): The file.

    Raises:
        ValueError: If OpenCV cannot read it.
    """

    suffix = '.jpg'

    def __init__(self, path: Path):
        self.path = path
        capture = self._open()
        self._count = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        self.fps = capture.get(cv2.CAP_PROP_FPS)
        self.image_size = (
            int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
            int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
        )
        capture.release()
        if self._count < 1:
            raise ValueError(
                f'{path}: has no frames, or does not say how '
                'many. Extract images (ffmpeg -i VIDEO '
                'FOLDER/%08d.jpg) and give the folder'
            )

    def __len__(self) -> int:
        return self._count

    def name(self, index: int) -> str:
        """What labels of this frame are called: its number."""
        return str(index)

    def read(
        self, indices: Sequence[int], quality: int = 95
    ) -> Iterator[tuple[int, bytes]]:
        """Encoded images of frames in ascending order.

        Ends early where the video has fewer frames than it says.
        """
        capture = self._open()
        position = -1
        try:
            for index in indices:
                # decoding is the cost: frames in between are not converted
                while position < index:
                    if not capture.grab():
                        return
                    position += 1
                done, image = capture.retrieve()
                if not done:
                    return
                yield index, _encode(self.path, image, quality)
        finally:
            capture.release()

    def _open(self) -> cv2.VideoCapture:
        capture = cv2.VideoCapture(str(self.path))
        if not capture.isOpened():
            raise ValueError(
                f'{self.path}: OpenCV cannot read this video. Convert it '
                '(ffmpeg -i VIDEO -c:v libx264 NEW.mp4), or extract images '
                'and give their folder'
            )
        return capture


class ImageFrames:
    """Frames of a folder of images, in the natural order of their names.

    Args:
        path (Path): The folder.

    Raises:
        ValueError: If it has no images, or the first is not readable.
    """

    fps = 0.0

    def __init__(self, path: Path):
        self.path = path
        self.files = image_files(path)
        if not self.files:
            raise ValueError(f'{path}: has no images ({IMAGE_SUFFIXES})')
        self.suffix = self.files[0].suffix.lower()
        first = cv2.imread(str(self.files[0]))
        if first is None:
            raise ValueError(f'{self.files[0]}: not readable')
        self.image_size = (first.shape[1], first.shape[0])

    def __len__(self) -> int:
        return len(self.files)

    def name(self, index: int) -> str:
        """What labels of this frame are called: as the image."""
        return self.files[index].stem

    def read(
        self, indices: Sequence[int], quality: int = 95
    ) -> Iterator[tuple[int, bytes]]:
        """The files as they are; those of another kind encoded anew."""
        for index in indices:
            file = self.files[index]
            if file.suffix.lower() == self.suffix:
                yield index, file.read_bytes()
            else:
                image = cv2.imread(str(file))
                if image is None:
                    raise ValueError(f'{file}: not readable')
                yield index, _encode(file, image, quality, self.suffix)


FrameSource = VideoFrames | ImageFrames


def open_source(path: Path) -> FrameSource:
    """A video or a folder of images.

    Raises:
        FileNotFoundError: If there is neither.
        ValueError: If it cannot be read.
    """
    if path.is_dir():
        return ImageFrames(path)
    if not path.is_file():
        raise FileNotFoundError(f'there is no video or image folder {path}')
    return VideoFrames(path)


def find_sources(arguments: Iterable[str]) -> dict[str, Path]:
    """Cameras and where their frames are.

    Args:
        arguments (Iterable[str]): Each NAME=PATH, or a path: a directory of
            videos and image folders gives all of these, named by their file
            names; a video or an image folder gives itself.

    Raises:
        FileNotFoundError: If a directory has neither.
        ValueError: If two cameras have the same name.
    """
    found: list[tuple[str, Path]] = []
    for argument in arguments:
        name, separator, rest = argument.partition('=')
        path = Path(rest if separator else argument)
        if separator:
            found.append((name, path))
        elif path.is_dir() and not image_files(path):
            inside = [
                entry
                for entry in path.iterdir()
                if entry.suffix.lower() in VIDEO_SUFFIXES
                or (entry.is_dir() and image_files(entry))
            ]
            if not inside:
                raise FileNotFoundError(f'{path} has neither videos nor image folders')
            found += [(entry.stem, entry) for entry in inside]
        else:
            found.append((path.stem, path))
    names = [name for name, _ in found]
    for name in names:
        if names.count(name) > 1:
            paths = [str(path) for other, path in found if other == name]
            raise ValueError(
                f'two sources are called {name!r}: {paths}. Name them: NAME=PATH'
            )
        if not name or '/' in name:
            raise ValueError(f'{name!r} is no name for a camera')
    return dict(sorted(found, key=lambda item: natural_key(item[0])))


def image_files(path: Path) -> list[Path]:
    """Images of a folder, in the natural order of their names."""
    files = [f for f in path.iterdir() if f.suffix.lower() in IMAGE_SUFFIXES]
    return sorted(files, key=lambda file: natural_key(file.stem))


def _encode(path, image, quality: int, suffix: str = '.jpg') -> bytes:
    done, content = cv2.imencode(suffix, image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f'{path}: a frame cannot be encoded as {suffix}')
    return content.tobytes()
