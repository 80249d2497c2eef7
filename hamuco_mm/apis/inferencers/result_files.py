"""Results, written as soon as they are known: an interrupted run keeps them."""

import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.logging import print_log

from ...datasets.frames import is_image, is_video
from ...export.hand_table import HandTable
from ...utils.file_names import safe_file_name
from ...utils.growing_file import GrowingFile
from ...utils.image_files import write_picture
from ...utils.json_files import write_json
from ...utils.video_files import (
    ANIMATION_SUFFIXES,
    AnimationFile,
    VideoFile,
    fit_picture,
)

# Pictures of up to this number of views have one column, others two.
_ONE_COLUMN = 3
_PICTURE = '.jpg'


class FreshNames:
    """Makes names of files unique: ``0``, ``0_1``, ``0_2`` for three images
    ``0.jpg`` of different folders."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def __call__(self, name: str) -> str:
        fresh = safe_file_name(name, self._used)
        self._used.add(fresh)
        return fresh


_CLOSING = b']\n'


class JsonList:
    """A JSON list in a file, which is complete after each item.

    Args:
        path (Path): Overwritten by the first item.
    """

    def __init__(self, path: Path):
        self._file = GrowingFile(path, b'[\n' + _CLOSING)
        self._count = 0

    def append(self, item: Any) -> None:
        text = (',\n' if self._count else '') + json.dumps(item) + '\n'
        self._file.add(text.encode() + _CLOSING, end=_CLOSING)
        self._count += 1

    def close(self, complete: bool = True) -> None:
        """End it; ``complete`` as of :meth:`GrowingFile.close`."""
        self._file.close(complete)


class PredictionFiles:
    """Predictions as JSON: a file for each image or one for a video.

    Args:
        folder (str): Made if it does not exist.
        video (str | None): Name of the video, whose images go into one list,
            MMPose's ``[{"frame_id": ..., "instances": [...]}]``, and "time".
    """

    def __init__(self, folder: str, video: str | None = None):
        self.folder = Path(folder)
        self._fresh = FreshNames()
        self._list = None
        #: set[str]: Names of its files.
        self.names: set[str] = set()
        if video is not None:
            self._list = JsonList(self._path(safe_file_name(video)))

    def _path(self, name: str) -> Path:
        self.names.add(f'{name}.json')
        return self.folder / f'{name}.json'

    def write(
        self, name: str, index: int, content: list | dict, time: float | None = None
    ) -> None:
        """Write the results of a time step, or add them to the video's.

        Args:
            name (str): Of the image, for a file of its own; followed by a number
                if an earlier image had the same name.
            index (int): Of the time step.
            content (list | dict): A list of instances, or a dict with more
                than that.
            time (float, optional): Of the time step in its video, seconds.
        """
        if self._list is not None:
            if not isinstance(content, dict):
                content = dict(instances=content)
            known = {} if time is None else dict(time=round(time, 6))
            self._list.append(dict(frame_id=index, **known, **content))
            return
        write_json(self._path(self._fresh(name)), content, indent=1)

    def close(self, complete: bool = True) -> None:
        """End a video's list; ``complete`` as of :meth:`GrowingFile.close`."""
        if self._list is not None:
            self._list.close(complete)


class PictureFiles:
    """Pictures as JPEG files, or a video of them.

    Args:
        target (str): A folder, or for a video also a file with a suffix of
            videos, or of animated pictures (:data:`ANIMATION_SUFFIXES`). Other
            dots are part of a folder's name.
        video (str | None): Name of the video.
        fps (float, optional): Of the video. Defaults to 30.
        inputs (Iterable[str]): Files that the pictures are made of.

    Raises:
        ValueError: If the target is a picture, or a video for images, or ``fps``
            is not positive or of no video, or a picture would replace an input.
    """

    def __init__(
        self,
        target: str,
        video: str | None = None,
        fps: float | None = None,
        inputs: Iterable[str] = (),
    ):
        self.target = Path(target)
        moves = self.target.suffix.lower() in ANIMATION_SUFFIXES
        is_file = moves or is_video(target)
        if (is_image(target) and not moves) or (is_file and video is None):
            raise ValueError(
                'vis_out_dir should be a folder for images, and '
                'a folder, a video file or an animation (.gif, .webp) for videos, '
                f'got {target}'
            )
        if fps is not None and (video is None or fps <= 0):
            raise ValueError(
                f'vis_fps {fps} should be positive; it is for videos, not for images'
            )
        self._fresh = FreshNames()
        self._video: VideoFile | AnimationFile | None = None
        path = self.target
        if video is not None and not is_file:
            path = path / f'{safe_file_name(video)}.mp4'
        _refuse_to_replace(inputs, path)
        if video is not None:
            self._video = (AnimationFile if moves else VideoFile)(path, fps or 30)

    def write(self, name: str, picture: np.ndarray) -> None:
        """Save an RGB picture; those of a video take the size of the first.

        Raises:
            OSError: If the file cannot be written.
        """
        if self._video is not None:
            self._video.write(picture)
            return
        bgr = np.ascontiguousarray(picture[..., ::-1])
        write_picture(self.target / f'{self._fresh(name)}{_PICTURE}', bgr)

    def close(self) -> None:
        if self._video is not None:
            self._video.close()


def _refuse_to_replace(inputs: Iterable[str], path: Path) -> None:
    """Refuse a video that is one of the inputs, or a folder of pictures that has
    some of them: pictures are called like the images that they are made of."""
    target = path.resolve()
    for name in inputs:
        file = Path(name).resolve()
        is_picture = file.suffix.lower() == _PICTURE
        if target == file or (target == file.parent and is_picture):
            raise ValueError(
                f'pictures would replace {name}, which they are made of: choose '
                'another place for them'
            )


#: The table in the folder of predictions.
TABLE = 'hands.csv'
#: Forms of files of predictions.
PREDICTION_FORMATS = ('json', 'csv')


class ResultFiles:
    """What a run writes, closed at its end. A run that fails before its first result
    leaves what an earlier one has written.

    Attributes:
        pictures (PictureFiles | None): If pictures are wanted.
        predictions (PredictionFiles | None): If predictions are, as JSON.
        table (HandTable | None): If they are, as CSV.
    """

    def __init__(self) -> None:
        self.pictures: PictureFiles | None = None
        self.predictions: PredictionFiles | None = None
        self.table: HandTable | None = None

    def write_pictures(self, name: str, pictures: list[np.ndarray]) -> None:
        """The pictures of a time step's views, as one."""
        if self.pictures is not None:
            columns = 1 if len(pictures) <= _ONE_COLUMN else 2
            self.pictures.write(name, mosaic(pictures, columns))

    def __enter__(self) -> 'ResultFiles':
        return self

    def __exit__(self, *error: object) -> None:
        for files in (self.predictions, self.table):
            if files is not None:
                files.close(complete=error[0] is None)
        if self.pictures is not None:
            self.pictures.close()
        if self.predictions is not None and (earlier := self._earlier()):
            print_log(
                f'{self.predictions.folder} has files of an earlier run, too, which whoever '
                f'reads the folder takes for these: {", ".join(earlier[:3])}'
                + (f' and {len(earlier) - 3} more' if len(earlier) > 3 else ''),
                'current',
                logging.WARNING,
            )

    def _earlier(self) -> list[str]:
        """Names of files beside the predictions that are not of this run."""
        assert self.predictions is not None
        written = self.predictions.names | ({TABLE} if self.table else set())
        folder = self.predictions.folder
        found = {path.name for path in (*folder.glob('*.json'), folder / TABLE)}
        return sorted(name for name in found - written if (folder / name).is_file())


def mosaic(pictures: list[np.ndarray], columns: int) -> np.ndarray:
    """Pictures of any size in a grid, row by row.

    Args:
        pictures (list[np.ndarray]): uint8 (H, W, 3), at least one.
        columns (int): Number of pictures in a row.

    Returns:
        np.ndarray: uint8; cells have the size of the largest picture.
    """
    height = max(picture.shape[0] for picture in pictures)
    width = max(picture.shape[1] for picture in pictures)
    cells = [fit_picture(picture, width, height) for picture in pictures]
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % columns)
    return np.concatenate(
        [
            np.concatenate(cells[i : i + columns], axis=1)
            for i in range(0, len(cells), columns)
        ]
    )
