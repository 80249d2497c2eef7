"""The three results of the network, from early to late."""

from collections.abc import Container
from enum import Enum


class Stage(str, Enum):
    """A result of the network (paper, section 3); a member equals its value.

    Members stand in the order in which the network computes them, so that
    ``for stage in Stage`` goes from early to late.

    - ``single``: the mesh M of the single-view network;
    - ``interact``: the mesh M* of a view after the interaction;
    - ``fusion``: the mesh that is fused from all views.
    """

    SINGLE = 'single'
    INTERACT = 'interact'
    FUSION = 'fusion'

    def __str__(self) -> str:
        return self.value

    @property
    def suffix(self) -> str:
        """What follows the names of the stage's fields of
        ``pred_instances``."""
        return _SUFFIXES[self]

    @property
    def label(self) -> str:
        """The name in pictures and figures."""
        return _LABELS[self]

    def field(self, name: str) -> str:
        """Name of a field of ``pred_instances``, as ``vertices_fused``."""
        return name + self.suffix

    @classmethod
    def present(
        cls, fields: Container[str], name: str = 'keypoints_cam'
    ) -> list['Stage']:
        """Stages whose field ``name`` is in ``fields``."""
        return [stage for stage in cls if stage.field(name) in fields]

    @classmethod
    def latest(
        cls, fields: Container[str], name: str = 'keypoints_cam'
    ) -> 'Stage | None':
        """The last one of :meth:`present`, None if there is none."""
        stages = cls.present(fields, name)
        return stages[-1] if stages else None

    @classmethod
    def of_views(cls, fields: Container[str], name: str = 'keypoints') -> 'Stage':
        """The last stage in which each view has a hand of its own:
        ``interact`` if ``fields`` contains its field ``name``, else
        ``single``."""
        return cls.INTERACT if cls.INTERACT.field(name) in fields else cls.SINGLE

    @classmethod
    def parse(cls, value: str, argument: str = 'stage') -> 'Stage':
        """The stage with this value.

        Raises:
            ValueError: If there is none; it names the argument.
        """
        if value not in _LABELS:
            raise ValueError(
                f'{argument} should be one of {[str(x) for x in cls]}, got {value!r}'
            )
        return cls(value)


_SUFFIXES = {Stage.SINGLE: '', Stage.INTERACT: '_interact', Stage.FUSION: '_fused'}
_LABELS = {
    Stage.SINGLE: 'single view',
    Stage.INTERACT: 'interaction',
    Stage.FUSION: 'fusion',
}
