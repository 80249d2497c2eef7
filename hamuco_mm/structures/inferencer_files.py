"""The JSON files of :class:`~hamuco_mm.apis.inferencers.HaMuCoInferencer`."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..utils.frame_names import are_mostly_missing, frame_of, video_frame_name
from ..utils.json_files import parse_json
from ..utils.natural_order import natural_key
from ..utils.near_paths import near_path

_CAMERA_FIELDS = ('K', 'R', 't', 'dist', 'distortion_model')
#: Fields of ``pred_instances``, and what files call them, as MMPose's do.
NAMES_IN_FILES = dict(
    bboxes='bbox',
    bbox_scores='bbox_score',
    bbox_origins='bbox_origin',
    hand_sides='hand_side',
    hand_scores='hand_score',
)
_FIELDS = {written: field for field, written in NAMES_IN_FILES.items()}
# Fields that are words, which no array of numbers holds, and the longest of them.
_TEXTS = ('bbox_origin', 'hand_side')
_LONGEST_TEXT = 40
_SIDES = ('right', 'left')


def read_inferencer_folder(path: str | Path) -> list[dict]:
    """Read the files of a folder, see :func:`read_inferencer_file`, in the natural
    order of their names: the images of a folder or a rig.

    Args:
        path (str | Path): The folder; its name is that of the sequence.

    Returns:
        list[dict]: As of :func:`read_inferencer_file`, and where names are times,
        which ``frame`` of the folder it is; the ``time_step`` of a file that is no
        video is its place in the folder.

    Raises:
        FileNotFoundError: If it has no .json file.
        ValueError: If a file is none of the inferencer's; files in which there is
            no hand are left out, but for all.
    """
    path = Path(path)
    files = sorted(path.glob('*.json'), key=lambda file: natural_key(file.stem))
    if not files:
        raise FileNotFoundError(f'{path} has no .json files of predictions')
    samples = []
    frames = _frames_of_times([file.stem for file in files])
    for place, file in enumerate(files):
        for sample in _read(file):
            step = sample['frame_id']
            known = dict(frame=frames[step]) if step in frames else {}
            if step == file.stem:  # else it is of a video, which counts by itself
                known['time_step'] = place
            name = f'{path.resolve().name}/{step}'
            samples.append(dict(sample, frame_id=name, **known))
    if not samples:
        raise ValueError(f'{path} holds no hands')
    return samples


def _frames_of_times(names: Sequence[str]) -> dict[str, int]:
    """Which frames the time steps of a folder are, where their names are times: of such
    numbers, most are missing. Empty where they are numbers of frames, or none."""
    numbers = {frame_of(name): name for name in names}
    if min(numbers) < 0 or not are_mostly_missing(sorted(numbers)):
        return {}
    return {numbers[time]: frame for frame, time in enumerate(sorted(numbers))}


def read_inferencer_file(path: str | Path) -> list[dict]:
    """Read the hands of an image, of a group of views, or of a video of
    either, as data samples.

    Each hand of an image is a time step of one view; the first hands of a
    group's views are one time step. Images without a hand are left out.

    Args:
        path (str | Path): Ends with .json.

    Returns:
        list[dict]: One sample per view, with ``frame_id``, ``time_step``,
        ``camera_id``, ``pred_instances`` and, where the file says them, ``time``,
        ``img_path``, ``camera_param`` and ``ori_shape``.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file holds no predicted hands, or an entry is not
            what the inferencer writes; the message names the entry.
    """
    samples = _read(Path(path))
    if not samples:
        raise ValueError(f'{path} holds no hands')
    return samples


def _read(path: Path) -> list[dict]:
    if not path.is_file():
        raise FileNotFoundError(f'there is no {path}{near_path(path)}')
    try:
        content = parse_json(path.read_bytes())
    except ValueError as error:
        raise ValueError(f'{path} is not JSON: {error}') from error
    samples = []
    try:
        for name, place, step, known in _time_steps(content, path.stem):
            samples += [{**view, **known} for view in _samples(step, name, place)]
    except ValueError as error:
        raise ValueError(
            f"{path} is not a file of the inferencer's predictions: {error}"
        ) from error
    return samples


def _time_steps(
    content: Any, name: str
) -> Iterator[tuple[str, str, Any, dict[str, float]]]:
    """Names, places in the file, contents, numbers and, where the file says them, times
    of the time steps."""
    is_video = (
        isinstance(content, list)
        and content
        and (isinstance(content[0], dict) and 'frame_id' in content[0])
    )
    if not is_video:
        yield name, '', content, dict(time_step=0)
        return
    for index, step in enumerate(content):
        place = f'entry {index}: '
        number = _get(step, 'frame_id', int, place)
        inside = step if 'views' in step else _get(step, 'instances', list, place)
        step_name = f'{name}/{number:08d}'
        known: dict[str, float] = dict(time_step=frame_of(step_name))
        if 'time' in step:
            known['time'] = _number(step, 'time', place)
        yield step_name, place, inside, known


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
                known = dict(
                    camera_id=view, **_image(result, inside), **_camera(result, inside)
                )
                hands.append((known, found[0], inside))
        for index, (camera, _, _) in enumerate(hands):
            camera.update(view_index=index, num_views=len(hands))
    return [
        dict(view, frame_id=name, pred_instances=_fields(hand, inside))
        for view, hand, inside in hands
    ]


def _image(result: dict, place: str) -> dict[str, str]:
    """The name of a view's image, where the file says it."""
    if 'video' in result:
        number = _get(result, 'frame', int, place)
        return dict(
            img_path=video_frame_name(_get(result, 'video', str, place), number)
        )
    return (
        dict(img_path=_get(result, 'img_path', str, place))
        if 'img_path' in result
        else {}
    )


def _camera(result: dict, place: str) -> dict[str, Any]:
    """A view's camera, where the file says it."""
    if 'camera' not in result:
        return {}
    camera = _get(result, 'camera', dict, place)
    param = {name: camera[name] for name in _CAMERA_FIELDS if name in camera}
    size = {}
    if 'width' in camera and 'height' in camera:
        size = dict(ori_shape=(camera['height'], camera['width']))
    return dict(camera_param=param, **size)


def _fields(hand: Any, place: str) -> dict[str, np.ndarray]:
    """Arrays of one hand, (1, ...)."""
    _get(hand, 'keypoints', list, place)
    arrays = {}
    for name, value in hand.items():
        if name in _TEXTS:
            arrays[_FIELDS[name]] = np.array([_text(hand, name, place)])
            continue
        try:
            array = np.asarray(value)[None]
        except ValueError:  # rows of different length
            array = np.empty((1, 0), object)
        if array.dtype.kind not in 'fbiu':
            raise ValueError(f'{place}"{name}" is no array of numbers')
        arrays[_FIELDS.get(name, name)] = array
    return arrays


def _number(content: dict, key: str, place: str) -> float:
    value = content[key]
    if type(value) not in (int, float) or not np.isfinite(value):
        raise ValueError(f'{place}"{key}" is no number')
    return float(value)


def _text(hand: dict, name: str, place: str) -> str:
    text = _get(hand, name, str, place)
    if len(text) > _LONGEST_TEXT or (name == 'hand_side' and text not in _SIDES):
        raise ValueError(f'{place}"{name}" is {text[:_LONGEST_TEXT]!r}')
    return text


def _get(content: Any, key: str, kind: type, place: str) -> Any:
    """``content[key]``, or an error that says where it is missing."""
    if not isinstance(content, dict) or not isinstance(content.get(key), kind):
        raise ValueError(f'{place}there is no "{key}" ({kind.__name__})')
    return content[key]
