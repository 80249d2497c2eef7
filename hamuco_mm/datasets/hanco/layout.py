"""Where the files of HanCo's layout are."""
import hashlib
import os
from pathlib import Path
from typing import Dict, List, Optional

EXPECTED_LAYOUT = """\
  <data_root>/rgb/0000/cam0/00000000.jpg              images
  <data_root>/rgb_2D_keypoints/0000/cam0/00000000.json  2D labels
  <data_root>/calib/0000/00000000.json                cameras (optional)
  <data_root>/xyz/0000/00000000.json                  3D joints (optional)
  <data_root>/shape/0000/00000000.json                MANO fits (optional)
  <data_root>/meta.json                               (optional)"""

DEFAULT_PREFIX = dict(
    img='rgb',
    keypoints='rgb_2D_keypoints',
    calib='calib',
    xyz='xyz',
    shape='shape')


class HanCoLayout:
    """The directories of one data set.

    Args:
        data_root (str): Directory that contains the ones below.
        prefix (Dict[str, str]): Directories by kind (keys of
            ``DEFAULT_PREFIX``), absolute or relative to ``data_root``. One
            that is not there is looked for in another spelling, since both
            ``rgb_2D_keypoints`` and ``rgb_2d_keypoints`` are in use.
        img_suffix (str): Suffix of the images. Defaults to '.jpg'.

    Raises:
        FileNotFoundError: If there are no images or no 2D labels.
    """

    def __init__(self,
                 data_root: str,
                 prefix: Dict[str, str],
                 img_suffix: str = '.jpg'):
        self.root = Path(data_root)
        self.img_suffix = img_suffix
        self._dirs = {
            kind: _find_spelling(self.root / name)
            for kind, name in prefix.items()
        }
        self._check()

    def __getitem__(self, kind: str) -> Path:
        return self._dirs[kind]

    def has(self, kind: str) -> bool:
        return self._dirs[kind].is_dir()

    @property
    def meta_file(self) -> Path:
        return self.root / 'meta.json'

    def view_path(self, kind: str, sequence: str, camera: int,
                  frame: str) -> Path:
        """File of one view; ``kind`` is 'img' or 'keypoints'."""
        suffix = self.img_suffix if kind == 'img' else '.json'
        return Path(
            f'{self._dirs[kind]}/{sequence}/cam{camera}/{frame}{suffix}')

    def frame_path(self, kind: str, sequence: str, frame: str) -> Path:
        """File of one time step; ``kind`` is 'calib', 'xyz' or 'shape'."""
        return self._dirs[kind] / sequence / f'{frame}.json'

    def sequences(self) -> List[str]:
        """Names of the sequences with images or labels, in numeric order."""
        names = set(_numbered_dirs(self['img'])).union(
            _numbered_dirs(self['keypoints']))
        return sorted(names, key=int)

    def cameras(self, sequence: str) -> List[int]:
        """Ids of the cameras with images or labels of a sequence."""
        ids = set()
        for kind in ('img', 'keypoints'):
            ids.update(
                int(name) for name in _numbered_dirs(
                    self[kind] / sequence, leading='cam'))
        return sorted(ids)

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
        """Digest of the modification times of all directories.

        It changes whenever a file or directory is added, removed or renamed,
        and costs one ``stat`` a directory rather than one a file. Rewriting a
        file in place does not change it.
        """
        stamps = [f'meta.json {_mtime_ns(self.meta_file)}']
        for kind, root in sorted(self._dirs.items()):
            stamps.append(f'{kind} {_mtime_ns(root)}')
            leading = 'cam' if kind in ('img', 'keypoints') else None
            for sequence in sorted(_numbered_dirs(root)):
                stamps += _stamp_sequence(f'{root}/{sequence}', leading)
        return hashlib.sha256('\n'.join(stamps).encode()).hexdigest()

    def _check(self) -> None:
        problem = None
        if not self.root.is_dir():
            problem = 'there is no such directory'
        elif not self.has('img'):
            problem = f'it has no images (data_prefix img: {self["img"]})'
        elif not self.has('keypoints'):
            problem = ('it has no 2D labels (data_prefix keypoints: '
                       f'{self["keypoints"]})')
        elif not any(self.cameras(name) for name in self.sequences()):
            problem = f'{self["img"]} has no <sequence>/cam<id> directories'
        if problem:
            raise FileNotFoundError(
                f'data_root {str(self.root)!r}: {problem}. Set `data_root` in '
                'the config of the data set to a directory of this layout:\n' +
                EXPECTED_LAYOUT)


def _find_spelling(path: Path) -> Path:
    if not path.exists() and path.parent.is_dir():
        for other in sorted(path.parent.iterdir()):
            if other.name.lower() == path.name.lower():
                return other
    return path


def _numbered_dirs(root, leading: str = '') -> List[str]:
    """The digits in the names of the directories <leading><digits>."""
    try:
        with os.scandir(root) as entries:
            names = [entry.name for entry in entries]
    except (FileNotFoundError, NotADirectoryError):
        return []
    digits = [n[len(leading):] for n in names if n.startswith(leading)]
    return [d for d in digits if d.isdigit()]


def _stamp_sequence(directory: str, leading: Optional[str]) -> List[str]:
    """Modification times of a sequence and of its cameras, where it has
    directories for them."""
    stamps = [f'{os.path.basename(directory)} {_mtime_ns(directory)}']
    if leading is not None:
        for number in sorted(_numbered_dirs(directory, leading)):
            stamps.append(f'{leading}{number} '
                          f'{_mtime_ns(f"{directory}/{leading}{number}")}')
    return stamps


def _mtime_ns(path) -> Optional[int]:
    try:
        return os.stat(path).st_mtime_ns
    except FileNotFoundError:
        return None
