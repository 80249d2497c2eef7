"""Decoders of MANO parameters, from images and from graph features."""

from .base_hand_head import BaseHandHead
from .graph_mano_head import GraphMANOHead
from .hand3d_mano_head import Hand3DMANOHead
from .mano_head import MANOHead

__all__ = ['BaseHandHead', 'GraphMANOHead', 'Hand3DMANOHead', 'MANOHead']
