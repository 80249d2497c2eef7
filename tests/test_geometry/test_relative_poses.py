"""Cameras recovered from hands of known geometry."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from hamuco_mm.geometry import project, world_to_camera
from hamuco_mm.geometry.hand_translation import fit_centres, fit_translations
from hamuco_mm.geometry.pose_bundle import (
    Bundle,
    _cost,
    _normal_equations,
    refine_bundle,
    reprojection,
)
from hamuco_mm.geometry.relative_poses import (
    agreed_hands,
    estimate_relative_poses,
    pairwise_rotations,
)
from hamuco_mm.geometry.resection import resect_cameras
from hamuco_mm.geometry.rotation_averaging import rotation_angle

FRAMES, JOINTS = 12, 21


class Rig:
    """Cameras on a sphere about a hand that moves, float64."""

    def __init__(self, num_views=4, num_frames=FRAMES, seed=0):
        rng = np.random.default_rng(seed)
        self.R = torch.from_numpy(
            Rotation.random(num_views, random_state=seed).as_matrix()
        )
        self.t = torch.from_numpy(
            rng.normal(scale=0.02, size=(num_views, 3)) + [0, 0, 0.7]
        )
        self.K = torch.tensor([[260.0, 0, 64], [0, 250, 60], [0, 0, 1]])
        self.K = self.K.double().repeat(num_views, 1, 1)
        self.K[:, 0, 0] += torch.from_numpy(rng.uniform(-50, 50, num_views))
        hand = rng.normal(scale=0.04, size=(JOINTS, 3))
        wobble = rng.normal(scale=0.01, size=(num_frames, JOINTS, 3))
        turns = Rotation.random(num_frames, random_state=seed + 1).as_matrix()
        self.joints_world = torch.from_numpy(
            (hand + wobble) @ turns.swapaxes(1, 2)
            + rng.normal(scale=0.02, size=(num_frames, 1, 3))
        )
        local = world_to_camera(self.joints_world[:, None], self.R, self.t)
        self.keypoints = project(local, self.K)
        self.joints = local - local[:, :, 9:10]
        # the same seen from the first camera
        self.R_first = self.R @ self.R[0].T
        self.t_first = self.t - (self.R_first @ self.t[0])

    def noisy(self, degrees=10.0, shape=0.004, pixels=1.0, seed=0):
        """As a network predicts: each view's hand turned and deformed."""
        rng = np.random.default_rng(seed)
        turn = Rotation.from_rotvec(
            np.radians(degrees) * rng.normal(size=(len(self.joints) * len(self.R), 3))
        )
        turn = torch.from_numpy(turn.as_matrix()).view(*self.joints.shape[:2], 3, 3)
        joints = self.joints @ turn
        joints = joints + torch.from_numpy(rng.normal(scale=shape, size=joints.shape))
        keypoints = self.keypoints + torch.from_numpy(
            rng.normal(scale=pixels, size=self.keypoints.shape)
        )
        return joints, keypoints

    def rotation_errors(self, estimate):
        return rotation_angle(estimate.R_world2cam, self.R_first).rad2deg()

    def centre_errors(self, estimate):
        """Metres between the true and the estimated camera centres."""
        true, found = (
            (-R.transpose(-1, -2) @ t[..., None])[..., 0]
            for R, t in (
                (self.R_first, self.t_first),
                (estimate.R_world2cam, estimate.t_world2cam),
            )
        )
        return (true - found).norm(dim=-1)


@pytest.mark.parametrize('refine', [True, False])
@pytest.mark.parametrize('num_views', [2, 3, 8])
def test_exact_predictions_give_the_exact_rig(num_views, refine):
    rig = Rig(num_views)
    found = estimate_relative_poses(
        rig.joints.float(), rig.keypoints, rig.K, refine=refine
    )
    assert rig.rotation_errors(found).max() < 1e-3
    assert rig.centre_errors(found).max() < 1e-5
    assert found.rotation_spread.max() < 1e-4
    assert found.reprojection_error.max() < 1e-2
    assert (found.num_time_steps == FRAMES).all()
    first = world_to_camera(rig.joints_world, rig.R[0], rig.t[0])
    torch.testing.assert_close(found.joints_world, first, atol=1e-5, rtol=0)


def test_many_rough_time_steps_make_a_precise_rig():
    rig = Rig(4, 30)
    joints, keypoints = rig.noisy(degrees=12)
    rough, fine = (
        estimate_relative_poses(joints, keypoints, rig.K, refine=refine)
        for refine in (False, True)
    )
    # an axis-angle of 12 degrees a coordinate is some 19 degrees long
    assert rig.rotation_errors(rough)[1:].mean() < 12
    assert rig.rotation_errors(fine)[1:].mean() < 1
    assert rig.centre_errors(fine)[1:].mean() < 0.04
    assert 10 < fine.rotation_spread.rad2deg().median() < 40
    assert 0.5 < fine.reprojection_error.median() < 2


def test_outliers_do_not_matter():
    """A fifth of the views hold another hand elsewhere."""
    rig = Rig(5, 20)
    joints, keypoints = rig.noisy(degrees=5)
    wrong = torch.from_numpy(
        np.random.default_rng(1).uniform(size=joints.shape[:2]) < 0.2
    )
    joints[wrong] = (
        torch.randn(
            int(wrong.sum()), JOINTS, 3, generator=torch.Generator().manual_seed(0)
        ).double()
        * 0.04
    )
    keypoints[wrong] += 40
    found = estimate_relative_poses(joints, keypoints, rig.K)
    assert rig.rotation_errors(found).max() < 2
    assert rig.centre_errors(found).max() < 0.08


def test_absent_views_are_ignored_whatever_they_hold():
    rig = Rig(4)
    joints, keypoints = rig.noisy()
    present = torch.ones(FRAMES, 4, dtype=torch.bool)
    present[::3, 1] = present[1, 2:] = False
    present[2, 1:] = False  # one view alone
    K = rig.K.expand(FRAMES, 4, 3, 3).clone()
    expected = estimate_relative_poses(joints, keypoints, K, present)
    joints[~present], keypoints[~present], K[~present] = (torch.nan, 1e9, torch.nan)
    found = estimate_relative_poses(joints, keypoints, K, present)
    torch.testing.assert_close(found.R_world2cam, expected.R_world2cam)
    torch.testing.assert_close(found.t_world2cam, expected.t_world2cam)
    assert found.num_time_steps.tolist() == [11, 7, 10, 10]
    assert found.joints_world[2].isnan().all()
    assert found.joints_world[[0, 1, 3]].isfinite().all()
    # not finite is absent, also when nobody says so
    untold = estimate_relative_poses(joints, keypoints, rig.K.expand_as(K), None)
    torch.testing.assert_close(untold.R_world2cam, expected.R_world2cam)


def test_intrinsics_may_change_over_time():
    rig = Rig(3)
    shift = torch.arange(FRAMES)[:, None].double()
    K = rig.K.expand(FRAMES, 3, 3, 3).clone()
    K[..., 0, 2] += shift
    keypoints = rig.keypoints.clone()
    keypoints[..., 0] += shift[..., None]
    found = estimate_relative_poses(rig.joints, keypoints, K)
    assert rig.rotation_errors(found).max() < 1e-3


def test_too_little_is_refused():
    rig = Rig(3)
    data = [rig.joints, rig.keypoints, rig.K]
    with pytest.raises(ValueError, match='at least two cameras, got 1'):
        estimate_relative_poses(rig.joints[:, :1], rig.keypoints[:, :1], rig.K[:1])
    with pytest.raises(ValueError, match='only 2 of 2 time steps'):
        estimate_relative_poses(rig.joints[:2], rig.keypoints[:2], rig.K)
    present = torch.ones(FRAMES, 3, dtype=torch.bool)
    present[2:, 1] = False
    with pytest.raises(ValueError, match=r'cameras \[1\].*at least 3'):
        estimate_relative_poses(*data, present)


def test_pairwise_rotations_are_between_the_cameras():
    rig = Rig(3)
    pairs = pairwise_rotations(rig.joints)
    expected = rig.R[:, None] @ rig.R.transpose(-1, -2)
    torch.testing.assert_close(pairs, expected.expand_as(pairs))


def test_the_agreed_hand_outvotes_a_wrong_view():
    rig = Rig(5)
    joints = rig.joints.clone()
    joints[:, 3] = -joints[:, 3]
    everyone = torch.ones(FRAMES, 5, dtype=torch.bool)
    hands = agreed_hands(joints, rig.R, everyone)
    true = rig.joints_world - rig.joints_world.mean(1, keepdim=True)
    assert (hands - true).norm(dim=-1).max() < 1e-3


def test_a_hand_is_placed_where_it_is_seen():
    """Also when a joint's pixel is far off."""
    rig = Rig(2)
    rays = rig.keypoints.clone()
    rays = (rays - rig.K[:, None, :2, 2]) / torch.stack(
        [rig.K[:, 0, 0], rig.K[:, 1, 1]], -1
    )[:, None]
    rays[0, 0, 5] += 0.1
    centres, information = fit_centres(
        rig.joints, rays, torch.ones(rays.shape[:-1]).double()
    )
    true = world_to_camera(rig.joints_world[:, None], rig.R, rig.t)[:, :, 9]
    torch.testing.assert_close(centres, true, atol=2e-3, rtol=0)
    torch.testing.assert_close(centres[1:], true[1:], atol=1e-6, rtol=0)
    # along the axis it is held less firmly than across
    assert (information[..., 2, 2] < 0.1 * information[..., 0, 0]).all()


def test_translations_join_the_places():
    """A wrong place is outvoted, an absent one not read."""
    rig = Rig(4)
    centres = world_to_camera(rig.joints_world[:, None], rig.R, rig.t)[:, :, 9]
    information = (
        torch.diag(torch.tensor([9.0, 9, 1])).double().expand(FRAMES, 4, 3, 3).clone()
    )
    centres[3, 2] += 1.0
    information[4, 1] = 0
    centres[4, 1] = 99
    t, X = fit_translations(rig.R_first, centres, information)
    torch.testing.assert_close(t, rig.t_first, atol=1e-3, rtol=0)
    expected = world_to_camera(rig.joints_world, rig.R[0], rig.t[0])[:, 9]
    torch.testing.assert_close(X, expected, atol=1e-3, rtol=0)


def test_a_camera_whose_hands_are_all_turned_is_found_again():
    """Its predictions repeat one large error, which no mean over time and no
    step downhill can mend; its keypoints tell."""
    rig = Rig(5, 15, seed=3)
    joints, keypoints = rig.noisy(degrees=5)
    wrong = torch.from_numpy(
        Rotation.from_euler('xyz', [150, 40, 20], degrees=True).as_matrix()
    )
    joints[:, 2] = joints[:, 2] @ wrong
    rough = estimate_relative_poses(joints, keypoints, rig.K, refine=False)
    assert rig.rotation_errors(rough)[2] > 60
    found = estimate_relative_poses(joints, keypoints, rig.K)
    assert rig.rotation_errors(found).max() < 2
    # the spread tells of it
    assert found.rotation_spread.argmax() == 2


def test_resection_moves_the_camera_that_is_wrong_alone():
    rig = Rig(4)
    K = rig.K.expand(FRAMES, 4, 3, 3)
    weights = torch.ones(FRAMES, 4, JOINTS).double()
    keypoints = rig.keypoints + 0.3 * torch.randn(rig.keypoints.shape).double()
    true = Bundle(rig.R, rig.t, rig.joints_world)
    right = refine_bundle(true, rig.joints_world, keypoints, weights, K)
    R = right.R_world2cam.clone()
    R[2] = R[2] @ R[1]
    placed = resect_cameras(
        Bundle(R, right.t_world2cam, right.points), keypoints, weights, K
    )
    assert torch.equal(placed.R_world2cam[[0, 1, 3]], R[[0, 1, 3]])
    assert rotation_angle(placed.R_world2cam, rig.R).rad2deg().max() < 1
    assert resect_cameras(true, rig.keypoints, weights, K) is true


def test_a_camera_of_which_keypoints_say_nothing_stays():
    """All of them in one pixel, as of a network that has learned nothing."""
    rig = Rig(4)
    K = rig.K.expand(FRAMES, 4, 3, 3)
    weights = torch.ones(FRAMES, 4, JOINTS).double()
    keypoints = rig.keypoints.clone()
    keypoints[:, 2] = keypoints[0, 2, 0]
    true = Bundle(rig.R, rig.t, rig.joints_world)
    placed = resect_cameras(true, keypoints, weights, K)
    assert torch.equal(placed.R_world2cam[2], rig.R[2])
    assert torch.equal(placed.t_world2cam[2], rig.t[2])


def test_bundle_equations_are_the_gradient():
    """Against autograd through the cost itself."""
    rig = Rig(3, 4)
    joints, keypoints = rig.noisy()
    K = rig.K.expand(4, 3, 3, 3)
    weights = torch.rand(4, 3, JOINTS).double()
    weights[0, 1] = 0
    points = rig.joints_world + 0.01 * torch.randn(4, JOINTS, 3).double()
    shapes = joints[:, 0]
    sigma, shape_sigma = torch.tensor(2.0).double(), 0.01
    parameters = [torch.zeros(3, 3).double(), rig.t.clone(), points.clone()]
    for parameter in parameters:
        parameter.requires_grad_()
    turn, t, X = parameters
    # row i of the cross-product matrix of w is e_i x w
    R = (
        torch.linalg.matrix_exp(
            torch.linalg.cross(
                torch.eye(3).double().expand(3, 3, 3), turn[:, None].expand(3, 3, 3)
            )
        )
        @ rig.R
    )
    cost = _cost(Bundle(R, t, X), shapes, keypoints, weights, K, sigma, shape_sigma)
    gradient = torch.autograd.grad(cost / 2, parameters)
    _, a, _, _, c = _normal_equations(
        Bundle(rig.R, rig.t, points), shapes, keypoints, weights, K, sigma, shape_sigma
    )
    torch.testing.assert_close(a[:, 3:], gradient[1])
    torch.testing.assert_close(c.view(4, JOINTS, 3), gradient[2])
    torch.testing.assert_close(a[:, :3], gradient[0])


def test_bundle_improves_what_it_is_asked_to():
    rig = Rig(4)
    joints, keypoints = rig.noisy(pixels=0.5)
    K = rig.K.expand(FRAMES, 4, 3, 3)
    weights = torch.ones(FRAMES, 4, JOINTS).double()
    start = Bundle(
        rig.R_first
        @ torch.from_numpy(Rotation.from_rotvec([0.05, 0.1, -0.05]).as_matrix()),
        rig.t_first + 0.02,
        joints[:, 0] + rig.joints_world[:, 9:10],
    )
    start = Bundle(
        torch.cat([rig.R_first[:1], start.R_world2cam[1:]]),
        torch.cat([rig.t_first[:1], start.t_world2cam[1:]]),
        joints[:, 0] + world_to_camera(rig.joints_world, rig.R[0], rig.t[0])[:, 9:10],
    )
    refined = refine_bundle(start, joints[:, 0], keypoints, weights, K)
    before, after = (
        (reprojection(x, K)[0] - keypoints).norm(dim=-1).median()
        for x in (start, refined)
    )
    assert after < 1 < 5 < before
    assert torch.equal(refined.R_world2cam[0], start.R_world2cam[0])
    assert torch.equal(refined.t_world2cam[0], start.t_world2cam[0])
