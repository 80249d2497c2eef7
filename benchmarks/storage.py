"""Images read in random order from files and from an LMDB database.

Generated JPEGs of some 38 kB in HanCo's layout, 8 cameras and 100 frames a
sequence, read as LoadImage reads them, with and without decoding. Both are
read from the page cache here, unless there are more bytes than memory: that
flatters both, and the files most, compared with a network file system. Put
--folder on such a file system to measure it. All views of time steps are also
read from the disk itself, after the system was told to forget what it has of
the files (Linux). Needs the extra "lmdb".
"""

import argparse
import os
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import _timing
from _timing import (
    interleaved,
    make_parser,
    milliseconds,
    prepare,
    print_table,
    ratio,
    report,
)

if TYPE_CHECKING:
    from hamuco_mm.datasets.storage.image_folder import DiskFolder, LmdbFolder

NUM_CAMERAS, NUM_FRAMES = 8, 100
IMAGE_SIZE = 224
# Pictures that differ; more would only take longer to make.
NUM_PICTURES = 64


def build_parser() -> argparse.ArgumentParser:
    parser = make_parser(__doc__)
    parser.add_argument(
        '--images', type=int, default=20_000, help='default: %(default)s'
    )
    parser.add_argument(
        '--reads',
        type=int,
        default=2000,
        help='images read in a round (default: %(default)s)',
    )
    parser.add_argument(
        '--folder',
        help='where the images are made, for the time of the run '
        '(default: the directory of temporary files)',
    )
    return parser


def make_pictures() -> list:
    """JPEGs of coarse and fine noise, as large as HanCo's images."""
    import cv2
    import numpy as np

    rng = np.random.default_rng(0)
    pictures = []
    for _ in range(NUM_PICTURES):
        coarse = rng.uniform(0, 255, (8, 8, 3)).astype(np.float32)
        picture = cv2.resize(coarse, (IMAGE_SIZE, IMAGE_SIZE))
        picture += rng.normal(0, 20, picture.shape)
        picture = picture.clip(0, 255).astype(np.uint8)
        _, encoded = cv2.imencode('.jpg', picture, [cv2.IMWRITE_JPEG_QUALITY, 95])
        pictures.append(encoded.tobytes())
    return pictures


def write_images(root: Path, count: int) -> list:
    """Paths of images <sequence>/cam<camera>/<frame>.jpg."""
    pictures = make_pictures()
    paths = []
    for number in range(count):
        rest, frame = divmod(number, NUM_FRAMES)
        sequence, camera = divmod(rest, NUM_CAMERAS)
        path = root / f'{sequence:04d}/cam{camera}/{frame:08d}.jpg'
        if frame == 0:
            path.parent.mkdir(parents=True)
        path.write_bytes(pictures[number % NUM_PICTURES])
        paths.append(str(path))
    return paths


def forget(files: list) -> None:
    """Read the files from the disk again, not from the system's cache."""
    for path in files:
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def measure_cold(root: Path, paths: list, time_steps: int, rounds: int) -> dict:
    """Seconds of reading all views of some time steps from the disk.

    The same ones with each way of storage in a round, and others in the next.
    """
    from mmengine.fileio import get

    from hamuco_mm.datasets.storage import lmdb_path
    from hamuco_mm.datasets.storage.lmdb_images import forget_images

    views: dict[tuple, list] = {}
    for path in paths:
        sequence, _, frame = Path(path).parts[-3:]
        views.setdefault((sequence, frame), []).append(path)
    database = [lmdb_path(root) / 'data.mdb']
    backend = dict(backend='folder_lmdb')
    ways = dict(
        files=(paths, None),
        lmdb=(database, backend),
        lmdb_readahead=(database, dict(backend, readahead=True)),
    )
    os.sync()  # what is not on the disk yet stays in the cache
    rng = random.Random(0)
    seconds: dict[str, list] = {name: [] for name in ways}
    for _ in _timing.time_box.within(range(rounds)):
        chosen = rng.sample(list(views.values()), time_steps)
        for name, (files, backend_args) in ways.items():
            forget_images()
            forget(files)
            start = _timing.clock()
            for step in chosen:
                for path in step:
                    get(path, backend_args)
            seconds[name].append(_timing.clock() - start)
    forget_images()
    return seconds


def list_all(folder: 'DiskFolder | LmdbFolder') -> int:
    """Number of the images that a folder lists."""
    return sum(
        len(folder.names(f'{sequence}/{camera}'))
        for sequence in folder.names()
        for camera in folder.names(sequence)
    )


def main() -> None:
    args = build_parser().parse_args()
    prepare(args, parts=3)

    import cv2
    import mmcv
    import numpy as np
    from mmengine.fileio import get

    from hamuco_mm.datasets.storage import (
        DiskFolder,
        LmdbFolder,
        lmdb_path,
        pack_folder,
    )

    if args.threads:
        cv2.setNumThreads(args.threads)
    count = 1600 if args.quick else args.images
    reads = min(count, 200 if args.quick else args.reads)
    rounds = args.rounds or (2 if args.quick else 10)

    def reader(paths, backend_args, decode):
        # the same images in each round of both, others in the next round
        rng = np.random.default_rng(0)

        def read():
            for index in rng.choice(len(paths), reads, replace=False):
                content = get(paths[index], backend_args)
                if decode:
                    mmcv.imfrombytes(content)

        return read

    with tempfile.TemporaryDirectory(dir=args.folder) as directory:
        root = Path(directory) / 'rgb'
        paths = write_images(root, count)
        start = _timing.clock()
        pack_folder(root)
        packing = _timing.clock() - start
        backend = dict(backend='folder_lmdb')
        seconds = interleaved(
            dict(
                files=reader(paths, None, False),
                lmdb=reader(paths, backend, False),
                files_decoded=reader(paths, None, True),
                lmdb_decoded=reader(paths, backend, True),
            ),
            rounds,
        )
        listing = interleaved(
            dict(
                files=lambda: list_all(DiskFolder(root)),
                lmdb=lambda: list_all(LmdbFolder(root)),
            ),
            rounds,
        )
        steps = max(reads // 20, 1)
        cold = measure_cold(root, paths, steps, rounds)
        status = [Path(path).stat() for path in paths]
        megabytes = dict(
            content=sum(s.st_size for s in status) / 1e6,
            files_on_disk=sum(512 * s.st_blocks for s in status) / 1e6,
            lmdb=(lmdb_path(root) / 'data.mdb').stat().st_size / 1e6,
        )

    times = {
        name: round(milliseconds(values) / reads, 4) for name, values in seconds.items()
    }
    print_table(f'milliseconds per image, {count} images', ('', 'ms'), times.items())
    cold_ms = {
        name: round(milliseconds(values) / steps, 4) for name, values in cold.items()
    }
    print_table(
        f'milliseconds per time step of {NUM_CAMERAS} views, from the disk',
        ('', 'ms'),
        cold_ms.items(),
    )
    list_ms = {name: milliseconds(values) for name, values in listing.items()}
    print_table('milliseconds to list all', ('', 'ms'), list_ms.items())
    megabytes = {name: round(value, 1) for name, value in megabytes.items()}
    print_table('megabytes', ('', 'MB'), megabytes.items())
    report(
        'storage',
        args,
        {
            'files_over_lmdb': ratio(seconds['files'], seconds['lmdb']),
            'decoded_files_over_lmdb': ratio(
                seconds['files_decoded'], seconds['lmdb_decoded']
            ),
            'cold_files_over_lmdb': ratio(cold['files'], cold['lmdb']),
            'cold_lmdb_over_lmdb_readahead': ratio(
                cold['lmdb'], cold['lmdb_readahead']
            ),
            'listing_files_over_lmdb': ratio(listing['files'], listing['lmdb']),
            'packing_images_per_second': round(count / packing, 1),
        },
        images=count,
        milliseconds=times,
        cold_milliseconds=cold_ms,
        listing_milliseconds=list_ms,
        megabytes=megabytes,
    )


if __name__ == '__main__':
    main()
