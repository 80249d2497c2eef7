import numpy as np
import pytest
from hand_samples import posed_hands
from test_baselines import make_time_step

from hamuco_mm.evaluation.absolute_baselines import evaluate_absolute_baselines
from hamuco_mm.evaluation.baselines import mean_hand

METHODS = ['dlt', 'weighted_dlt', 'ransac', 'pictorial']


@pytest.fixture
def time_steps():
    """Four frames of a sequence, six views each."""
    steps = [make_time_step(*hand) for hand in zip(*posed_hands(4))]
    for frame, step in enumerate(steps):
        for camera, view in enumerate(step):
            view.update(frame_id=f'0003/{frame:08d}', camera_id=camera)
    return steps


def evaluate(time_steps):
    return evaluate_absolute_baselines(time_steps, mean_hand().joints)


def test_exact_labels(time_steps):
    rows = evaluate(time_steps)
    assert list(rows) == METHODS
    for row in rows.values():
        assert row['time_steps'] == 4 and row['time_steps_left_out'] == 0
        for name in ('MPJPE', 'RR-MPJPE', 'PA-MPJPE', 'ACC', 'reprojection_px'):
            assert row[name] < 1e-3


def test_a_shift_is_an_absolute_error(time_steps):
    """Cameras that are said to stand 2 cm beside where they are."""
    for view in (view for step in time_steps for view in step):
        view['keypoints_cam'] = view['keypoints_cam'] + view['camera_param'][
            'R'
        ] @ np.array([0, 0, 0.02])
    for row in evaluate(time_steps).values():
        assert row['MPJPE'] == pytest.approx(20, abs=1e-3)
        assert row['RR-MPJPE'] < 1e-3
        assert row['ACC'] < 1e-3
        # 400 px focal length, about a metre away
        assert 4 < row['reprojection_px'] < 12


def test_what_cannot_take_part(time_steps):
    for view in time_steps[0][1:]:
        view['keypoints_visible'][0, 5] = 0
    for view in time_steps[1][1:]:
        del view['camera_param']
    for view in time_steps[2]:
        del view['keypoints_cam']
    del time_steps[3][0]['keypoints_cam']
    for row in evaluate(time_steps).values():
        assert row['time_steps'] == 1 and row['time_steps_left_out'] == 1
        assert row['MPJPE'] < 1e-3
        assert 'ACC' not in row
    with pytest.raises(ValueError, match='keypoints_cam and two calibrated'):
        evaluate(time_steps[1:3])
