"""Files of predictions, whichever command wrote them."""
import json
from pathlib import Path
from typing import Iterator, List, Union

import numpy as np

from .predicted_views import PredictedViews


def read_predicted_views(path: Union[str, Path]) -> PredictedViews:
    """Read an .npz file, see :meth:`PredictedViews.load`, or a JSON file of
    :class:`~hamuco_mm.apis.HaMuCoInferencer`.

    The latter holds the hands of an image, of a group of views, or of a video
    of either. Each hand of an image is a time step of one view; the first
    hands of a group's views are one time step. Images without a hand are left
    out.

    Args:
        path (str | Path): Ends with .npz or .json.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file holds no predicted hands.
    """
    path = Path(path)
    if path.suffix != '.json':
        return PredictedViews.load(path)
    try:
        content = json.loads(path.read_text())
    except ValueError as error:
        raise ValueError(f'{path} is not JSON: {error}') from error
    try:
        samples = [
            sample for name, step in _time_steps(content, path.stem)
            for sample in _samples(step, name)
        ]
    except (KeyError, TypeError, AttributeError, IndexError):
        samples = []
    if not samples:
        raise ValueError(f'{path} holds no hands, or is not a file of the '
                         "inferencer's predictions")
    return PredictedViews.from_samples(samples)


def _time_steps(content, name: str) -> Iterator[tuple]:
    """Names and contents of the time steps in a file."""
    is_video = isinstance(content, list) and content and (
        'frame_id' in content[0])
    if not is_video:
        yield name, content
        return
    for step in content:
        inside = step if 'views' in step else step['instances']
        yield f'{name}/{step["frame_id"]:08d}', inside


def _samples(step, name: str) -> List[dict]:
    """Data samples of one time step: a list of hands, or a group's views."""
    if isinstance(step, dict):
        hands = {
            view: result['instances'][0]
            for view, result in step['views'].items() if result['instances']
        }
        places = [
            dict(view_index=index, num_views=len(hands), camera_id=view)
            for index, view in enumerate(hands)
        ]
        step = list(hands.values())
    else:
        places = [dict() for _ in step]
    return [
        dict(
            place,
            frame_id=name,
            pred_instances={
                field: np.asarray(value)[None]
                for field, value in hand.items()
            }) for place, hand in zip(places, step)
    ]
