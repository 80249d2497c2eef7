import re


def natural_key(name: str) -> list:
    """Sort key that puts cam2 before cam10."""
    return [
        (int(part), '') if part.isdigit() else (-1, part)
        for part in re.split(r'(\d+)', str(name))
        if part
    ]
