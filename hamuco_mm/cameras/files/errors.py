from pathlib import Path


class CalibrationError(ValueError):
    """A calibration file that cannot be read.

    Args:
        path (str | Path): The file.
        reason (str): What is wrong.
        key (str, optional): Where in the file.
        remedy (str, optional): What to do about it.
    """

    def __init__(
        self,
        path: str | Path,
        reason: str,
        key: str | None = None,
        remedy: str | None = None,
    ):
        place = f'{path}, {key}' if key else str(path)
        super().__init__(f'{place}: {reason}' + (f'. {remedy}' if remedy else ''))


class CalibrationWarning(UserWarning):
    """Something that a calibration says and that was not used, or was read
    together with something else."""
