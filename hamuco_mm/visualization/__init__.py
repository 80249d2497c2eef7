"""Pictures of predictions and of trainings; nothing here needs a display."""

from ..rendering.mesh_overlay import draw_mesh
from ..rendering.mesh_painter import paint_mesh
from .curves import training_figure
from .figures import comparison_figure, time_step_figure
from .hand_mesh_visualizer import HandMeshVisualizer
from .placement import fit_weak_perspective, place_on_image
from .side_view import draw_side_view
from .skeleton import draw_skeleton
from .training_log import Curve, TrainingLog, read_training_log
from .view_pictures import MESH_COLORS, ViewPictures

__all__ = [
    'MESH_COLORS',
    'Curve',
    'HandMeshVisualizer',
    'TrainingLog',
    'ViewPictures',
    'comparison_figure',
    'draw_mesh',
    'draw_side_view',
    'draw_skeleton',
    'fit_weak_perspective',
    'paint_mesh',
    'place_on_image',
    'read_training_log',
    'time_step_figure',
    'training_figure',
]
