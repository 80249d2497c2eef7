"""The pipeline of one view, run on all views of a time step."""

import logging
import pickle
from collections.abc import Callable, Sequence

from mmcv.transforms import LoadImageFromFile
from mmengine.logging import print_log
from mmpose.datasets.transforms import TopdownAffine

from ..utils.json_files import MalformedFileError
from ..utils.left_out import LeftOutFile
from .storage import read_image

Transform = Callable[[dict], dict | None]
# What reading the label file of one view may raise; each names the file.
LABEL_ERRORS = (MalformedFileError, FileNotFoundError, pickle.UnpicklingError)


class ViewPipeline:
    """Runs transforms on several records, each by itself.

    Every transform does all records before the next one's turn: between
    decoding and warping, which fill the processor's caches, the code of the
    small ones would have to be fetched again for each image. From the
    transform that loads an image to the one that crops it, one record after
    the other goes through, so that memory never holds several whole images.

    So a loader is best put right before the crop: a training item of HanCo
    (8 images of 224 px) takes 5 to 7 % more time with the loader at the start
    of the pipeline, or with each record going through all transforms.

    A record whose image cannot be read is left out, with a warning that names
    the file, once in a process; an error that the file is not to blame for is
    raised. So it is with a record whose own label file cannot be used. In a run that
    lists such files, the first of each kind is warned of, whichever process meets it.

    Args:
        strict (bool): Raise every error, OSError where an image cannot be read.
            Defaults to False.

    Attributes:
        left_out (LeftOutFile, optional): Where such files are listed, too.
    """

    def __init__(self, strict: bool = False) -> None:
        self.strict = strict
        self.left_out: LeftOutFile | None = None
        self._unreadable: set[str] = set()

    def __call__(
        self, transforms: Sequence[Transform], records: Sequence[dict]
    ) -> list[dict | None]:
        """Transform the records.

        Args:
            transforms (Sequence[Callable]): The pipeline.
            records (Sequence[dict]): Data infos; transforms change them.

        Returns:
            list[dict | None]: What the last transform gives; None where it
            is nothing, or an image cannot be read.
        """
        results: list[dict | None] = list(records)
        for stage in split_stages(transforms):
            results = [result and self._apply(stage, result) for result in results]
        return results

    def record(self, read: Callable[[], dict]) -> dict | None:
        """A data info, read now.

        Args:
            read (Callable): Gives it.

        Returns:
            dict | None: None where its label file cannot be used.
        """
        try:
            return read()
        except LABEL_ERRORS as error:
            if self.strict:
                raise
            self._leave_out(str(error), f'{error}: the view', 'the label is not used')
        return None

    def _apply(self, stage: Sequence[Transform], record: dict) -> dict | None:
        path, place = record['img_path'], ''
        # a picture that was never in a file is not to be looked for there
        given = 'img' in record
        if 'frame_id' in record:
            place = f' of time step {record["frame_id"]}'
        try:
            for transform in stage:
                path = record.get('img_path', path)
                result = transform(record)
                if result is None:
                    return None
                record = result
            return record
        except Exception as error:
            # Loaders raise all kinds of errors; only one that the file is to
            # blame for may pass.
            if given or is_readable(path):
                raise
            if self.strict:
                raise OSError(f'strict=True: {path} cannot be read') from error
        told = f'{path} cannot be read: the view{place}'
        self._leave_out(path, told, 'the image cannot be read')
        return None

    def _leave_out(self, what: str, told: str, reason: str) -> None:
        if what in self._unreadable:
            return
        self._unreadable.add(what)
        if self.left_out is None:
            more = f'failure {len(self._unreadable)} of this process'
        else:
            if not self.left_out.add_first_of_kind(what, reason):
                return
            more = f'others are listed in {self.left_out.path} alone'
        print_log(
            f'{told} is left out ({more})', logger='current', level=logging.WARNING
        )


def split_stages(transforms: Sequence[Transform]) -> list[list[Transform]]:
    """Cut a pipeline where all records are to be through before it goes on.

    Args:
        transforms (Sequence[Callable]): The pipeline.

    Returns:
        list[list[Callable]]: One transform each, but for those from a loader
        of images to the crop (``TopdownAffine``), or to the end if there is
        none, which stay together.
    """
    stages: list[list[Transform]] = []
    holds_image = False
    for transform in transforms:
        if holds_image:
            stages[-1].append(transform)
        else:
            stages.append([transform])
        loads = isinstance(transform, LoadImageFromFile)
        holds_image = (holds_image or loads) and not isinstance(
            transform, TopdownAffine
        )
    return stages


def is_readable(path: str) -> bool:
    """Whether a file, or an entry of an LMDB, holds an image."""
    try:
        return read_image(path) is not None
    except ImportError:  # it would be in an LMDB
        return False
