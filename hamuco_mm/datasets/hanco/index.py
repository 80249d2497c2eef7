"""The compact index of a data set: built once, then memory-mapped."""

import io
import json
import os
import shutil
import time
import uuid
from functools import partial
from hashlib import sha256
from multiprocessing import Pool, current_process
from pathlib import Path

import numpy as np
from filelock import FileLock
from mmengine.logging import print_log
from rich.progress import track

from ...utils.files import replaced_directory, write_atomically
from ...utils.interruption import unseen_by_children
from ...utils.left_out import LeftOutFile
from ..storage.image_folder import mtime_ns
from .layout import HanCoLayout
from .meta import read_meta
from .problems import ProblemReport
from .scan import Columns, SequenceScan, scan_sequence

FORMAT_VERSION = 5
_LEFT_OUT = 'left_out.tsv'
# Fewer sequences than this are read faster without a pool of processes.
MIN_SEQUENCES_FOR_POOL = 16
MAX_WORKERS = 8


class HanCoIndex:
    """Labels, cameras and ground truth of a data set in memory-mapped arrays.

    All processes that open the same index share its pages, so another data
    loader worker costs no memory; pickling and copying pass the path on, not
    the data.

    Args:
        directory (Path): Where the arrays are.
        manifest (dict): ``sequences`` (names), ``problems``.
    """

    def __init__(self, directory: Path, manifest: dict):
        self.directory = Path(directory)
        self._manifest = manifest
        # As plain arrays: np.memmap is the same, only slower to index.
        self._columns = {
            path.stem: np.asarray(np.load(path, mmap_mode='r', allow_pickle=False))
            for path in sorted(self.directory.glob('*.npy'))
        }
        if len(self._columns) != manifest['num_columns']:
            raise FileNotFoundError(f'{directory} lacks arrays')

    def __len__(self) -> int:
        """Number of views."""
        return len(self._columns['frame'])

    def __getitem__(self, column: str) -> np.ndarray:
        return self._columns[column]

    def __contains__(self, column: str) -> bool:
        return column in self._columns

    def __reduce__(self):
        return type(self), (self.directory, self._manifest)

    @property
    def sequences(self) -> list[str]:
        return self._manifest['sequences']

    def left_out(self) -> list[tuple[str, str]]:
        """Places and reasons of all that was left out."""
        return LeftOutFile(self.directory / _LEFT_OUT).read()

    @property
    def problems(self) -> ProblemReport:
        return ProblemReport(self._manifest['problems'])


def open_index(
    layout: HanCoLayout,
    index_dir: str | None = None,
    rebuild: bool = False,
    num_workers: int | None = None,
) -> HanCoIndex:
    """Open the index of a data set; build it if there is none or it is stale.

    When several processes ask at once, as in distributed training, one of
    them builds and the others wait for it. A machine with its own copy of the
    data builds its own index.

    Args:
        layout (HanCoLayout): The data set.
        index_dir (str, optional): Where to keep the index; several data sets
            may share it. None means ``.hamuco_index`` beside the data or,
            where that cannot be written, the user's cache directory.
        rebuild (bool): Build it even if there is one. Defaults to False.
        num_workers (int, optional): Processes that read the files. None
            means one for each CPU core, at most 8.

    Raises:
        WrongJointCountError: If a label file has another number of joints.
        ValueError: If there is not one usable label.
        OSError: If there is no place where the index can be written.
    """
    asked_at = time.time()
    # The other places belong to one data set; this one may be shared.
    key = layout.key(with_root=bool(index_dir))
    fingerprint = layout.fingerprint()
    candidates = (
        [Path(index_dir)]
        if index_dir
        else [
            layout.root / '.hamuco_index',
            _user_cache()
            / sha256(str(layout.root.resolve()).encode()).hexdigest()[:16],
        ]
    )
    if not rebuild:
        for directory in candidates:
            index = _load(layout, directory / f'{key}.json', fingerprint)
            if index is not None:
                return index
    directory = _first_writable(candidates)
    with FileLock(directory / f'{key}.lock'):
        # Another process may have built it while this one waited.
        index = _load(
            layout,
            directory / f'{key}.json',
            fingerprint,
            asked_at if rebuild else None,
        )
        if index is None:
            print_log(
                f'Building the index of {layout.root} in {directory}', logger='current'
            )
            _build(layout, directory, key, fingerprint, num_workers)
            index = _load(layout, directory / f'{key}.json', fingerprint)
    if index is None:
        raise OSError(f'the index in {directory} cannot be read after it was written')
    return index


def _load(
    layout: HanCoLayout,
    manifest_path: Path,
    fingerprint: str,
    not_before: float | None = None,
) -> HanCoIndex | None:
    """The index, or None where it is absent, stale or damaged."""
    try:
        manifest = json.loads(manifest_path.read_text())
        if (
            manifest['format_version'] != FORMAT_VERSION
            or manifest['fingerprint'] != fingerprint
            or (not_before and manifest['built_at'] < not_before)
        ):
            return None
        index = HanCoIndex(manifest_path.parent / manifest['arrays'], manifest)
        files = fingerprint_of_files(layout, index.sequences, index)
        return index if manifest['files'] == files else None
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None


def _build(
    layout: HanCoLayout,
    directory: Path,
    key: str,
    fingerprint: str,
    num_workers: int | None,
) -> None:
    sequences = layout.sequences()
    scans = _scan_all(layout, sequences, num_workers)
    problems = ProblemReport()
    for scan in scans:
        problems.update(scan.problems)
    columns = _join(layout, sequences, scans, problems)
    if not len(columns['frame']):
        raise ValueError(
            f'data_root {str(layout.root)!r} has no usable view:\n'
            + '\n'.join(problems.lines())
        )

    # First the arrays under a fresh name, then the file that names them: a
    # reader sees the old index or the new one, never half of either.
    arrays = f'{key}-{uuid.uuid4().hex[:8]}'
    with replaced_directory(directory / arrays) as part:
        for name, column in columns.items():
            # NumPy's own message of a full disk has neither its number nor the path
            content = io.BytesIO()
            np.save(content, column, allow_pickle=False)
            (part / f'{name}.npy').write_bytes(content.getbuffer())
        LeftOutFile(part / _LEFT_OUT).add(problems.places())
    manifest = dict(
        format_version=FORMAT_VERSION,
        fingerprint=fingerprint,
        files=fingerprint_of_files(layout, sequences, columns),
        built_at=time.time(),
        arrays=arrays,
        num_columns=len(columns),
        sequences=sequences,
        problems=problems.to_dict(),
    )
    write_atomically(directory / f'{key}.json', json.dumps(manifest))
    for old in directory.glob(f'{key}-*'):
        if old.name != arrays:
            shutil.rmtree(old, ignore_errors=True)


def fingerprint_of_files(
    layout: HanCoLayout, sequences: list[str], columns: Columns | HanCoIndex
) -> str:
    """Digest of the modification times of the files of the first view of each
    sequence, with its camera and its truth.

    Labels and cameras that are made anew are often written into the files that are
    there, which leaves the times of all directories as they were.
    """
    numbers, frames = np.unique(columns['frame_sequence'], return_index=True)
    views = np.searchsorted(columns['frame'], frames)
    cameras = columns['camera'][views].tolist()
    names = [name.decode() for name in columns['frame_name'][frames].tolist()]
    stamps = [
        str(mtime_ns(path))
        for number, camera, name in zip(numbers.tolist(), cameras, names)
        for path in layout.files_of_view(sequences[number], camera, name)
    ]
    return sha256('\n'.join(stamps).encode()).hexdigest()


def _scan_all(
    layout: HanCoLayout, sequences: list[str], num_workers: int | None
) -> list[SequenceScan]:
    if num_workers is None:
        num_workers = min(MAX_WORKERS, os.cpu_count() or 1)
    scan = partial(scan_sequence, layout)
    show = partial(track, description='Reading sequences', total=len(sequences))
    # A data loader worker, being a daemon, cannot have processes of its own.
    if (
        num_workers > 1
        and len(sequences) >= MIN_SEQUENCES_FOR_POOL
        and not current_process().daemon
    ):
        with unseen_by_children():
            workers = Pool(num_workers)
        with workers as pool:
            return list(show(pool.imap(scan, sequences)))
    return list(show(map(scan, sequences)))


def _join(
    layout: HanCoLayout,
    sequences: list[str],
    scans: list[SequenceScan],
    problems: ProblemReport,
) -> Columns:
    """One table of views and one of frames for the whole data set."""
    num_frames = [len(scan.frames['name']) for scan in scans]
    first_frame = np.cumsum([0] + num_frames[:-1])
    for scan, offset in zip(scans, first_frame):
        scan.views['frame'] += offset.astype(np.int32)
    columns = {
        name: np.concatenate([scan.views[name] for scan in scans])
        for name in scans[0].views
    }
    frames = {
        name: np.concatenate([scan.frames[name] for scan in scans])
        for name in scans[0].frames
    }
    frames['sequence'] = np.repeat(
        np.arange(len(sequences), dtype=np.int32), num_frames
    )
    frames['meta'] = read_meta(
        layout.meta_file,
        np.array([int(s) for s in sequences])[frames['sequence']],
        frames['name'].astype(np.int64),
        problems,
    )
    columns.update({f'frame_{name}': value for name, value in frames.items()})
    return {name: column for name, column in columns.items() if not _is_absent(column)}


def _is_absent(column: np.ndarray) -> bool:
    return column.dtype == np.float32 and bool(np.isnan(column).all())


def _first_writable(candidates: list[Path]) -> Path:
    errors = []
    for directory in candidates:
        try:
            _respect_read_only(directory)
            directory.mkdir(parents=True, exist_ok=True)
            probe = directory / f'{uuid.uuid4().hex}.tmp'
            probe.touch()
            probe.unlink()
            return directory
        except OSError as error:
            errors.append(f'{directory} ({error})')
    raise OSError(
        'the index of the data set can be written nowhere: '
        + ', '.join(errors)
        + '. Set `index_dir` to a directory that '
        'can be written.'
    )


def _respect_read_only(directory: Path) -> None:
    """Raise an error for a directory that is read-only for everybody: root
    could write there, but somebody wanted the data to stay as they are."""
    existing = directory
    while not existing.exists():
        existing = existing.parent
    if not existing.stat().st_mode & 0o222:
        raise PermissionError(f'{existing} is read-only')


def _user_cache() -> Path:
    root = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
    return Path(root) / 'hamuco_mm' / 'index'
