"""The numbers of images, from their names."""

import re
from collections.abc import Sequence

from ...utils.natural_order import natural_key


def image_numbers(names: Sequence[str]) -> list[int] | None:
    """The number of each image of a folder.

    Of the digits in a name, those count that differ from image to image: in
    ``cam1_frame_0005`` and ``cam1_frame_0006`` the last ones. Where several
    differ, those count that no two images share, unless they may be the parts of
    seconds.

    Args:
        names (Sequence[str]): Without suffixes.

    Returns:
        list[int] | None: One for each name; None if a name has no digits.

    Raises:
        ValueError: If the names leave open which number is the image's, or
            two images have the same one; it names them.
    """
    found = [re.findall(r'\d+', name) for name in names]
    if not all(found):
        return None
    for name, digits in zip(names, found):
        if len(digits) != len(found[0]):
            raise ValueError(
                f'{names[0]!r} has {len(found[0])} numbers, {name!r} has {len(digits)}'
            )
    columns = {tuple(map(int, column)) for column in zip(*found)}
    differing = [column for column in columns if len(set(column)) > 1]
    candidates = differing or list(columns)
    if len(candidates) > 1:
        candidates = [c for c in differing if len(set(c)) == len(c)]
        if len(candidates) == 1 and _may_be_parts(names, candidates[0]):
            candidates = []
    if len(candidates) != 1:
        raise ValueError(
            f'more than one number in {names[0]!r} may be that of the image'
            + (f'; the next is {names[1]!r}' if names[1:] else '')
        )
    numbers = list(candidates[0])
    first: dict[int, str] = {}
    for name, number in zip(names, numbers):
        if number in first:
            raise ValueError(f'{first[number]!r} and {name!r} are both number {number}')
        first[number] = name
    return numbers


def _may_be_parts(names: Sequence[str], numbers: Sequence[int]) -> bool:
    """Whether numbers may be the parts of seconds, which begin anew each second.

    They then stand right after another number (``7.250``, ``7_250``), and do not
    ascend as the names do.
    """
    order = sorted(range(len(names)), key=lambda place: natural_key(names[place]))
    return [numbers[place] for place in order] != sorted(numbers) and all(
        re.search(rf'\d[._-]0*{number}(?!\d)', name)
        for name, number in zip(names, numbers)
    )
