"""Decoders of MANO parameters, from images and from graph features."""

from .graph_mano_head import GraphMANOHead
from .hand3d_mano_head import Hand3DMANOHead
from .mano_head import MANOHead

__all__ = ['GraphMANOHead', 'Hand3DMANOHead', 'MANOHead']
