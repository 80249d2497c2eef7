"""Named settings of what generated pictures look like."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from .lighting import LightConfig
from .motion import MotionConfig
from .rig import RigConfig
from .scene import SceneConfig
from .sensor import SensorConfig
from .things import ThingsConfig

_WILD = SceneConfig(
    motion=MotionConfig(any_direction=True, shape_sigma=1.0),
    rig=RigConfig(
        half_side=(0.2, 0.55),
        corner_jitter=0.06,
        aim_jitter=0.03,
        roll_deg=60.0,
        fill=(0.45, 0.8),
        off_centre=0.03,
    ),
    sensor=SensorConfig(
        exposure=(0.45, 1.6),
        white_balance=0.09,
        contrast=(0.65, 1.25),
        blur=(0.0, 3.5),
        noise=(0.5, 8.0),
        jpeg_quality=(30, 96),
        motion_blur=0.25,
    ),
    things=ThingsConfig(held=0.2, before=0.15, second_hand=0.12),
    jewellery=0.2,
    limbs=0.25,
)
# clearer pictures, fewer things, longer lenses, and wrists and fingers that bend as
# they do
_PHOTO = replace(
    _WILD,
    motion=replace(_WILD.motion, lean_deg=(22.0, 12.0), wrist_deg=(30.0, 12.0)),
    rig=replace(_WILD.rig, half_side=(0.2, 0.7)),
    sensor=SensorConfig(
        exposure=(0.75, 1.3),
        white_balance=0.06,
        contrast=(0.8, 1.15),
        blur=(0.0, 2.0),
        noise=(0.5, 4.0),
        jpeg_quality=(60, 97),
        motion_blur=0.15,
    ),
    things=ThingsConfig(held=0.1, before=0.05, second_hand=0.06),
)
# 'rig': one good rig around a bare hand, as HanCo's. 'wild': what photographs
# of hands have: any direction, lenses from wide to long, rolled cameras, bad
# light, smears and compression, objects, other hands. 'photo': the same in better
# light, with more freedom for wrists and fingers. 'lab': one laboratory's rig: long
# lenses, coloured light, most hands in gloves.
LOOKS = dict(
    rig=SceneConfig(),
    wild=_WILD,
    photo=_PHOTO,
    lab=SceneConfig(
        rig=RigConfig(half_side=(0.7, 0.8)),
        light=LightConfig(lamp_warmth=0.35, sky_warmth=0.2),
        fixed_rig=True,
        gloves=0.8,
    ),
)


def look_as(name: str, changes: Mapping[str, Any]) -> SceneConfig:
    """A look with changes.

    Args:
        name (str): Of the look.
        changes (Mapping): Arguments of :class:`SceneConfig`; its parts, such as
            ``sensor``, may be dicts of what changes in them.

    Raises:
        ValueError: For an unknown look or argument, with those that there are.
    """
    if name not in LOOKS:
        raise ValueError(f'look should be one of {tuple(LOOKS)}, got {name!r}')
    return _changed(LOOKS[name], changes, f'the look {name!r}')


def _changed(settings: Any, changes: Mapping[str, Any], what: str) -> Any:
    """A copy of a dataclass with changes, some of them of dataclasses in it."""
    known = {field.name: getattr(settings, field.name) for field in fields(settings)}
    values = {}
    for key, value in changes.items():
        if key not in known:
            raise ValueError(f'{what} has no {key!r}; it has {", ".join(known)}')
        part = known[key]
        if is_dataclass(part) and isinstance(value, Mapping):
            value = _changed(part, value, f'{key} of {what}')
        # ranges are tuples; files of configs may make lists of them
        values[key] = tuple(value) if isinstance(value, list) else value
    return replace(settings, **values)
