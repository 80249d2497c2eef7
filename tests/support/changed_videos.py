"""Videos of OpenCV with other times and a rotation, as other programs write them."""

import struct
from collections.abc import Callable, Sequence
from pathlib import Path

_CONTAINERS = (b'moov', b'trak', b'mdia', b'minf', b'stbl', b'edts')
# x' = a x + c y, y' = b x + d y; clockwise
_TURNS = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}
_FIXED_POINT = 1 << 16


def turn_mp4(path: Path, degrees: int) -> None:
    """Let an MP4 say that its images are to be turned clockwise, as telephones do."""

    def turned(header: bytes) -> bytes:
        a, b, c, d = (value * _FIXED_POINT for value in _TURNS[degrees])
        matrix = struct.pack('>9i', a, b, 0, c, d, 0, 0, 0, 1 << 30)
        start = (4 + 20 if header[0] == 0 else 4 + 32) + 16
        return header[:start] + matrix + header[start + len(matrix) :]

    _edit(path, {b'tkhd': turned})


def time_mp4(path: Path, durations: Sequence[float]) -> None:
    """Let the frames of an MP4 last so long; 1 is what they last now."""

    def timed(table: bytes) -> bytes:
        (unit,) = struct.unpack('>I', table[12:16])
        rows = [struct.pack('>II', 1, round(unit * d)) for d in durations]
        return table[:4] + struct.pack('>I', len(rows)) + b''.join(rows)

    # without the edit list, which says how long the whole lasts
    _edit(path, {b'stts': timed, b'elst': lambda _: struct.pack('>II', 0, 0)})


def time_mkv(path: Path, milliseconds: Sequence[int]) -> None:
    """Let the frames of a Matroska file of one cluster come at these times."""
    content = bytearray(path.read_bytes())
    place = content.index(b'\x1f\x43\xb6\x75')
    for time in milliseconds:
        # SimpleBlock of track 1: size (8 bytes or less), track, time, flags
        place = content.index(b'\xa3', place + 1)
        while not _is_block(content, place):
            place = content.index(b'\xa3', place + 1)
        width = _width(content[place + 1])
        struct.pack_into('>h', content, place + 2 + width, time)
    path.write_bytes(content)


def _is_block(content: bytearray, place: int) -> bool:
    width = _width(content[place + 1])
    start = place + 1 + width
    size = int.from_bytes(content[place + 1 : start], 'big') & ((1 << 7 * width) - 1)
    end = start + size
    return content[start] == 0x81 and (
        end == len(content) or content[end] in (0xA3, 0x1C, 0xEC, 0x1F)
    )


def _width(first: int) -> int:
    return 9 - first.bit_length()


def _edit(path: Path, changes: dict[bytes, Callable[[bytes], bytes]]) -> None:
    """Change boxes of an MP4 whose images come before its tables."""
    path.write_bytes(_edited(path.read_bytes(), changes))


def _edited(content: bytes, changes: dict[bytes, Callable[[bytes], bytes]]) -> bytes:
    result, start = b'', 0
    while start < len(content):
        size, kind = struct.unpack('>I4s', content[start : start + 8])
        body = content[start + 8 : start + size]
        if kind in _CONTAINERS:
            body = _edited(body, changes)
        elif kind in changes:
            body = changes[kind](body)
        result += struct.pack('>I4s', len(body) + 8, kind) + body
        start += size
    return result
