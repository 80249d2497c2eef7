from .base_hand_head import BaseHandHead
from .graph_mano_head import GraphMANOHead
from .mano_head import MANOHead

__all__ = ['BaseHandHead', 'GraphMANOHead', 'MANOHead']
