"""Folders of images packed into LMDB databases (extra ``lmdb``)."""

from .file_backend import FolderLmdbBackend, read_file, read_image
from .image_folder import DiskFolder, LmdbFolder, open_folder
from .lmdb_images import LmdbImages, lmdb_path
from .packing import append_folder, count_files, find_image_folders, pack_folder

__all__ = [
    'DiskFolder',
    'FolderLmdbBackend',
    'LmdbFolder',
    'LmdbImages',
    'append_folder',
    'count_files',
    'find_image_folders',
    'lmdb_path',
    'open_folder',
    'pack_folder',
    'read_file',
    'read_image',
]
