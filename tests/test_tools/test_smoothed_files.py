"""Files of the inferencer, smoothed and exported."""

import csv
import json
import struct
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from hamuco_mm.evaluation.smoothing import smooth_sequence
from hamuco_mm.hand_model import (
    HAND_JOINT_NAMES,
    PARAMETER_SIZES,
    HandParameters,
    MANOLayer,
)
from hamuco_mm.structures import PredictedViews

NUM_FRAMES = 6


@pytest.fixture
def recording():
    """Two views of a video of a left hand that trembles, as the inferencer says it; in
    the world it is 1 m to the right."""
    random = np.random.default_rng(0)
    hand = MANOLayer(side='left').double()
    steps = []
    for frame in range(NUM_FRAMES):
        turn = Rotation.from_euler('z', 10 * frame + random.normal(0, 4), degrees=True)
        given = {name: np.zeros(size) for name, size in PARAMETER_SIZES.items()}
        given['global_orient'] = turn.as_rotvec()
        mesh = HandParameters(
            *(torch.tensor(given[name][None]) for name in PARAMETER_SIZES)
        ).mesh(hand)
        joints, vertices = mesh.joints[0].numpy(), mesh.vertices[0].numpy()
        fields = dict(
            given,
            keypoints=random.uniform(0, 99, (21, 2)),
            keypoints_cam=joints,
            vertices=vertices,
            keypoints_cam_fused=joints,
            vertices_fused=vertices,
            keypoints_world=joints + [1, 0, 0],
            vertices_world=vertices + [1, 0, 0],
        )
        instance = {name: value.tolist() for name, value in fields.items()}
        instance.update(hand_side='left', bbox_origin='search', hand_score=0.5)
        views = {name: dict(instances=[instance]) for name in ('cam0', 'cam1')}
        steps.append(dict(frame_id=frame, views=views))
    return steps


def points_of(recording, field):
    return np.array(
        [step['views']['cam1']['instances'][0][field] for step in recording]
    )


def table(path):
    with open(path, newline='') as file:
        return list(csv.DictReader(file))


def table_joints(row, frame):
    return [
        [float(row[f'{name}_{frame}_{axis}_m']) for axis in 'xyz']
        for name in HAND_JOINT_NAMES
    ]


def smooth(points, **options):
    return smooth_sequence(points, root=9, **options)


def test_from_a_video_to_a_smooth_table(run_script, recording, tmp_path, capsys):
    (tmp_path / 'views.json').write_text(json.dumps(recording))
    command = ['analysis_tools/smooth_predictions.py', 'views.json', '--type']
    run_script(*command, 'Gaussian', '--options', 'sigma=2', '--out', 'smooth.npz')
    printed = capsys.readouterr().out
    assert 'note: views.json has no true joints, so there is no table' in printed
    assert 'wrote smooth.npz: single, fusion, world, smoothed by Gaussian' in printed
    assert 'frames per second' not in printed  # they make no difference
    for frame, field in (
        ('cam', 'keypoints_cam_fused'),
        ('world', 'keypoints_world'),
    ):
        place = 'camera' if frame == 'cam' else frame
        export = ('misc/export_predictions.py', 'smooth.npz', '--frame', place)
        run_script(
            *export, '--parameters', '--formats', 'csv', 'npz', '--out-dir', frame
        )
        rows = table(tmp_path / frame / 'hands.csv')
        joints = points_of(recording, field)
        expected = smooth(joints, type='Gaussian', sigma=2)
        assert np.abs(expected - joints).max() > 2e-3
        found = [
            table_joints(row, frame) for row in rows if row['camera'] in ('cam1', '')
        ]
        np.testing.assert_allclose(found, expected, atol=2e-6)
        assert {row['hand_side'] for row in rows} == {'left'}
        assert {row['hand_score'] for row in rows} == {'0.500000'}
        # the parameters are those of the smoothed hands
        assert all(float(row[f'{frame}_fit_error_m']) < 2e-3 for row in rows)
    arrays = np.load(tmp_path / 'cam/joints.npz')
    assert 'global_orient' not in arrays and 'global_orient_fused' in arrays


def test_a_lost_image_is_no_gap_in_the_world(run_script, recording, tmp_path):
    """Where the other camera has the hand."""
    recording[3]['views']['cam0']['instances'] = []
    (tmp_path / 'views.json').write_text(json.dumps(recording))
    command = ['analysis_tools/smooth_predictions.py', 'views.json', '--type']
    run_script(*command, 'Gaussian', '--options', 'sigma=2', '--out', 'smooth.npz')
    views = PredictedViews.load(tmp_path / 'smooth.npz')
    expected = smooth(points_of(recording, 'keypoints_world'), type='Gaussian', sigma=2)
    found = views.predictions['keypoints_world']
    np.testing.assert_allclose(found, expected[views.frame], atol=2e-6)
    of_camera = views.predictions['keypoints_cam'][views.camera_id == 'cam0']
    joints = np.delete(points_of(recording, 'keypoints_cam'), 3, axis=0)
    for part in (slice(3), slice(3, None)):
        expected = smooth(joints[part], type='Gaussian', sigma=2)
        np.testing.assert_allclose(of_camera[part], expected, atol=2e-6)


def test_the_assumed_rate_is_said(run_script, recording, tmp_path, capsys):
    folder = tmp_path / 'steps'
    folder.mkdir()
    for step in recording:
        content = json.dumps(dict(views=step['views']))
        (folder / f'{step["frame_id"]:04d}.json').write_text(content)
    command = ['analysis_tools/smooth_predictions.py', 'steps']
    # the speed is that of joints and vertices
    fields = ('keypoints_world', 'vertices_world')
    hands = np.concatenate([points_of(recording, field) for field in fields], 1)
    for given, fps in (([], 30), (['--fps', '10'], 10)):
        run_script(*command, '--type', 'OneEuro', '--out', 'x.npz', *given)
        said = '30 frames per second are assumed; --fps' in capsys.readouterr().out
        assert said == (not given)
        found = np.load(tmp_path / 'x.npz')['pred_keypoints_world'][1::2]
        np.testing.assert_allclose(found, smooth(hands, fps=fps)[:, :21], atol=1e-6)
    run_script(*command)
    assert 'table of errors; --out writes the smoothed hands' in capsys.readouterr().out
    with pytest.raises(SystemExit, match='steps has no 3D joints of interact'):
        run_script(*command, '--stages', 'interact')


def test_a_left_hand_of_a_data_set(run_script, recording, tmp_path):
    """Its side stands behind the number of the time step."""
    (tmp_path / 'take.json').write_text(json.dumps(recording))
    views = PredictedViews.load(tmp_path / 'take.json')
    names = np.array([f'{name}/left' for name in views.frame_id])
    left = replace(views, frame_id=names)
    found = []
    for name, given in dict(right=views, left=left).items():
        given.save(tmp_path / f'{name}.npz')
        stored = dict(np.load(tmp_path / f'{name}.npz'))
        del stored['frame']  # known by the names of the time steps alone
        np.savez(tmp_path / f'{name}.npz', **stored)
        command = ('analysis_tools/smooth_predictions.py', f'{name}.npz')
        run_script(*command, '--type', 'OneEuro', '--fps', 30, '--out', 'smooth.npz')
        found.append(np.load(tmp_path / 'smooth.npz')['pred_keypoints_world'])
    np.testing.assert_array_equal(*found)
    assert not np.allclose(found[1], views.predictions['keypoints_world'])


def test_several_hands_of_an_image_are_not_one_hand(run_script, recording, tmp_path):
    """The numbers of hands of one image say nothing of those of the next."""
    hand = recording[0]['views']['cam0']['instances'][0]
    steps = [dict(frame_id=frame, instances=[hand, hand]) for frame in range(3)]
    (tmp_path / 'two.json').write_text(json.dumps(steps))
    with pytest.raises(SystemExit, match="'two/00000000' has several hands"):
        run_script('analysis_tools/smooth_predictions.py', 'two.json')


def seconds_of(animation):
    """How long a GLB file takes, by its last change."""
    content = animation.read_bytes()
    (size,) = struct.unpack('<I', content[12:16])
    document = json.loads(content[20 : 20 + size])
    (moves,) = document['animations']
    return max(
        document['accessors'][sampler['input']]['max'][0]
        for sampler in moves['samplers']
    )


def test_the_rate_of_a_video_is_known(run_script, recording, tmp_path, capsys):
    """By the times of its time steps; a hand that was lost in between is no reason
    to think that the video was slower."""
    recording = [
        dict(step, time=2 + step['frame_id'] / 60)
        for step in recording
        if step['frame_id'] != 3
    ]
    (tmp_path / 'views.json').write_text(json.dumps(recording))
    smoothing = ('analysis_tools/smooth_predictions.py', 'views.json')
    run_script(*smoothing, '--type', 'OneEuro', '--out', 'x.npz')
    # until the gap
    hands = np.concatenate(
        [points_of(recording, f)[:3] for f in ('keypoints_world', 'vertices_world')], 1
    )
    found = np.load(tmp_path / 'x.npz')['pred_keypoints_world'][1::2][:3]
    np.testing.assert_allclose(found, smooth(hands, fps=60)[:, :21], atol=1e-6)
    run_script(
        *('misc/export_predictions.py', 'x.npz', '--frame', 'world'),
        *('--formats', 'csv', 'animation', '--out-dir', 'out'),
    )
    assert 'are assumed' not in capsys.readouterr().out
    rows = table(tmp_path / 'out/hands.csv')
    assert [float(row['time_s']) for row in rows] == pytest.approx(
        [step['time'] for step in recording], abs=1e-6
    )
    (animation,) = (tmp_path / 'out').glob('*.glb')
    assert seconds_of(animation) == pytest.approx(NUM_FRAMES / 60, abs=1e-3)


def test_times_are_no_numbers_of_frames(run_script, recording, tmp_path, capsys):
    """Images that are called by microseconds, and their files: they follow each other,
    but for the one in which no hand was found."""
    folder = tmp_path / 'steps'
    folder.mkdir()
    for step, late in zip(recording, (0, 2, -3, 1, 0, -1)):
        lost = step['frame_id'] == 2
        views = {
            name: dict(instances=[] if lost else view['instances'])
            for name, view in step['views'].items()
        }
        time = 1_650_000_000_123_456 + 33_333 * step['frame_id'] + late
        (folder / f'{time}.json').write_text(json.dumps(dict(views=views)))
    smoothing = ('analysis_tools/smooth_predictions.py', 'steps', '--type', 'Gaussian')
    run_script(*smoothing, '--out', 'x.npz')
    joints = points_of(recording, 'keypoints_cam_fused')
    expected = [
        smooth(joints[part], type='Gaussian') for part in (slice(0, 2), slice(3, 6))
    ]
    found = np.load(tmp_path / 'x.npz')['pred_keypoints_cam_fused'][1::2]
    np.testing.assert_allclose(found, np.concatenate(expected), atol=1e-6)
    for predictions in ('steps', 'x.npz'):
        run_script(
            *('misc/export_predictions.py', predictions, '--frame', 'world'),
            *('--formats', 'animation', '--out-dir', 'out', '--fps', '30'),
        )
        (animation,) = (tmp_path / 'out').glob('*.glb')
        assert seconds_of(animation) == pytest.approx(NUM_FRAMES / 30, abs=1e-3)
