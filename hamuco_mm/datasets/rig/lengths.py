"""Recordings of a rig that are longer or shorter than the others."""

from collections.abc import Mapping
from statistics import median_low

from .extraction import Timing
from .recordings import RecordedVideo, Recording


def different_lengths(
    recordings: Mapping[str, Recording],
    timings: Mapping[str, Timing],
    match: str = 'auto',
    max_frames: int | None = None,
) -> list[str]:
    """What to say of recordings that have more or fewer frames than the others.

    Their frames are counted from the first, so that cameras which began at different
    times are not in step. Images that are matched by their numbers are: of them nothing
    is said, nor where an offset tells how the cameras began.

    Args:
        recordings, timings (Mapping): By camera.
        match (str): How images were matched, see
            :func:`~hamuco_mm.datasets.frames.match_frames`.
        max_frames (int, optional): Most time steps that are taken.

    Returns:
        list[str]: A line for each such camera.
    """
    if any(timing.offset for timing in timings.values()):
        return []
    counted = [
        name
        for name, recording in recordings.items()
        if match == 'order' or isinstance(recording, RecordedVideo)
    ]
    ends = {name: 1 + max(recordings[name].frames, default=-1) for name in counted}
    steps = {name: len(timings[name].time_steps(end)) for name, end in ends.items()}
    if max_frames is not None:
        steps = {name: min(count, max_frames) for name, count in steps.items()}
    if len(set(steps.values())) <= 1:
        return []
    usual = median_low(steps.values())
    # in time steps, with the part of one at the end
    length = min(ends[n] / timings[n].step for n in counted if steps[n] == usual)
    lines = []
    for name in counted:
        more = ends[name] - round(length * timings[name].step)
        if steps[name] > usual:
            alone = all(steps[n] <= usual for n in counted if n != name)
            lines.append(
                f'{name} has {_frames(more)} more than the others'
                f'{", which are not used" if alone else ""}; if it began earlier: '
                f'--offset {name}={more}'
            )
        elif steps[name] < usual:
            lines.append(
                f'{name} has {_frames(-more)} fewer than the others; if it began '
                f'later: --offset {name}={more}'
            )
    return lines


def _frames(number: int) -> str:
    return f'{number} frame' + ('' if number == 1 else 's')
