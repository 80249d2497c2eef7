"""Tables, places in the world, parameters and animations of predicted hands."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from page_views import NUM_STEPS, make_views, true_hand

from hamuco_mm.hand_model import (
    HAND_JOINT_NAMES,
    PARAMETER_SIZES,
    HandParameters,
    MANOLayer,
)

FLIP = np.array([-1, 1, 1])


@pytest.fixture
def export(run_script, tmp_path):
    """Function: views and arguments -> what the command has written."""

    def run(views, *arguments):
        views.save(tmp_path / 'views.npz')
        command = ('views.npz', '--out-dir', 'out', *arguments)
        run_script('misc/export_predictions.py', *command)
        return tmp_path / 'out'

    return run


@pytest.fixture
def views(tmp_path):
    """Three cameras with names of their own, and no single views' meshes."""
    views = make_views(tmp_path)
    names = np.array(['left', 'ceiling cam', '7'] * NUM_STEPS)
    return replace(views, camera_id=names)


def table(path):
    with open(path, newline='') as file:
        return list(csv.DictReader(file))


def points(row, place, axes='xyz', unit='m'):
    """Joints of a row of a table."""
    middle = f'_{place}_' if place else '_'
    return np.array(
        [
            [float(row[f'{name}{middle}{axis}_{unit}']) for axis in axes]
            for name in HAND_JOINT_NAMES
        ]
    )


def parameters(fields, suffix):
    return HandParameters(
        *(
            torch.as_tensor(np.asarray(fields[name + suffix], float))
            for name in PARAMETER_SIZES
        )
    )


def test_a_row_for_each_frame_and_camera(export, views):
    rows = table(export(views, '--formats', 'csv') / 'hands.csv')
    assert [row['camera'] for row in rows] == views.camera_id.tolist()
    assert [row['frame_id'] for row in rows] == views.frame_id.tolist()
    assert [int(row['time_step']) for row in rows] == [0] * 3 + [1] * 3
    for number, row in enumerate(rows):
        assert row['hand'] == '0' and row['stage'] == 'fusion'
        found = points(row, 'cam')
        expected = views.predictions['keypoints_cam_fused'][number]
        np.testing.assert_allclose(found, expected, atol=1e-6)
        assert row['wrist_world_x_m'] == row['wrist_x_px'] == row['cam_beta_0'] == ''
    rows = table(export(views, '--formats', 'csv', '--stage', 'single') / 'hands.csv')
    found = points(rows[4], '', 'xy', 'px')
    np.testing.assert_allclose(found, views.predictions['keypoints'][4], atol=1e-6)


def test_boxes_and_scores_of_hands(export, views):
    boxes = np.arange(4 * len(views)).reshape(-1, 4) + 0.25
    scores = np.linspace(0, 1, len(views))
    fields = dict(
        views.predictions, bboxes=boxes, bbox_scores=scores, hand_scores=scores / 2
    )
    views = replace(views, predictions=fields)
    rows = table(export(views, '--formats', 'csv') / 'hands.csv')
    for row, box, score in zip(rows, boxes, scores, strict=True):
        sides = [float(row[f'bbox_{side}_px']) for side in ('x1', 'y1', 'x2', 'y2')]
        assert sides == box.tolist()
        assert float(row['bbox_score']) == pytest.approx(score, abs=1e-6)
        assert float(row['hand_score']) == pytest.approx(score / 2, abs=1e-6)
        assert row['bbox_origin'] == ''
    # a hand in the world is in no image
    rows = table(export(views, '--formats', 'csv', '--frame', 'world') / 'hands.csv')
    assert {row['bbox_x1_px'] for row in rows} == {''}


def trust(rows):
    names = ('hand_score', 'views_agree', 'reprojection_error_px')
    return [[row[name] and float(row[name]) for name in names] for row in rows]


def test_how_far_hands_can_be_trusted(export, views):
    """Rows of views say what is known of each; in the world it is their mean."""
    joints = np.broadcast_to(np.linspace(-1, 1, 21), (6, 21))
    unknown = np.full(3, np.nan)
    known = dict(
        hand_scores=np.array([0.1, 0.2, 0.6, 0.9, np.nan, 0.7]),
        views_agree=np.concatenate([np.zeros(3), unknown]),
        reprojection_error=joints + np.array([2, 4, 9, *unknown])[:, None],
        bbox_origins=np.array(['search', 'views', 'given', 'search', '', 'views']),
    )
    views = replace(views, predictions={**views.predictions, **known})
    rows = table(export(views, '--formats', 'csv') / 'hands.csv')
    assert [row['bbox_origin'] for row in rows] == known['bbox_origins'].tolist()
    assert trust(rows)[:3] == [[0.1, 0, 2], [0.2, 0, 4], [0.6, 0, 9]]
    assert trust(rows)[3:] == [[0.9, '', ''], ['', '', ''], [0.7, '', '']]
    rows = table(export(views, '--formats', 'csv', '--frame', 'world') / 'hands.csv')
    assert {row['bbox_origin'] for row in rows} == {''}
    first, second = trust(rows)
    assert first == [0.3, 0, 5]
    # here the file does not know how far the hand is off, but the cameras do: it is
    # exact
    assert second == [0.8, '', pytest.approx(0, abs=1e-3)]
    # the single views' hands are flat
    rows = table(
        export(views, '--formats', 'csv', '--frame', 'world', '--stage', 'single')
        / 'hands.csv'
    )
    for score, agree, error in trust(rows):
        assert score > 0 and agree == '' and 0.1 < error < 4


def test_hands_of_one_image_are_apart(export, views):
    """Two hands that a single camera saw: their frame has one name."""
    both = replace(
        views.select([0, 1]),
        frame_id=np.array(['a/../b'] * 2),
        camera_id=np.array(['', '']),
        item=np.array([0, 1]),
    )
    out = export(both, '--formats', 'csv', 'obj', 'animation')
    assert [row['hand'] for row in table(out / 'hands.csv')] == ['0', '1']
    assert sorted(path.name for path in out.iterdir()) == [
        'a_.._b_view0_fusion.obj',
        'a_.._b_view0_fusion_1.obj',
        'a_.._view0_fusion_1_animation.glb',
        'a_.._view0_fusion_animation.glb',
        'hands.csv',
    ]


def test_the_world(export, views):
    """A row for each time step, and fields in the files of joints."""
    out = export(
        views, '--formats', 'csv', 'json', 'npz', '--frame', 'world', '--parameters'
    )
    rows = table(out / 'hands.csv')
    content = json.loads((out / 'joints.json').read_text())
    assert content['units']['keypoints_world'] == 'metre'
    arrays = dict(np.load(out / 'joints.npz'))
    hand = MANOLayer().double()
    assert len(rows) == NUM_STEPS
    for step, row in enumerate(rows):
        vertices, joints = true_hand(step)
        assert row['camera'] == row['wrist_cam_x_m'] == ''
        np.testing.assert_allclose(points(row, 'world'), joints, atol=1e-5)
        for view in range(3 * step, 3 * step + 3):
            of_view = content['views'][view]
            assert of_view['camera_id'] == views.camera_id[view]
            for fields in (of_view, {k: x[view] for k, x in arrays.items() if x.ndim}):
                np.testing.assert_allclose(fields['keypoints_world'], joints, atol=1e-5)
                mesh = parameters(fields, '_world').mesh(hand)
                np.testing.assert_allclose(mesh.vertices, vertices, atol=1e-5)
                np.testing.assert_allclose(mesh.joints, joints, atol=1e-5)
                assert fields['fit_error_world'] < 1e-5
        world = HandParameters(
            *(
                torch.tensor([float(row[name]) for name in row if start(name)])
                for start in (
                    lambda name: name.startswith('world_global_orient_'),
                    lambda name: name.startswith('world_pose_'),
                    lambda name: name.startswith('world_beta_'),
                    lambda name: name.startswith('world_transl_'),
                )
            )
        )
        np.testing.assert_allclose(
            world.mesh(MANOLayer()).vertices, vertices, atol=1e-5
        )


def test_time_steps_of_one_view_have_no_place_in_the_world(export, views, logged):
    out = export(views.select([0, 3, 5]), '--formats', 'csv', '--frame', 'world')
    (row,) = table(out / 'hands.csv')
    assert (row['frame_id'], row['time_step']) == ('0007/00000001', '1')
    np.testing.assert_allclose(points(row, 'world'), true_hand(1)[1], atol=1e-5)
    assert logged[-1].endswith('left out are 0007/00000000')


@pytest.mark.parametrize('side', ['right', 'left'])
def test_parameters_give_the_fused_hands(export, views, side):
    """Where the views agree, so that their mean is a hand of the model."""
    fields = dict(views.predictions)
    if side == 'left':
        for name in ('vertices_fused', 'keypoints_cam_fused'):
            fields[name] = fields[name] * FLIP
    views = replace(views, predictions=fields).select([0, 2])
    out = export(views, '--formats', 'npz', '--parameters', '--side', side)
    arrays = dict(np.load(out / 'joints.npz'))
    hand = MANOLayer(side=side).double()
    mesh = parameters(arrays, '_fused').mesh(hand)
    expected = views.predictions['vertices_fused']
    np.testing.assert_allclose(mesh.vertices, expected, atol=1e-5)
    assert arrays['fit_error_fused'].max() < 1e-5


def test_parameters_of_another_side_are_refused(export, views):
    """A left hand's parameters say nothing to the model of a right one."""
    hand = MANOLayer(side='left').double()
    given = HandParameters(
        *(torch.full((6, size), 0.1).double() for size in PARAMETER_SIZES.values())
    )
    fields = dict(
        views.predictions,
        vertices=given.mesh(hand).vertices.numpy(),
        **{name: getattr(given, name).numpy() for name in PARAMETER_SIZES},
    )
    views = replace(views, predictions=fields)
    command = ['--formats', 'json', '--parameters', '--stage', 'single']
    with pytest.raises(SystemExit, match='--side left'):
        export(views, *command)
    # the fused hands, of the same side, have no parameters that could tell
    with pytest.raises(SystemExit, match='--side left'):
        export(views, '--formats', 'csv', '--parameters')
    out = export(views, *command, '--side', 'left')
    view = json.loads((out / 'joints.json').read_text())['views'][5]
    mesh = parameters(view, '').mesh(hand)
    np.testing.assert_allclose(mesh.vertices, fields['vertices'][5], atol=1e-5)


def test_no_meshes_no_parameters(export, views):
    fields = {k: v for k, v in views.predictions.items() if 'vertices' not in k}
    with pytest.raises(SystemExit, match='no vertices_fused.*--save-vertices'):
        export(replace(views, predictions=fields), '--formats', 'csv', '--parameters')


def test_an_animation_of_each_camera_or_of_the_world(export, views):
    trimesh = pytest.importorskip('trimesh')
    out = export(views, '--formats', 'animation', '--fps', 5)
    assert sorted(path.name for path in out.iterdir()) == [
        f'0007_{name}_fusion_animation.glb' for name in ('cam7', 'ceiling cam', 'left')
    ]
    out = export(views, '--formats', 'animation', '--frame', 'world')
    scene = trimesh.load(out / '0007_fusion_world_animation.glb', process=False)
    assert len(scene.geometry) == NUM_STEPS
    for step in range(NUM_STEPS):
        _, name = scene.graph[f'frame {step}']
        np.testing.assert_allclose(
            scene.geometry[name].vertices, true_hand(step)[0] * [1, -1, -1], atol=1e-4
        )


def test_animations_of_both_hands_of_a_data_set(export, views):
    """Those of the left one have its side behind the number of the time step."""
    pytest.importorskip('trimesh')
    left = [f'{name}/left' for name in views.frame_id]
    names = np.where(views.time_step % 2, left, views.frame_id)
    views = replace(views, frame_id=names)
    out = export(views, '--formats', 'animation', '--frame', 'world', '--fps', 5)
    assert sorted(path.name for path in out.iterdir()) == [
        '0007_fusion_world_animation.glb',
        '0007_left_fusion_world_animation.glb',
    ]
