"""The layers in the form of the authors' release."""

import pytest
import torch
from torch.nn import functional as F

from hamuco_mm.models.layers import (
    HandDecoder,
    HandLocationEmbedding,
    JointMapsGraphBuilder,
    PreNormGCN,
    RawJointFeatureSampler,
)


@pytest.fixture
def gcn():
    return PreNormGCN(6, out_channels=4).eval()


def test_at_the_start_no_joint_touches_another(gcn):
    graph = torch.randn(2, 3, 21, 6)
    changed = graph.clone()
    changed[..., 5, :] += torch.randn(6)
    same = (gcn(graph) == gcn(changed)).all(-1)
    assert not same[..., 5].any() and same.sum() == 2 * 3 * 20
    assert gcn(graph).shape == (2, 3, 21, 4)


def test_rows_of_the_adjacency_are_divided_by_their_sums(gcn):
    graph = torch.randn(2, 21, 6)
    with torch.no_grad():
        gcn.adjacency.add_(torch.rand_like(gcn.adjacency))
        expected = gcn(graph)
        gcn.adjacency.mul_(torch.linspace(1, 9, 21)[:, None])
    torch.testing.assert_close(gcn(graph), expected, rtol=1e-4, atol=1e-4)


def test_gcn_in_closed_form(gcn):
    """With weights of 1/21 each joint gets the mean of all, twice."""
    graph = torch.randn(21, 6)[None]
    with torch.no_grad():
        gcn.adjacency.fill_(1)
    mean = gcn.norm(graph).mean(1)
    hidden = F.leaky_relu(gcn.hidden(mean), 0.1)
    expected = F.leaky_relu(gcn.out(hidden), 0.1)[:, None].expand(-1, 21, -1)
    torch.testing.assert_close(gcn(graph), expected, rtol=1e-4, atol=1e-5)


def test_an_adjacency_of_zeros_is_finite(gcn):
    with torch.no_grad():
        gcn.adjacency.zero_()
    gcn(torch.randn(1, 21, 6)).sum().backward()
    assert torch.isfinite(gcn.adjacency.grad).all()


def test_the_location_of_one_joint_reaches_all():
    embedding = HandLocationEmbedding(5)
    estimate = HandDecoder()(torch.zeros(1, 96), torch.zeros(1, 10), torch.zeros(1, 3))
    before = embedding(estimate)
    assert before.shape == (21, 5)
    estimate.keypoints_2d[0, 3] += 1
    assert (embedding(estimate) != before).any(-1).all()


def test_cells_of_the_maps_are_the_feature():
    builder = JointMapsGraphBuilder(4, out_channels=2 * 9, grid_size=3)
    feature_map = torch.randn(2, 4, 3, 3)
    rows = builder(feature_map).view(2, 21, 2, 3, 3)
    weight, bias = builder.joint_maps.weight[:, :, 0, 0], builder.joint_maps.bias
    # the second map of joint 7, in its cell (1, 2)
    value = weight[15] @ feature_map[1, :, 1, 2] + bias[15]
    assert rows[1, 7, 1, 1, 2].item() == pytest.approx(
        F.leaky_relu(value, 0.1).item(), abs=1e-6
    )
    assert builder(torch.randn(2, 4, 5, 5)).shape == (42, 18)


def test_samples_are_the_feature():
    sampler = RawJointFeatureSampler((2, 3), 5)
    maps = [torch.randn(1, 2, 4, 4), torch.randn(1, 3, 2, 2)]
    # the middle of the first cell of both maps is not the same place
    keypoints = torch.full((1, 21, 2), -0.75)
    rows = sampler(maps, keypoints)
    torch.testing.assert_close(rows[:, :2], maps[0][0, :, 0, 0].expand(21, -1))
    torch.testing.assert_close(rows[:, 2:], maps[1][0, :, 0, 0].expand(21, -1))


def test_widths_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match='global_channels=20.*multiple of the 9'):
        JointMapsGraphBuilder(4, 20, grid_size=3)
    with pytest.raises(ValueError, match='set local_channels=5'):
        RawJointFeatureSampler((2, 3), 8)
