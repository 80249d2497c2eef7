"""Small files that ask for much: memory, levels, digits."""

import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

SIDE = 60_000


def png_of(width: int, height: int) -> bytes:
    """A PNG whose header says a size, with hardly any pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checked = name + data
        return (
            struct.pack('>I', len(data))
            + checked
            + struct.pack('>I', zlib.crc32(checked))
        )

    header = struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)
    return (
        b'\x89PNG\r\n\x1a\n'
        + chunk(b'IHDR', header)
        + chunk(b'IDAT', zlib.compress(bytes(1000)))
        + chunk(b'IEND', b'')
    )


def jpeg_of(width: int, height: int, jpeg: bytes) -> bytes:
    """A JPEG whose header says another size."""
    start = jpeg.index(b'\xff\xc0')
    return jpeg[: start + 5] + struct.pack('>HH', height, width) + jpeg[start + 9 :]


def ppm_of(width: int, height: int) -> bytes:
    """A PPM whose header says a size."""
    return f'P6 {width} {height} 255\n'.encode() + bytes(100)


def packed_zeros(path: Path, name: str, count: int) -> None:
    """An .npz of zeros, a thousandth of their size."""
    with (
        zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive,
        archive.open(f'{name}.npy', 'w', force_zip64=True) as file,
    ):
        npy.write_array_header_1_0(
            file, dict(descr='<f8', fortran_order=False, shape=(count,))
        )
        for _ in range(count // 2**20):
            file.write(bytes(2**23))


def npz_that_says(path: Path, name: str, shape: tuple[int, ...]) -> None:
    """An .npz whose array has a shape beyond its bytes."""
    with (
        zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive,
        archive.open(f'{name}.npy', 'w') as file,
    ):
        npy.write_array_header_1_0(
            file, dict(descr='<f8', fortran_order=False, shape=shape)
        )
        file.write(np.ones(4).tobytes())


LEVELS = 100_000
NESTED_TEXTS = {
    'flow.yml': 'a: ' + '[' * LEVELS,
    'opencv.yml': '%YAML:1.0\na: ' + '[' * LEVELS + ']' * LEVELS,
    'maps.yml': '{a: ' * LEVELS + '}' * LEVELS,
    'blocks.yml': '\n'.join(' ' * level + 'a:' for level in range(2000)),
    'storage.xml': '<?xml version="1.0"?><opencv_storage>'
    + '<a>' * LEVELS
    + '</a>' * LEVELS
    + '</opencv_storage>',
    'lists.toml': 'a = ' + '[' * LEVELS,
    'tables.toml': 'a = ' + '{a = ' * LEVELS,
    'keys.toml': '.'.join('a' * LEVELS) + ' = 1',
    'headers.toml': '[' + '.'.join('a' * LEVELS) + ']',
    'quoted.toml': '."b, c".'.join('a' * 1000) + ' = 1',
    'lists.json': '[' * LEVELS,
    'objects.json': '{"a":' * LEVELS,
}
_NUMBER = '1' + '0' * 400
LONG_NUMBERS = {
    'a.json': f'{{"cam0": {{"K": [[{_NUMBER}, 0, 0], [0, 1, 0], [0, 0, 1]]}}}}',
    'a.yml': f'cam0: {{K: [[{_NUMBER}, 0, 0], [0, 1, 0], [0, 0, 1]]}}',
    'a.toml': f'[cam0]\nK = [[{_NUMBER}, 0, 0], [0, 1, 0], [0, 0, 1]]',
}
