"""Random hands of the hand model."""

import torch

from hamuco_mm.hand_model import HandParameters


def random_parameters(number, seed=0, dtype=torch.float64):
    """Hands that bend their fingers, of differing shapes, anywhere."""
    generator = torch.Generator().manual_seed(seed)

    def normal(size, spread):
        return spread * torch.randn(number, size, generator=generator, dtype=dtype)

    return HandParameters(normal(3, 1.5), normal(45, 0.3), normal(10, 1), normal(3, 1))
