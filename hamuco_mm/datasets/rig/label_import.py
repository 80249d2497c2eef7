"""Labels of a recording become labels of a rig's time steps."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...utils.few_names import few
from ..labels import CameraLabels, HandLabel, LabelNotes, match_labels, write_label
from ..labels.camera_files import best_hand, rivals
from ..labels.side_words import found_mirroring
from .extraction import Timing
from .folder import RigFolder
from .recordings import Recording

# Names in a message
_MOST_NAMES = 4


class FoundLabels(NamedTuple):
    """The labels of a camera.

    Attributes:
        by_step (dict[int, HandLabel]): By time step.
        line (str): How many there are, what has no frame and what has no label.
    """

    by_step: dict[int, HandLabel]
    line: str


def find_labels(
    recordings: Mapping[str, Recording],
    timings: Mapping[str, Timing],
    time_steps: Mapping[str, Sequence[int]],
    root: Path,
    hand_side: str | None = None,
    offset: int | None = None,
) -> tuple[dict[str, FoundLabels], list[str]]:
    """Read and check the labels of all cameras of a recording.

    Args:
        recordings, timings, time_steps (Mapping): By camera.
        root (Path): Has ``<camera>/<frame>.json``, see
            :class:`~hamuco_mm.datasets.labels.CameraLabels`; ``<frame>`` is the
            frame's number in a video, from 0, or the image's name.
        hand_side (str, optional): For labels without one; 'right' where nobody
            says it, which is noted. It is written into them, as other
            recordings may show the other hand.
        offset (int, optional): See
            :func:`~hamuco_mm.datasets.labels.match_labels`.

    Returns:
        tuple: The labels by camera, and notes for the user.

    Raises:
        FileNotFoundError: If there are none of a camera.
        ValueError: If one is malformed, if none of a camera's belongs to a frame,
            or the coordinates of a camera are no pixels.
    """
    notes = LabelNotes()
    swap_sides = found_mirroring(root, notes)
    found = {
        camera: _of_camera(
            CameraLabels(root / camera, notes, swap_sides),
            camera,
            recording,
            {step: timings[camera].frame(step) for step in time_steps[camera]},
            hand_side,
            offset,
            notes,
        )
        for camera, recording in recordings.items()
    }
    if not any(of.by_step for of in found.values()):
        raise ValueError(f'{root} has no label for any image, 0 labels')
    for camera, of in found.items():
        seen = [label.keypoints[label.confidence > 0] for label in of.by_step.values()]
        largest = max((np.abs(points).max(initial=0) for points in seen), default=0)
        if 0 < largest <= 1:
            raise ValueError(
                f'{root / camera}: no label has a coordinate above 1: parts of the '
                'image, not pixels. Multiply them by the width and the height, or '
                'leave out --labels and read them afterwards: pseudo_label.py '
                '--mediapipe DIR --coordinates normalized'
            )
    return found, notes.lines()


def write_labels(
    labels: FoundLabels,
    time_steps: Sequence[int],
    folder: RigFolder,
    sequence: str,
    camera: str,
) -> None:
    """Write the labels of a camera; a time step without one keeps none of an
    earlier run."""
    for step in time_steps:
        target = folder.label(sequence, camera, f'{step:08d}')
        if step in labels.by_step:
            write_label(target, labels.by_step[step])
        else:
            target.unlink(missing_ok=True)


def _of_camera(
    files: CameraLabels,
    camera: str,
    recording: Recording,
    frames: Mapping[int, int],
    hand_side: str | None,
    offset: int | None,
    notes: LabelNotes,
) -> FoundLabels:
    names = {number: recording.frame_name(number) for number in recording.frames}
    try:
        matched = match_labels(files.names, list(names.values()), offset)
    except ValueError as error:
        raise ValueError(f'{files.path}: {error}') from error
    if files.names and not matched:
        raise ValueError(
            f'{files.path}: none of {len(files.names)} labels belongs to a frame of '
            f'{recording.path}, 0 labels. They are called {few(files.names, _MOST_NAMES)}, the '
            f'frames {few(list(names.values()), _MOST_NAMES)}'
        )
    by_step, without = {}, []
    for step, frame in frames.items():
        name = matched.get(names[frame])
        hands = [] if name is None else files.hands(name)
        label = best_hand(hands, hand_side)
        if name is None or label is None:
            without.append(names[frame])
            continue
        if len(rivals(hands, hand_side)) > 1:
            notes.add(
                'images have several hands that may be meant, of which the most '
                'confident is taken'
                + (' (--hand-side says which side)' if hand_side is None else ''),
                files.file(name),
            )
        if label.hand_side is None and hand_side is None:
            notes.add(
                'labels do not say the side of the hand and are taken as right ones '
                '(--hand-side says it)',
                files.file(name),
            )
        elif None not in (label.hand_side, hand_side) and label.hand_side != hand_side:
            notes.add(
                f'labels say another side than --hand-side {hand_side} and keep theirs: '
                'that option is for labels without a hand_side',
                files.file(name),
            )
        side = label.hand_side or hand_side or 'right'
        by_step[step] = replace(label, hand_side=side)
    line = f'{camera}: {len(by_step)} labels for {len(frames)} images'
    unused = sorted(set(files.names) - set(matched.values()), key=files.names.index)
    if unused:
        line += f'; {len(unused)} labels have no frame: {few(unused, _MOST_NAMES)}'
    if without:
        line += f'; {len(without)} images have no label: {few(without, _MOST_NAMES)}'
    return FoundLabels(by_step, line)
