"""Names in the order in which people count."""

import re


def natural_key(name: str) -> list[tuple[int, str]]:
    """Sort key that puts cam2 before cam10."""
    return [
        (int(part), '') if part.isdecimal() else (-1, part)
        for part in re.split(r'(\d+)', str(name))
        if part
    ]
