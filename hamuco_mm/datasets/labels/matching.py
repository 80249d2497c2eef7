"""Which label belongs to which frame."""

from collections.abc import Sequence

from ..frames.numbering import image_numbers

_OFFSET = (
    '--label-offset {}: the label numbered n{:+d} is that of frame n; '
    '--label-offset 0: the numbers mean the same'
)


def match_labels(
    labels: Sequence[str], frames: Sequence[str], offset: int | None = None
) -> dict[str, str]:
    """The label of each frame that has one.

    Equal names belong together, and so do equal numbers (``7`` and ``0007``). If
    no name is equal, the numbers in the names count, see
    :func:`~hamuco_mm.datasets.frames.numbering.image_numbers`.

    Args:
        labels (Sequence[str]): Names of the labels, without suffixes.
        frames (Sequence[str]): Names of the frames: of images, or numbers.
        offset (int, optional): What the number of a label exceeds that of its
            frame by.

    Returns:
        dict: From names of frames to names of labels.

    Raises:
        ValueError: If two labels are of one frame, or if the numbers of the
            labels are those of the frames shifted by one.
    """
    if offset is None:
        plain = _by_plain_name(labels)
        equal = {f: plain[plain_name(f)] for f in frames if plain_name(f) in plain}
        numbered = _numbers(labels), _numbers(frames)
        if equal and not all(numbered):
            return equal
    else:
        equal, numbered = {}, (_numbers(labels), _numbers(frames))
    of_labels, of_frames = numbered
    if not (of_labels and of_frames):
        return equal
    if offset is None:
        refuse_shifted(set(of_labels), set(of_frames))
    if equal:
        return equal
    label_of = {number - (offset or 0): name for number, name in of_labels.items()}
    return {
        name: label_of[number]
        for number, name in of_frames.items()
        if number in label_of
    }


def refuse_shifted(labels: set[int], frames: set[int]) -> None:
    """Refuse numbers of labels that begin and end one after, or before, those
    of the frames: one counts from 0 and the other from 1.

    Raises:
        ValueError: Naming the option that says what they mean.
    """
    if not labels or not frames:
        return
    for shift, ahead, behind in (
        (1, max(labels) == max(frames) + 1, min(frames)),
        (-1, min(labels) == min(frames) - 1, max(frames)),
    ):
        if ahead and behind not in labels:
            raise ValueError(
                f'the labels are numbered {min(labels)} to {max(labels)}, the frames '
                f'{min(frames)} to {max(frames)}: one seems to count from 0, the '
                f'other from 1. Say it: {_OFFSET.format(shift, shift)}'
            )


def _by_plain_name(names: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        other = found.setdefault(plain_name(name), name)
        if other != name:
            raise ValueError(f'{other} and {name} are both labels of one frame')
    return found


def plain_name(name: str) -> str:
    """A number without leading zeros; other names as they are."""
    return str(int(name)) if name.isdecimal() else name


def _numbers(names: Sequence[str]) -> dict[int, str]:
    """Names by their numbers; {} where these are not clear."""
    try:
        numbers = image_numbers(names) if names else None
    except ValueError:
        return {}
    return {} if numbers is None else dict(zip(numbers, names))
