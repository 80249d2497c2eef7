"""Convolutions in channels_last: another layout, the same numbers."""

import copy
from types import SimpleNamespace

import torch
from torch import nn

from hamuco_mm.engine import MemoryFormatHook


def test_layout_changes_and_numbers_stay():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * 36, 2))
    converted = copy.deepcopy(model)
    MemoryFormatHook().before_run(SimpleNamespace(model=converted))
    assert converted[0].weight.is_contiguous(memory_format=torch.channels_last)
    assert not model[0].weight.is_contiguous(memory_format=torch.channels_last)
    images = torch.randn(2, 3, 8, 8)
    features = converted[0](images)
    assert features.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(converted(images), model(images))
    for name, value in model.state_dict().items():
        assert torch.equal(converted.state_dict()[name], value)


def test_convolutions_of_volumes_stay_as_they_are():
    model = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3), torch.nn.Conv3d(2, 3, 3))
    MemoryFormatHook().before_run(SimpleNamespace(model=model))
    assert model[0].weight.is_contiguous(memory_format=torch.channels_last)
    assert model[1].weight.is_contiguous()
