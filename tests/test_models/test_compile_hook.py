"""The parts of a network compile without a break, to the same numbers."""

from types import SimpleNamespace

import pytest
import torch
from mmpose.registry import MODELS
from view_batches import make_inputs, make_samples

from hamuco_mm.engine import CompileHook


@pytest.fixture
def model(config):
    torch.manual_seed(0)
    model = MODELS.build(config)
    model.init_weights()
    return model.train()


@pytest.mark.parametrize('sizes', ((3, 3), (3, 1)))
def test_one_graph_and_the_same_losses(model, sizes):
    inputs, samples = make_inputs(sizes), make_samples(sizes)
    names = set(model.state_dict())
    expected = model.loss(inputs, samples)
    torch._dynamo.reset()
    # fullgraph raises an error at a break; 'eager' compiles no machine code
    CompileHook(fullgraph=True, backend='eager').before_run(
        SimpleNamespace(model=model)
    )
    losses = model.loss(inputs, samples)
    torch.testing.assert_close(losses, expected)
    assert set(model.state_dict()) == names


def test_a_part_that_is_not_there_is_left_out():
    model = torch.nn.Sequential()
    CompileHook().before_run(SimpleNamespace(model=model))
    assert not hasattr(model, 'backbone')
