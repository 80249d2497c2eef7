"""Hands of predicted views, each with the names that its files and rows get."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..structures import PredictedViews, Stage
from ..utils.file_names import safe_file_name
from ..utils.frame_names import track_of
from .parameters import WORLD

# What tells how far a hand in the world can be trusted: of its views the mean.
_TRUST = ('hand_scores', 'views_agree', 'reprojection_error')


@dataclass(frozen=True)
class NamedHand:
    """A hand of a view, or of a time step in the world.

    Attributes:
        name (str): Of its file, without a suffix; safe.
        track (str): Of the sequence of hands that it is part of; safe.
        frame (int): Its place in that sequence.
        identity (dict): Columns of a table that say whose it is.
        description (str): What it is, its unit and frame, in one line.
        fields (dict): Arrays of it by the names of ``pred_instances``.
        vertices (np.ndarray | None): Metres (778, 3); None without a mesh.
    """

    name: str
    track: str
    frame: int
    identity: dict[str, object]
    description: str
    fields: dict[str, np.ndarray]
    vertices: np.ndarray | None


def named_hands(
    views: PredictedViews, stage: Stage, in_world: bool = False
) -> list[NamedHand]:
    """The hands of a stage, in the order of their time steps.

    Args:
        views (PredictedViews): All views; for the world placed there, see
            :func:`~hamuco_mm.evaluation.world_hands.placed_in_world`.
        stage (Stage): Whose meshes.
        in_world (bool): One hand of each time step, in the world; else one of
            each view, root-relative in the camera's frame.
    """
    found: list[NamedHand] = []
    taken: list[str] = []
    tracks: dict[tuple, str] = {}
    seen: Counter[tuple] = Counter()
    is_numbered = bool((views.frame >= 0).all())
    for place, rows in enumerate(views.time_steps()):
        for row in rows[:1] if in_world else rows:
            frame_id = str(views.frame_id[row])
            camera = '' if in_world else str(views.camera_id[row])
            view = '' if in_world else _view_name(camera, row - rows[0])
            number = seen[frame_id, view]
            seen[frame_id, view] += 1
            ending = '_'.join(filter(None, (view, str(stage), 'world' * in_world)))
            name = safe_file_name(f'{frame_id or place}_{ending}', taken)
            taken.append(name)
            track = track_of(frame_id)
            key = track, view, number
            if key not in tracks:
                whole = '_'.join(filter(None, (track, ending)))
                tracks[key] = safe_file_name(whole, tracks.values())
            found.append(
                NamedHand(
                    name,
                    tracks[key],
                    int(views.frame[row]) if is_numbered else place,
                    dict(
                        frame_id=frame_id,
                        time_step=int(views.time_step[row]),
                        time_s=float(views.time[row]),
                        camera=camera,
                        hand=number,
                        bbox_origin=_origin(views, row, in_world),
                    ),
                    _description(stage, frame_id, view),
                    _fields(views, rows if in_world else row, in_world),
                    _vertices(views, row, stage, in_world),
                )
            )
    return found


def chosen(hands: Sequence[NamedHand], items: Sequence[int] | None) -> list[NamedHand]:
    """The hands of some time steps.

    Args:
        hands (Sequence[NamedHand]): Of all.
        items (Sequence[int] | None): Their ``time_step``; None for all.

    Raises:
        ValueError: If there is no such time step, or no hand in it.
    """
    if items is None:
        return list(hands)
    steps = {hand.identity['time_step'] for hand in hands}
    for item in items:
        if item not in steps:
            raise ValueError(
                f'there is no hand of a time step {item}: {len(steps)} have hands '
                '(time_step in hands.csv)'
            )
    return [hand for hand in hands if hand.identity['time_step'] in items]


def _view_name(camera: str, place: int) -> str:
    """As the user calls the camera; numbers say what they are."""
    name = camera or f'view{place}'
    return f'cam{name}' if name.isdecimal() else name


def _description(stage: Stage, frame_id: str, view: str) -> str:
    start = f'{stage} hand of {frame_id}, metres'
    if not view:
        return f'{start}, world frame'
    return f'{start}, root-relative, frame of {view} (x right, y down, z forward)'


def _origin(views: PredictedViews, row: int, in_world: bool) -> str:
    """Where the hand's box is from; empty in the world, which has no boxes."""
    origins = views.predictions.get('bbox_origins')
    return '' if in_world or origins is None else str(origins[row])


def _fields(
    views: PredictedViews, rows: np.ndarray | int, in_world: bool
) -> dict[str, np.ndarray]:
    """Of a view's hand, or of the one that the views of a time step have in the
    world."""
    known = views.predictions
    if not in_world:
        return {name: values[rows] for name, values in known.items()}
    fields = {
        name: values[rows][0] for name, values in known.items() if name.endswith(WORLD)
    }
    for name in _TRUST:
        values = known[name][rows].astype(float) if name in known else np.array([])
        if np.isfinite(values).any():
            fields[name] = np.nanmean(values)
    return fields


def _vertices(
    views: PredictedViews, row: int, stage: Stage, in_world: bool
) -> np.ndarray | None:
    values = views.predictions.get(
        f'vertices{WORLD}' if in_world else stage.field('vertices')
    )
    return None if values is None else values[row]
