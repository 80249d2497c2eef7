"""Pack the image folders of a data set in HanCo's layout into LMDB databases.

Writes each folder DATA_ROOT/<folder> of images to DATA_ROOT/<folder>.lmdb,
file by file, unchanged. The database replaces the folder where many small
files are slow to copy, list and read. It appears when it is complete. How a config reads it is described in docs/data.md.
"""

import argparse
import sys
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import _interruption  # noqa: F401


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('data_root', type=Path, help='directory of the data set')
    parser.add_argument(
        '--folders',
        nargs='+',
        metavar='FOLDER',
        help='below DATA_ROOT (default: all rgb... that have images in '
        '<sequence>/cam<number>)',
    )
    parser.add_argument(
        '--overwrite', action='store_true', help='replace existing databases'
    )
    return parser


def main() -> None:
    args = build_parser().parse_args()
    try:
        convert(args)
    except (ImportError, OSError, ValueError) as error:
        sys.exit(f'error: {error}')


def convert(args: argparse.Namespace) -> None:
    """Pack the folders one after the other."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    import hamuco_mm  # noqa: F401, before mmpose
    from hamuco_mm.datasets.storage import (
        count_files,
        find_image_folders,
        lmdb_path,
        pack_folder,
    )
    from hamuco_mm.datasets.storage.packing import check_packable
    from hamuco_mm.utils.extras import import_extra

    import_extra('lmdb', 'lmdb')
    names = args.folders or find_image_folders(args.data_root)
    if not names:
        raise ValueError(
            f'{args.data_root} has no folder '
            'rgb.../<sequence>/cam<number> of images. Name '
            'folders with --folders'
        )
    folders = [args.data_root / name for name in names]
    for folder in folders:
        check_packable(folder, args.overwrite)
    for folder in folders:
        with Progress(
            TextColumn('{task.description}'),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        ) as progress:
            task = progress.add_task(folder.name, total=count_files(folder))
            count = pack_folder(folder, args.overwrite, partial(progress.advance, task))
        path = lmdb_path(folder)
        size = sum(file.stat().st_size for file in path.iterdir())
        print(f'{path}: {count} files, {size / 1e6:.1f} MB')


if __name__ == '__main__':
    main()
