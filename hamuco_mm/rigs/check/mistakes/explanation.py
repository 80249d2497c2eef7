"""One way to put a rig right, in numbers and in words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ....cameras import Convention
from ..observations import RigObservations


@dataclass(frozen=True)
class Circumstances:
    """What is known of how the rig's files were read.

    Attributes:
        read_as (Mapping): The ``read_as`` of the calibration: ``extrinsics``,
            ``axes``, ``offsets``, ``step``, ``every``, ``camera_names``,
            ``metres_per_unit``.
        max_shift (int): Largest shift to look for, time steps.
    """

    read_as: Mapping = field(default_factory=dict)
    max_shift: int = 10

    @property
    def convention(self) -> Convention:
        """How R and t were read; the unit is another matter, as no
        reprojection depends on it."""
        return Convention(
            self.read_as.get('extrinsics', 'world2cam'),
            self.read_as.get('axes', 'opencv'),
        )


@dataclass(frozen=True, eq=False)
class Explanation:
    """A mistake that may have been made.

    Attributes:
        kind (str): For programs.
        message (str): What is wrong.
        mended (RigObservations): The rig without the mistake.
        views (list[int]): Those that it concerns.
        options (list[str]): Of ``rig2coco.py``, that mend it.
        advice (str): What to do where there is no option.
        details (dict): The same for programs.
    """

    kind: str
    message: str
    mended: RigObservations
    views: list[int]
    options: list[str] = field(default_factory=list)
    advice: str = ''
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def remedy(self) -> str:
        """What to do about it."""
        command = ' '.join(['rig2coco.py', *self.options] if self.options else [])
        return '; '.join(part for part in (command, self.advice) if part)

    def then(self, other: 'Explanation') -> 'Explanation':
        """This mistake, and another one of what is left when it is mended."""
        return Explanation(
            f'{self.kind}+{other.kind}',
            f'{self.message}; and {other.message}',
            other.mended,
            sorted({*self.views, *other.views}),
            self.options + other.options,
            '; '.join(part for part in (self.advice, other.advice) if part),
            {**self.details, **other.details},
        )


# A kind of mistake: all ways in which it may have been made.
Mistake = Callable[[RigObservations, Circumstances], Iterator[Explanation]]


def in_views(rig: RigObservations, views: list[int]) -> str:
    """'in all views', or the names of some."""
    if len(views) == rig.num_views:
        return 'in all views'
    return 'in ' + ', '.join(rig.names[view] for view in views)
