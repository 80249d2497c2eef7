"""HaMuCo, hand pose from multiple views without 3D labels, for MMPose 1.x.

Importing the package registers its components in MMPose's registries, which is
what ``custom_imports = dict(imports=['hamuco_mm'])`` of a config does.
"""

from .utils import compat
from .version import __version__

compat.apply()  # before anything below imports mmpose

from . import codecs, datasets, engine, evaluation, models, visualization, weights  # noqa: E402

__all__ = [
    '__version__',
    'codecs',
    'datasets',
    'engine',
    'evaluation',
    'models',
    'visualization',
    'weights',
]
