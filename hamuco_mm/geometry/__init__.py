"""Pure geometry: functions of tensors, without state, in metres and radians."""

from .projection import (
    look_at,
    project,
    project_weak_perspective,
    projection_matrix,
    viewing_ray_rotation,
    world_to_camera,
)
from .reweighting import reweighted
from .rotations import (
    axis_angle_to_matrix,
    matrix_to_axis_angle,
    matrix_to_rot6d,
    rot6d_to_matrix,
    rotation_about_z,
)
from .similarity import (
    SCALE_BOUNDS,
    Similarity,
    bounded_scale,
    procrustes_rotation,
    umeyama,
)

__all__ = [
    'SCALE_BOUNDS',
    'Similarity',
    'axis_angle_to_matrix',
    'bounded_scale',
    'look_at',
    'matrix_to_axis_angle',
    'matrix_to_rot6d',
    'procrustes_rotation',
    'project',
    'project_weak_perspective',
    'projection_matrix',
    'reweighted',
    'rot6d_to_matrix',
    'rotation_about_z',
    'umeyama',
    'viewing_ray_rotation',
    'world_to_camera',
]
