"""Where the files of HanCo's layout are."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ..storage import open_folder
from ..storage.image_folder import frame_names, is_number, mtime_ns, numbered

EXPECTED_LAYOUT = """\
  <data_root>/rgb/0000/cam0/00000000.jpg              images
  <data_root>/rgb_2D_keypoints/0000/cam0/00000000.json  2D labels
  <data_root>/calib/0000/00000000.json                cameras (optional)
  <data_root>/xyz/0000/00000000.json                  3D joints (optional)
  <data_root>/shape/0000/00000000.json                MANO fits (optional)
  <data_root>/meta.json                               (optional)"""

DEFAULT_PREFIX = dict(
    img='rgb', keypoints='rgb_2D_keypoints', calib='calib', xyz='xyz', shape='shape'
)


class HanCoLayout:
    """The directories of one data set.

    Args:
        data_root (str): Directory that contains the ones below.
        prefix (Dict[str, str]): Directories by kind (keys of
            ``DEFAULT_PREFIX``), absolute or relative to ``data_root``. One
            that does not exist is looked for in another spelling, since both
            ``rgb_2D_keypoints`` and ``rgb_2d_keypoints`` are in use. Each may
            be in an LMDB of that name with ``.lmdb``.
        img_suffix (str): Suffix of the images. Defaults to '.jpg'.

    Raises:
        FileNotFoundError: If there are no images or no 2D labels.
    """

    def __init__(
        self, data_root: str, prefix: dict[str, str], img_suffix: str = '.jpg'
    ):
        self.root = Path(data_root)
        self.img_suffix = img_suffix
        self._dirs = {
            kind: find_spelling(self.root / name) for kind, name in prefix.items()
        }
        self._folders = {kind: open_folder(path) for kind, path in self._dirs.items()}
        self._check()

    def __getitem__(self, kind: str) -> Path:
        return self._dirs[kind]

    def has(self, kind: str) -> bool:
        return self._folders[kind].is_there()

    @property
    def meta_file(self) -> Path:
        return self.root / 'meta.json'

    def view_path(self, kind: str, sequence: str, camera: int, frame: str) -> Path:
        """File of one view; ``kind`` is 'img' or 'keypoints'."""
        return Path(self.view_file(kind, sequence, camera, frame))

    def view_file(self, kind: str, sequence: str, camera: int, frame: str) -> str:
        """:meth:`view_path` as a string, which takes a tenth of the time."""
        return f'{self._dirs[kind]}/{sequence}/cam{camera}/{frame}{self._suffix(kind)}'

    def frame_path(self, kind: str, sequence: str, frame: str) -> Path:
        """File of one time step; ``kind`` is 'calib', 'xyz' or 'shape'."""
        return self._dirs[kind] / sequence / f'{frame}.json'

    def files_of_view(self, sequence: str, camera: int, frame: str) -> list[Path]:
        """Where the files of a view and of its time step are, or would be."""
        return [
            self.view_path(kind, sequence, camera, frame)
            for kind in ('img', 'keypoints')
        ] + [
            self.frame_path(kind, sequence, frame) for kind in ('calib', 'xyz', 'shape')
        ]

    def sequences(self) -> list[str]:
        """Names of the sequences with images or labels, in numeric order."""
        names = set()
        for kind in ('img', 'keypoints'):
            names.update(numbered(self._folders[kind].names()))
        return sorted(names, key=int)

    def cameras(self, sequence: str) -> list[int]:
        """Ids of the cameras with images or labels of a sequence."""
        ids: set[int] = set()
        for kind in ('img', 'keypoints'):
            ids.update(
                int(name)
                for name in numbered(self._folders[kind].names(sequence), leading='cam')
            )
        return sorted(ids)

    def frames(self, kind: str, sequence: str, camera: int) -> set[str]:
        """Names of the frames of a camera; ``kind`` as in
        :meth:`view_path`."""
        suffix = self._suffix(kind)
        names = self._folders[kind].names(f'{sequence}/cam{camera}')
        return frame_names(names, suffix)

    def folder_problems(self, sequence: str) -> Iterator[tuple[str, str]]:
        """What names and folders of images and labels keep from being read: kinds
        of :data:`~hamuco_mm.datasets.hanco.problems.DESCRIPTIONS`, and places."""
        for kind in ('img', 'keypoints'):
            folder = self._folders[kind]
            cameras, error = folder.listed(sequence)
            if error:
                yield 'unreadable_folder', str(error)
            for name in cameras:
                digits = name.removeprefix('cam')
                if digits != name and digits.isdecimal() and not is_number(digits):
                    yield 'strange_number', f'{self._dirs[kind]}/{sequence}/{name}'
            for camera in numbered(cameras, leading='cam'):
                place = f'{sequence}/cam{camera}'
                files, error = folder.listed(place)
                if error:
                    yield 'unreadable_folder', str(error)
                for name in files:
                    digits = name.removesuffix(self._suffix(kind))
                    if digits.isdecimal() and not is_number(digits):
                        yield 'strange_number', f'{self._dirs[kind]}/{place}/{name}'

    def open_image(self, sequence: str, camera: int, frame: str) -> BinaryIO:
        """Open an image for reading.

        Raises:
            OSError: If it is not there.
        """
        return self._folders['img'].open(
            f'{sequence}/cam{camera}/{frame}{self.img_suffix}'
        )

    def key(self, with_root: bool = False) -> str:
        """A name for this choice of directories.

        Args:
            with_root (bool): Make it differ between data sets too. Without,
                it stays the same when a data set is moved.
        """
        parts = [
            f'{kind}={os.path.relpath(path, self.root)}'
            for kind, path in sorted(self._dirs.items())
        ]
        parts.append(self.img_suffix)
        if with_root:
            parts.append(str(self.root.resolve()))
        digest = hashlib.sha256('\n'.join(parts).encode())
        return f'{self["img"].name}-{digest.hexdigest()[:8]}'

    def fingerprint(self) -> str:
        """Digest of the modification times of all directories, and of the
        time and size of an LMDB.

        It changes whenever a file or directory is added, removed or renamed,
        and costs one ``stat`` for each directory rather than for each file.
        Rewriting a file in place does not change it: see :meth:`files_of_view`.
        """
        stamps = [f'meta.json {mtime_ns(self.meta_file)}']
        for kind, folder in sorted(self._folders.items()):
            leading = 'cam' if kind in ('img', 'keypoints') else None
            stamps += folder.stamps(kind, leading)
        return hashlib.sha256('\n'.join(stamps).encode()).hexdigest()

    def _suffix(self, kind: str) -> str:
        return self.img_suffix if kind == 'img' else '.json'

    def _check(self) -> None:
        problem = None
        if not self.root.is_dir():
            problem = 'there is no such directory'
        elif not self.has('img'):
            problem = (
                'it has no images (data_prefix img: '
                f'{self["img"]}, or {self["img"].name}.lmdb)'
            )
        elif not self.has('keypoints'):
            problem = (
                f'it has no 2D labels (data_prefix keypoints: {self["keypoints"]})'
            )
        elif not any(self.cameras(name) for name in self.sequences()):
            problem = f'{self["img"]} has no <sequence>/cam<id> directories'
        if problem:
            raise FileNotFoundError(
                f'data_root {str(self.root)!r}: {problem}. Link the data '
                'there, or name a directory of this layout: HANCO_ROOT for the '
                'configs of HanCo, DEMO_ROOT for those of the demo, `data_root` '
                'of the data set for others:\n' + EXPECTED_LAYOUT
            )


def find_spelling(path: Path) -> Path:
    """The path, or an existing one that differs only in case."""
    if not path.exists() and path.parent.is_dir():
        for other in sorted(path.parent.iterdir()):
            if other.name.lower() == path.name.lower():
                return other
    return path
