"""The F-score's inner products against distances computed one by one."""

import pytest
import torch

from hamuco_mm.evaluation import nearest
from hamuco_mm.evaluation.functional import f_score
from hamuco_mm.geometry import axis_angle_to_matrix
from hamuco_mm.hand_model import MANOLayer


def straightforward(points, targets, threshold):
    distances = (points[:, :, None] - targets[:, None]).norm(dim=-1)
    precision = (distances.amin(2) < threshold).double().mean(1)
    recall = (distances.amin(1) < threshold).double().mean(1)
    return 2 * precision * recall / (precision + recall).clamp(min=1e-9)


@pytest.mark.parametrize('with_numba', (True, False))
def test_hands_in_different_poses_far_from_the_origin(with_numba, monkeypatch):
    if with_numba:
        pytest.importorskip('numba')
    else:
        monkeypatch.setattr(nearest, 'compiled_loop', lambda: None)
    torch.manual_seed(0)
    pose = 0.4 * torch.randn(2, 5, 16, 3)
    points, targets = (
        MANOLayer()(axis_angle_to_matrix(pose), torch.randn(2, 5, 10)).vertices + 0.8
    )
    thresholds = (0.002, 0.005, 0.015)
    scores = f_score(points, targets, thresholds)
    for column, threshold in zip(scores.T, thresholds):
        expected = straightforward(points.double(), targets.double(), threshold)
        assert expected.min() > 0 and expected.max() < 1
        # a vertex in the rounding error of a threshold may count or not
        torch.testing.assert_close(column.double(), expected, atol=2e-3, rtol=0)


def test_sets_of_different_sizes():
    points, targets = torch.rand(5, 70, 3), torch.rand(5, 31, 3)
    torch.testing.assert_close(
        f_score(points, targets, [0.15])[:, 0].double(),
        straightforward(points.double(), targets.double(), 0.15),
        atol=1e-3,
        rtol=0,
    )
