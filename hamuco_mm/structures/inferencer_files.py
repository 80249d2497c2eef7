"""The JSON files of :class:`~hamuco_mm.apis.inferencers.HaMuCoInferencer`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np


def read_inferencer_file(path: str | Path) -> list[dict]:
    """Read the hands of an image, of a group of views, or of a video of
    either, as data samples.

    Each hand of an image is a time step of one view; the first hands of a
    group's views are one time step. Images without a hand are left out.

    Args:
        path (str | Path): Ends with .json.

    Returns:
        list[dict]: One sample per view, with ``frame_id``, ``camera_id`` and
        ``pred_instances``.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file holds no predicted hands, or an entry is not
            what the inferencer writes; the message names the entry.
    """
    path = Path(path)
    try:
        content = json.loads(path.read_text())
    except ValueError as error:
        raise ValueError(f'{path} is not JSON: {error}') from error
    samples = []
    try:
        for name, place, step in _time_steps(content, path.stem):
            samples += _samples(step, name, place)
    except ValueError as error:
        raise ValueError(
            f"{path} is not a file of the inferencer's predictions: {error}"
        ) from error
    if not samples:
        raise ValueError(f'{path} holds no hands')
    return samples


def _time_steps(content: Any, name: str) -> Iterator[tuple[str, str, Any]]:
    """Names, places in the file, and contents of the time steps."""
    is_video = (
        isinstance(content, list)
        and content
        and (isinstance(content[0], dict) and 'frame_id' in content[0])
    )
    if not is_video:
        yield name, '', content
        return
    for index, step in enumerate(content):
        place = f'entry {index}: '
        number = _get(step, 'frame_id', int, place)
        inside = step if 'views' in step else _get(step, 'instances', list, place)
        yield f'{name}/{number:08d}', place, inside


def _samples(step: Any, name: str, place: str) -> list[dict]:
    """Data samples of one time step: a list of hands, or a group's views."""
    hands: list[tuple[dict, Any, str]] = []
    if isinstance(step, list):
        hands = [
            (dict(), hand, f'{place}hand {index}: ') for index, hand in enumerate(step)
        ]
    else:
        for view, result in _get(step, 'views', dict, place).items():
            inside = f'{place}view {view}: '
            found = _get(result, 'instances', list, inside)
            if found:
                hands.append((dict(camera_id=view), found[0], inside))
        for index, (camera, _, _) in enumerate(hands):
            camera.update(view_index=index, num_views=len(hands))
    return [
        dict(view, frame_id=name, pred_instances=_fields(hand, inside))
        for view, hand, inside in hands
    ]


def _fields(hand: Any, place: str) -> dict[str, np.ndarray]:
    """Arrays of one hand, (1, ...)."""
    _get(hand, 'keypoints', list, place)
    arrays = {}
    for field, value in hand.items():
        try:
            arrays[field] = np.asarray(value)[None]
        except ValueError:  # rows of different length
            arrays[field] = np.empty((1, 0), object)
        if arrays[field].dtype.kind not in 'fbiu':
            raise ValueError(f'{place}"{field}" is no array of numbers')
    return arrays


def _get(content: Any, key: str, kind: type, place: str) -> Any:
    """``content[key]``, or an error that says where it is missing."""
    if not isinstance(content, dict) or not isinstance(content.get(key), kind):
        raise ValueError(f'{place}there is no "{key}" ({kind.__name__})')
    return content[key]
