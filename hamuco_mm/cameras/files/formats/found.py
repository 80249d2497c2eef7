"""What a reader finds in a file."""

from dataclasses import dataclass

from ...camera import Camera


@dataclass(frozen=True)
class FileCameras:
    """Cameras of a file, and what the file or its format says of them.

    Attributes:
        cameras (dict[str, Camera]): By name, extrinsics as they stand in the
            file.
        extrinsics (str | None): A key of ``EXTRINSICS``, None where nothing
            says it.
        unit (str | float | None): Of translations, likewise.
        axes (str | None): A key of ``AXES``, likewise.
        defined (bool): Whether a program's format defines ``extrinsics`` and
            ``axes``, so that they cannot be anything else.
    """

    cameras: dict[str, Camera]
    extrinsics: str | None = None
    unit: str | float | None = None
    axes: str | None = None
    defined: bool = False
