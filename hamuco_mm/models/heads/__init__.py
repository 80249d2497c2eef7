"""From feature maps and graph features to hands."""

from .graph_mano_head import GraphMANOHead
from .hand3d_mano_head import Hand3DMANOHead
from .mano_head import MANOHead
from .triangulation_head import TriangulationHead
from .volumetric_triangulation_head import VolumetricTriangulationHead

__all__ = [
    'GraphMANOHead',
    'Hand3DMANOHead',
    'MANOHead',
    'TriangulationHead',
    'VolumetricTriangulationHead',
]
