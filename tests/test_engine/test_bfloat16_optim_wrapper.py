import torch
from mmengine.registry import init_default_scope
from mmpose.registry import OPTIM_WRAPPERS
from torch import nn

from hamuco_mm.engine import BFloat16OptimWrapper


def build(model):
    init_default_scope('mmpose')
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    return OPTIM_WRAPPERS.build(dict(type='BFloat16OptimWrapper', optimizer=optimizer))


def test_computes_in_bfloat16_and_keeps_float32_weights():
    model = nn.Linear(4, 2)
    wrapper = build(model)
    assert isinstance(wrapper, BFloat16OptimWrapper)
    wrapper.enabled = True
    before = model.weight.detach().clone()
    with wrapper.optim_context(model):
        output = model(torch.ones(3, 4))
        loss = output.float().sum()
    assert output.dtype == torch.bfloat16
    wrapper.update_params(loss)
    assert model.weight.dtype == torch.float32
    torch.testing.assert_close(model.weight, before - 0.3)


def test_float32_where_bfloat16_would_be_emulated():
    model = nn.Linear(4, 2)
    wrapper = build(model)
    wrapper.enabled = False
    with wrapper.optim_context(model):
        assert model(torch.ones(3, 4)).dtype == torch.float32
