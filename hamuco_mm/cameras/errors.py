from pathlib import Path
from typing import Optional, Union


class CalibrationError(ValueError):
    """A calibration that cannot be read as what it should be.

    Args:
        path (str | Path): The file.
        reason (str): What is wrong.
        key (str, optional): Where in the file.
        remedy (str, optional): What to do about it.
    """

    def __init__(self,
                 path: Union[str, Path],
                 reason: str,
                 key: Optional[str] = None,
                 remedy: Optional[str] = None):
        place = f'{path}, {key}' if key else str(path)
        super().__init__(f'{place}: {reason}' +
                         (f'. {remedy}' if remedy else ''))
