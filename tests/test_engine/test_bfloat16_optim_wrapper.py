import pytest
import torch
from mmengine.registry import init_default_scope
from mmpose.registry import OPTIM_WRAPPERS
from torch import nn

from hamuco_mm.engine import BFloat16OptimWrapper
from hamuco_mm.engine.optim_wrappers import has_bfloat16


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


def test_parts_that_need_numpy_are_told_of():
    """As MMPose's heads that measure their accuracy."""
    model = nn.Linear(4, 2)
    wrapper = build(model)
    wrapper.enabled = True
    words = 'optim_wrapper.type=OptimWrapper'
    with pytest.raises(TypeError, match=words), wrapper.optim_context(model):
        model(torch.ones(3, 4)).detach().numpy()
    with pytest.raises(TypeError, match='^another$'), wrapper.optim_context(model):
        raise TypeError('another')


def test_float32_where_bfloat16_would_be_emulated():
    model = nn.Linear(4, 2)
    wrapper = build(model)
    wrapper.enabled = False
    with wrapper.optim_context(model):
        assert model(torch.ones(3, 4)).dtype == torch.float32


@pytest.mark.parametrize('capability, expected', [((7, 5), False), ((8, 0), True)])
def test_gpus_compute_in_bfloat16_from_ampere_on(monkeypatch, capability, expected):
    monkeypatch.setattr(torch.cuda, 'get_device_capability', lambda: capability)
    assert has_bfloat16('cuda') is expected


@pytest.mark.parametrize(
    'report, expected',
    [
        (dict(avx512_bf16=True, amx_bf16=False), True),
        (dict(avx512_bf16=False, amx_bf16=True), True),
        (dict(avx512_bf16=False, avx512_f=True), False),
        (dict(), False),
    ],
)
def test_cpus_need_instructions_for_it(monkeypatch, report, expected):
    monkeypatch.setattr(torch.cpu, 'get_capabilities', lambda: report, raising=False)
    assert has_bfloat16('cpu') is expected


def test_cpus_of_which_pytorch_reports_nothing(monkeypatch):
    monkeypatch.delattr(torch.cpu, 'get_capabilities', raising=False)
    assert not has_bfloat16('cpu')


def test_other_devices_train_in_float32():
    assert not has_bfloat16('mps')
