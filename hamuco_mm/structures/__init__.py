"""What travels between the rooms: results of the networks, groups of views."""

from ..hand_model import HandMesh
from .hand_estimate import HandEstimate
from .view_groups import ViewGroups, group_sizes

__all__ = ['HandEstimate', 'HandMesh', 'ViewGroups', 'group_sizes']
