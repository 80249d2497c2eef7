"""Do the cameras of a rig fit its 2D labels, and if not, why not?"""

from .diagnosis import check_rig
from .finding import Finding, RigReport
from .observations import RigObservations
from .reprojection import ReprojectionErrors, reprojection_errors
from .together import check_together, joined

__all__ = [
    'Finding',
    'ReprojectionErrors',
    'RigObservations',
    'RigReport',
    'check_rig',
    'check_together',
    'joined',
    'reprojection_errors',
]
