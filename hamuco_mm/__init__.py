"""HaMuCo, hand pose from multiple views without 3D labels, for MMPose 1.x.

Importing the package registers its components in MMPose's registries, which is
what ``custom_imports = dict(imports=['hamuco_mm'])`` of a config does.
"""

from .version import __version__

__all__ = ['__version__']
