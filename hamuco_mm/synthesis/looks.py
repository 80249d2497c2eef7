"""Named settings of what generated pictures look like."""

from .lighting import LightConfig
from .motion import MotionConfig
from .rig import RigConfig
from .scene import SceneConfig
from .sensor import SensorConfig
from .things import ThingsConfig

# 'rig': one good rig around a bare hand, as HanCo's. 'wild': what photographs
# of hands have: any direction, lenses from wide to long, rolled cameras, bad
# light, smears and compression, objects, other hands. 'lab': one laboratory's rig:
# long lenses, coloured light, most hands in gloves.
LOOKS = dict(
    rig=SceneConfig(),
    wild=SceneConfig(
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
    ),
    lab=SceneConfig(
        rig=RigConfig(half_side=(0.7, 0.8)),
        light=LightConfig(lamp_warmth=0.35, sky_warmth=0.2),
        fixed_rig=True,
        gloves=0.8,
    ),
)
