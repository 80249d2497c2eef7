"""Attention over views agrees with its definition, in every precision."""

import pytest
import torch
from torch import Tensor

from hamuco_mm.models.layers.view_interaction import attend


def defined(query: Tensor, key: Tensor, value: Tensor, visible: Tensor | None):
    scores = query @ key.mT / query.shape[-1] ** 0.5
    if visible is not None:
        scores = scores.masked_fill(~visible, -torch.inf)
    return scores.softmax(-1) @ value


@pytest.fixture
def tokens() -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(2, 4, 42, 16, generator=generator) for _ in range(3)]


@pytest.fixture(params=[False, True], ids=['all', 'masked'])
def visible(request) -> Tensor | None:
    if not request.param:
        return None
    mask = torch.ones(2, 1, 42, 42, dtype=torch.bool)
    mask[1, :, :, 21:] = False
    return mask


def test_it_is_scaled_dot_product_attention(tokens, visible):
    torch.testing.assert_close(attend(*tokens, visible), defined(*tokens, visible))


def test_bfloat16_on_a_cpu_is_computed_in_float32(tokens, visible):
    rounded = [values.bfloat16().requires_grad_() for values in tokens]
    exact = [values.detach().float().requires_grad_() for values in rounded]
    weights = tokens[0]
    with torch.autocast('cpu', torch.bfloat16):
        attended = attend(*rounded, visible)
    expected = defined(*exact, visible)
    torch.testing.assert_close(attended, expected)
    (attended * weights).sum().backward()
    (expected * weights).sum().backward()
    for ours, theirs in zip(rounded, exact):
        torch.testing.assert_close(ours.grad, theirs.grad.bfloat16())
