"""Labels that are wrong in one recording are told from cameras that are wrong in all."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from hamuco_mm.cameras import Cameras
from hamuco_mm.rigs.check import RigObservations, check_rig, check_together, joined
from hamuco_mm.synthesis import SceneConfig, SceneGenerator
from hamuco_mm.synthesis.rig import RigConfig

NUM_VIEWS, NUM_STEPS = 5, 10
# What trembles, pixels, and the place of a whole hand in one view of each recording.
NOISE, AWAY = 2.5, 40.0
# Share of the joints that are wrong throughout a recording, and by how much, pixels.
LASTING, WRONG_BY = 0.4, 20.0


@pytest.fixture(scope='module')
def recordings():
    """Four short recordings by the same cameras, with labels whose errors last."""
    config = SceneConfig(
        image_size=256, labels=None, rig=RigConfig(num_views=NUM_VIEWS)
    )
    generator = SceneGenerator(1, config=config)
    rig = generator.scene(0, 1).rig
    return {
        f'take{i}': recorded(
            rig, generator.scene(i, NUM_STEPS).motion.joints, f'take{i}'
        )
        for i in range(4)
    }


def recorded(rig, joints, name):
    rng = np.random.default_rng(int(name[-1]))
    pixels = rig.project(joints)
    error = rng.normal(scale=WRONG_BY, size=pixels.shape[1:])
    error *= rng.random(error.shape[:-1])[..., None] < LASTING
    # one view has the whole hand at another place
    error[int(name[-1]), :, 0] += AWAY
    pixels = pixels + error + rng.normal(scale=NOISE, size=pixels.shape)
    return RigObservations.from_views(
        dict(
            frame_id=f'{name}/{t:04d}',
            sequence=name,
            camera_id=v,
            keypoints=pixels[t, v][None],
            keypoints_visible=np.ones((1, 21)),
            camera_param=dict(K=rig.K[v], R=rig.R_world2cam[v], t=rig.t_world2cam[v]),
        )
        for t in range(len(joints))
        for v in range(NUM_VIEWS)
    )


@pytest.fixture(scope='module')
def alone(recordings):
    return {name: check_rig(rig) for name, rig in recordings.items()}


def turned(rig, degrees=20):
    given = rig.cameras.as_arrays()
    turn = Rotation.from_euler('y', degrees, degrees=True).as_matrix()
    given['R'][:, 1] = turn @ given['R'][:, 1]
    given['t'][:, 1] = given['t'][:, 1] @ turn.T
    return replace(rig, cameras=Cameras.from_arrays(given))


@pytest.mark.slow
def test_bad_labels_of_single_recordings_are_no_mistake_of_the_cameras(
    recordings, alone
):
    doubted = [name for name, report in alone.items() if not report.ok]
    assert doubted
    reports, together = check_together(recordings, alone)
    assert together.ok
    assert all(report.ok for report in reports.values())
    for name in doubted:
        notes = [note for note in reports[name].notes if note.kind == 'labels']
        assert [note.details['alone'] for note in notes] == [
            finding.kind for finding in alone[name].findings
        ]
        assert 'do not calibrate anew' in notes[0].remedy


@pytest.mark.slow
def test_a_camera_that_is_wrong_in_all_recordings_is_found(recordings, alone):
    wrong = {name: turned(rig) for name, rig in recordings.items()}
    reports, together = check_together(wrong, alone, max_shift=0)
    assert not together.ok
    assert reports == alone


def test_labels_at_the_corner_stay_a_finding(recordings, alone):
    """They are no error of a detector; all recordings together show them, too."""
    rig = recordings['take0']
    points = rig.points.copy()
    points[:, :, 3] = 0
    rigs = {**recordings, 'take0': replace(rig, points=points)}
    reports, together = check_together(rigs, alone, max_shift=0)
    assert '(0, 0)' in together.findings[0].message
    assert reports == alone


def test_one_recording_counts_where_labels_are_good(recordings, alone):
    good = {name: replace(report, misfit=0.1) for name, report in alone.items()}
    assert check_together(recordings, good) == (good, None)


def test_recordings_that_cannot_be_joined_are_left_as_they_are(recordings, alone):
    two = {name: recordings[name] for name in ('take0', 'take1')}
    of_two = {name: alone[name] for name in two}
    assert check_together(two, of_two) == (of_two, None)
    elsewhere = {**recordings, 'take3': turned(recordings['take3'])}
    assert joined(elsewhere.values()) is None
    assert check_together(elsewhere, alone) == (alone, None)


def test_joined_recordings_may_be_cut_otherwise(recordings):
    """Another K in one of them: the cameras are at the same places."""
    first, other, *_ = recordings.values()
    K = 2 * other.cameras.as_arrays()['K']
    K[..., 2, 2] = 1
    arrays = {**other.cameras.as_arrays(), 'K': K}
    other = replace(other, cameras=Cameras.from_arrays(arrays))
    both = joined([first, other])
    assert both.num_steps == 2 * NUM_STEPS
    assert both.sequences == ['take0'] * NUM_STEPS + ['take1'] * NUM_STEPS
    np.testing.assert_array_equal(both.cameras.as_arrays()['K'][NUM_STEPS:], K)
    np.testing.assert_array_equal(both.points[:NUM_STEPS], first.points)
