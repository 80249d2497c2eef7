"""What each alignment forgives, whatever the hands."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from hamuco_mm.evaluation.challenges import align_as_challenge
from hamuco_mm.evaluation.functional import f_score, joint_errors, pck_auc, pose_spread
from hamuco_mm.geometry import umeyama

UNHURRIED = settings(deadline=None, max_examples=30)
SEEDS = st.integers(0, 10**6)


def hands(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Four predictions and truths that differ, (4, 21, 3) metres."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(scale=0.05, size=(4, 21, 3))
    return truth + rng.normal(scale=0.01, size=truth.shape), truth


def similarity(seed: int):
    """Scale, rotation and translation of each of the four."""
    rng = np.random.default_rng(seed)
    return (
        rng.uniform(0.3, 3, (4, 1, 1)),
        Rotation.random(4, random_state=seed).as_matrix(),
        rng.normal(size=(4, 1, 3)),
    )


@UNHURRIED
@given(SEEDS, SEEDS)
def test_what_is_done_to_the_prediction_is_forgiven(seed, other):
    points, truth = hands(seed)
    scale, rotation, shift = similarity(other)
    for alignment, moved in (
        ('root', points + shift),
        ('scale', scale * points + shift),
        ('procrustes', scale * points @ rotation + shift),
    ):
        torch.testing.assert_close(
            joint_errors(moved, truth, alignment),
            joint_errors(points, truth, alignment),
            rtol=1e-6,
            atol=1e-9,
        )


@UNHURRIED
@given(SEEDS, SEEDS)
def test_both_hands_may_be_turned_together(seed, other):
    points, truth = hands(seed)
    _, rotation, shift = similarity(other)
    for alignment in ('root', 'scale', 'procrustes'):
        torch.testing.assert_close(
            joint_errors(
                points @ rotation + shift, truth @ rotation + shift, alignment
            ),
            joint_errors(points, truth, alignment),
            rtol=1e-6,
            atol=1e-9,
        )


@UNHURRIED
@given(SEEDS)
def test_no_other_similarity_is_nearer_than_umeyamas(seed):
    points, truth = (torch.from_numpy(x) for x in hands(seed))
    best = (umeyama(points, truth).apply(points) - truth).square().sum((-1, -2))
    scale, rotation, shift = (torch.from_numpy(x) for x in similarity(seed))
    # small steps away from the best one, of all its parts
    aligned = umeyama(points, truth).apply(points)
    turn = torch.linalg.matrix_exp(0.01 * (rotation - rotation.mT))
    for moved in (aligned @ turn, aligned + 0.01 * shift, aligned * scale**0.01):
        assert ((moved - truth).square().sum((-1, -2)) >= best - 1e-12).all()


@UNHURRIED
@given(SEEDS)
def test_the_challenges_align_near_hands_alike(seed):
    points, truth = (torch.from_numpy(x) for x in hands(seed))
    torch.testing.assert_close(
        align_as_challenge(points, truth),
        umeyama(points, truth).apply(points),
        rtol=1e-4,
        atol=1e-6,
    )


@UNHURRIED
@given(SEEDS, SEEDS)
def test_spread_knows_neither_place_nor_size_nor_direction(seed, other):
    points, _ = hands(seed)
    scale, rotation, shift = similarity(other)
    # the first one is what the others are turned to
    rotation[0], shift[0], scale[0] = np.eye(3), 0, 1
    assert pose_spread(scale * points @ rotation + shift) == pytest.approx(
        pose_spread(points), rel=1e-6
    )


@UNHURRIED
@given(SEEDS)
def test_f_score_counts_points_in_any_order(seed):
    points, truth = hands(seed)
    order = np.random.default_rng(seed).permutation(21)
    score = f_score(points, truth, (0.005, 0.015))
    torch.testing.assert_close(f_score(points[:, order], truth, (0.005, 0.015)), score)
    torch.testing.assert_close(f_score(truth, points, (0.005, 0.015)), score)


@UNHURRIED
@given(st.lists(st.floats(0, 0.1), min_size=1))
def test_area_under_the_curve(errors):
    """It does not depend on the unit, and falls with larger errors."""
    errors = np.array(errors)
    area = pck_auc(errors)
    assert 0 <= pck_auc(errors + 0.001) <= area <= 1 + 1e-12
    assert pck_auc(errors * 2.0, max_error=0.1) == pytest.approx(area)
