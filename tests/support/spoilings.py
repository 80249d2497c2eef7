"""Sixty ways to spoil a file of HanCo's layout, by what the file is."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

HUGE = '9' * 400
Spoil = Callable[[Path], None]


def _content(content: bytes) -> Spoil:
    return lambda path: _none(path.write_bytes(content))


def _none(_: object) -> None:
    return None


def _gone(path: Path) -> None:
    path.unlink()


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def _nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to('nothing')


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _changed(change: Callable[[Any], Any]) -> Spoil:
    """A part of the JSON content; '@@' becomes a number of 400 digits."""

    def spoil(path: Path) -> None:
        content = change(json.loads(path.read_text()))
        path.write_text(json.dumps(content).replace('"@@"', HUGE))

    return spoil


def _set(*keys: Any, value: Any) -> Spoil:
    def change(content: Any) -> Any:
        part = content
        for key in keys[:-1]:
            part = part[key]
        part[keys[-1]] = value
        return content

    return _changed(change)


def _scaled(*keys: Any, by: float) -> Spoil:
    def change(content: Any) -> Any:
        if not keys:
            return (by * np.array(content)).tolist()
        part = content
        for key in keys[:-1]:
            part = part[key]
        part[keys[-1]] = (by * np.array(part[keys[-1]])).tolist()
        return content

    return _changed(change)


def _bomb(path: Path) -> None:
    """A picture whose header says billions of pixels."""
    png = bytearray(cv2.imencode('.png', np.zeros((4, 4, 3), np.uint8))[1].tobytes())
    png[16:24] = (60_000).to_bytes(4, 'big') * 2
    path.write_bytes(png)


_JSON = [
    _gone,
    _folder,
    _loop,
    _nowhere,
    _cut,
    _content(b''),
    _content(b'\0' * 500),
    _content(b'\xff\xfe\xfd'),
    _content(b'[' * 100_000),
    _content(b'{"a": 1}'),
    _content(b'null'),
    _content(HUGE.encode()),
]
IMAGE = [
    _gone,
    _folder,
    _loop,
    _nowhere,
    _content(b''),
    _content(b'\0' * 500),
    _content(b'no image'),
    _content(b'\xff\xd8\xff\xe0'),
    _bomb,
]
LABEL = [
    *_JSON,
    _content(b'[]'),
    _content(b'[[], []]'),
    _set(0, value='text'),
    _set(0, value={'a': 1}),
    _set(0, 3, 0, value='@@'),
    _set(0, 3, 0, value=1e6),
    _set(0, 3, 0, value=float('nan')),
    _set(0, 3, 0, value=-1e300),
    _set(1, value=[0.0] * 21),
    _set(1, 4, value='@@'),
]
CALIBRATION = [
    *_JSON,
    _set('K', value=[[1]]),
    _set('M', value='text'),
    _set('K', 0, 0, 0, value='@@'),
    _scaled('K', by=-1),
    _scaled('K', by=1e300),
    _scaled('M', by=2),
]
XYZ = [
    *_JSON[1:],
    _scaled(by=1000),
    _scaled(by=1e30),
    _scaled(by=0),
    _set(0, 0, value='@@'),
    _set(0, 0, value=float('inf')),
    _set(0, value={'x': 1}),
]
WAYS = [
    *(('image', spoil) for spoil in IMAGE),
    *(('label', spoil) for spoil in LABEL),
    *(('calib', spoil) for spoil in CALIBRATION),
    *(('xyz', spoil) for spoil in XYZ),
]
