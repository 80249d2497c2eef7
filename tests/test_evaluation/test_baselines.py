import cv2
import numpy as np
import pytest
import torch
from hand_samples import posed_hands

from hamuco_mm.evaluation.baselines import evaluate_baselines, mean_hand
from hamuco_mm.geometry import look_at, project, world_to_camera

K = torch.tensor([[400.0, 0, 112], [0, 400, 112], [0, 0, 1]]).double()
UP = torch.tensor([0.0, 0, 1]).double()


def make_time_step(vertices, joints, num_views=6, pixel_noise=0.0, seed=0):
    """Views on a ring of cameras around one hand in the world's middle."""
    rng = np.random.default_rng(seed)
    centre = joints.mean(0)
    vertices = torch.as_tensor(vertices - centre)
    joints = torch.as_tensor(joints - centre)
    views = []
    for angle in np.arange(num_views) * 2 * np.pi / num_views:
        eye = torch.tensor([np.cos(angle), np.sin(angle), 0.3]).double()
        R = look_at(eye, torch.zeros(3).double(), UP)
        t = -R @ eye
        in_camera = world_to_camera(joints, R, t)
        noise = pixel_noise * rng.normal(size=(21, 2))
        views.append(
            dict(
                keypoints=(project(in_camera, K).numpy() + noise)[None],
                keypoints_visible=np.ones((1, 21)),
                image_size=np.array([224, 224]),
                camera_param=dict(K=K.numpy(), R=R.numpy(), t=t.numpy()),
                keypoints_cam=in_camera.numpy()[None],
                vertices=world_to_camera(vertices, R, t).numpy()[None],
            )
        )
    return views


@pytest.fixture
def time_steps():
    hands = zip(*posed_hands(5))
    return [
        make_time_step(*hand, num_views=4 + i % 3, seed=i)
        for i, hand in enumerate(hands)
    ]


TRIANGULATIONS = [
    f'{method}_triangulation'
    for method in ('dlt', 'weighted_dlt', 'ransac', 'pictorial')
]


def test_exact_labels_triangulate_to_the_truth(time_steps):
    rows = evaluate_baselines(time_steps)
    assert list(rows) == ['mean_hand', *TRIANGULATIONS]
    for name in TRIANGULATIONS:
        assert rows[name]['views'] == 4 + 5 + 6 + 4 + 5
        assert rows[name]['views_left_out'] == 0
        for measure in ('MPJPE', 'N-MPJPE', 'PA-MPJPE', 'ABS-MPJPE'):
            assert rows[name][measure] < 1e-3
        assert 'MPVPE' not in rows[name]
    assert 'ABS-MPJPE' not in rows['mean_hand']


def test_absolute_errors_forgive_no_shift():
    """Labels of a hand that is 5 mm away: absolute errors alone tell."""
    vertices, joints = (x[0] for x in posed_hands(1))
    step = make_time_step(vertices, joints)
    shift = np.array([0, 0.003, 0.004])
    for view in step:
        moved = view['keypoints_cam'] + view['camera_param']['R'] @ shift
        view['keypoints'] = project(torch.as_tensor(moved), K).numpy()
    rows = evaluate_baselines([step])
    for name in TRIANGULATIONS:
        assert rows[name]['ABS-MPJPE'] == pytest.approx(5, abs=1e-3)
        assert rows[name]['MPJPE'] < 1e-3


def test_confidences_weigh(time_steps):
    for step in time_steps:
        step[1]['keypoints'][:, ::2] += 10
    before = evaluate_baselines(time_steps)
    for step in time_steps:
        step[1]['keypoints_visible'][:] = 0.1
    after = evaluate_baselines(time_steps)
    for name in TRIANGULATIONS:
        weighs = name in TRIANGULATIONS[1::2]
        assert (after[name]['MPJPE'] < 0.5 * before[name]['MPJPE']) == weighs
        assert weighs or after[name] == before[name]


@pytest.mark.parametrize('model', ['radial', 'fisheye'])
def test_distorted_labels(time_steps, model):
    """A lens of known distortion makes no error, an unknown one does."""
    dist = np.array([-0.25, 0.08, 2e-3, -1e-3, 0.01])
    lens = dict(dist=dist)
    seen = cv2.projectPoints
    if model == 'fisheye':
        dist = np.array([0.05, -0.02, 0.01, -0.003])
        lens = dict(dist=dist, distortion_model='fisheye')
        seen = cv2.fisheye.projectPoints
    for view in (view for step in time_steps for view in step):
        camera = view['camera_param']
        view['keypoints'] = seen(
            view['keypoints_cam'].reshape(21, 1, 3),
            np.zeros(3),
            np.zeros(3),
            camera['K'],
            dist,
        )[0].reshape(1, 21, 2)
        camera.update(lens)
    rows = evaluate_baselines(time_steps)
    for name in TRIANGULATIONS:
        assert rows[name]['ABS-MPJPE'] < 1e-3
    for view in (view for step in time_steps for view in step):
        for key in lens:
            del view['camera_param'][key]
    rows = evaluate_baselines(time_steps)
    for name in TRIANGULATIONS:
        assert rows[name]['ABS-MPJPE'] > 5e-3


def test_ransac_resists_outliers_and_labels_left_out_do_not_matter(time_steps):
    for step in time_steps:
        step[1]['keypoints'][:, ::2] += 60
    rows = evaluate_baselines(time_steps)
    assert rows['dlt_triangulation']['PA-MPJPE'] > 3
    assert rows['ransac_triangulation']['PA-MPJPE'] < 1e-3
    for step in time_steps:
        step[1]['keypoints_visible'][:] = 0
    rows = evaluate_baselines(time_steps)
    assert rows['dlt_triangulation']['PA-MPJPE'] < 1e-3


def test_ransac_threshold_goes_with_the_image_size():
    steps = [make_time_step(*hand, pixel_noise=8) for hand in zip(*posed_hands(5))]
    small = evaluate_baselines(steps)
    for view in (view for step in steps for view in step):
        view['keypoints'] = 4 * view['keypoints']
        view['camera_param']['K'] = np.diag([4, 4, 1]) @ view['camera_param']['K']
        view['image_size'] = 4 * view['image_size']
    large = evaluate_baselines(steps)
    for name, row in small.items():
        assert large[name] == pytest.approx(row, rel=1e-4), name
    strict = evaluate_baselines(steps, ransac_threshold=5.0)
    assert strict['ransac_triangulation']['MPJPE'] != pytest.approx(
        small['ransac_triangulation']['MPJPE'], rel=1e-2
    )


def test_mean_hand_errors(time_steps):
    row = evaluate_baselines(time_steps)['mean_hand']
    assert row['MPJPE'] > row['PA-MPJPE'] > 3
    assert row['MPVPE'] > row['PA-MPVPE'] > 3
    assert 0 < row['F@5'] < row['F@15'] < 1
    # Seen from any side, the mean hand itself is met exactly.
    hand = mean_hand()
    exact = [make_time_step(hand.vertices.numpy(), hand.joints.numpy())]
    row = evaluate_baselines(exact)['mean_hand']
    for measure in ('MPJPE', 'N-MPJPE', 'PA-MPJPE', 'PA-MPVPE'):
        assert row[measure] < 1e-3
    assert row['F@5'] == 1
    # One of another size is met after scaling only.
    bigger = [make_time_step(1.1 * hand.vertices.numpy(), 1.1 * hand.joints.numpy())]
    row = evaluate_baselines(bigger)['mean_hand']
    assert row['MPJPE'] > 3 and row['N-MPJPE'] < 1e-3


def test_views_that_cannot_take_part(time_steps):
    # A joint labelled in one calibrated view only cannot be triangulated.
    for view in time_steps[0][1:]:
        view['keypoints_visible'][0, 5] = 0
    # Without truth a view still serves for triangulation.
    del time_steps[1][0]['keypoints_cam']
    del time_steps[2][0]['vertices']
    # Without a camera, or an image size, a view has no result.
    del time_steps[2][1]['camera_param']
    time_steps[3][1]['image_size'] = np.zeros(2, int)
    rows = evaluate_baselines(time_steps)
    assert rows['mean_hand']['views'] == 23
    assert rows['ransac_triangulation']['views'] == 23 - 4 - 2
    assert rows['ransac_triangulation']['views_left_out'] == 6
    assert rows['ransac_triangulation']['MPJPE'] < 1e-3


def test_uncalibrated(time_steps, logged):
    for step in time_steps:
        for view in step:
            del view['camera_param'], view['vertices']
    rows = evaluate_baselines(time_steps)
    assert list(rows) == ['mean_hand']
    assert 'MPVPE' not in rows['mean_hand']
    (line,) = logged
    assert line.startswith(f'no {", ".join(TRIANGULATIONS)}: ')
    assert 'camera_param and image_size' in line


def test_no_ground_truth(time_steps):
    for step in time_steps:
        for view in step:
            del view['keypoints_cam']
    with pytest.raises(ValueError, match='keypoints_cam'):
        evaluate_baselines(time_steps)
