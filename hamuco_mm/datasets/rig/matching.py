"""Recordings of several cameras, so that equal frame numbers belong together."""

from collections.abc import Mapping

from ..frames.clock import frames_per_step
from ..frames.matching import check_match, match_frames
from .recordings import RecordedImages, RecordedVideo, Recording


def match_recordings(
    recordings: Mapping[str, RecordedVideo | RecordedImages], match: str = 'auto'
) -> tuple[dict[str, Recording], dict[str, int], list[str]]:
    """Number the frames of all cameras alike.

    Images by the numbers in their names, see
    :func:`~hamuco_mm.datasets.frames.match_frames`; images of videos by their
    times, so that one which was lost leaves a hole.

    Args:
        recordings (Mapping): By camera.
        match (str): As for :func:`~hamuco_mm.datasets.frames.match_frames`. 'order'
            does not look at the times of videos.

    Returns:
        tuple: The recordings with their frame numbers; how many frames each
        takes while the slowest video takes one; and notes for the user.

    Raises:
        ValueError: If it is not known which frames belong together.
    """
    check_match(match)
    every = dict.fromkeys(recordings, 1)
    numbers = {name: list(recording.frames) for name, recording in recordings.items()}
    videos = {n: r for n, r in recordings.items() if isinstance(r, RecordedVideo)}
    images = {
        n: r.stems for n, r in recordings.items() if isinstance(r, RecordedImages)
    }
    notes = []
    if match != 'order' and len(recordings) > 1:
        every.update(frames_per_step({name: v.times for name, v in videos.items()}))
        numbers.update({name: video.times.numbers for name, video in videos.items()})
        fast = [f'{name}: {n}' for name, n in every.items() if n > 1]
        if fast:
            notes.append(f'frames from one time step to the next: {", ".join(fast)}')
    in_step = {
        name: [n // every[name] for n in numbers[name] if n % every[name] == 0]
        for name in videos
    }
    matched = match_frames(images, in_step, match)
    numbers.update({name: matched.numbers[name] for name in images})
    result = {name: recordings[name].numbered(numbers[name]) for name in recordings}
    return result, every, notes + matched.notes
