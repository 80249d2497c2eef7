"""The command that writes meshes and joints of predictions."""

import json
from functools import partial

import numpy as np
import pytest

from hamuco_mm.hand_model import HAND_JOINT_NAMES, load_hand_model
from hamuco_mm.structures import PredictedViews

NUM_VIEWS = 3


@pytest.fixture
def run_tool(run_script):
    return partial(run_script, 'misc/export_predictions.py')


@pytest.fixture
def views(tmp_path):
    """Two views of one time step, and one of the next without a camera."""
    rng = np.random.default_rng(0)
    vertices = load_hand_model().v_template
    samples = []
    for row, (frame, view, num_views) in enumerate(((0, 0, 2), (0, 1, 2), (1, 0, 1))):
        samples.append(
            dict(
                frame_id=f'0003/{frame:08d}',
                camera_id=row,
                view_index=view,
                num_views=num_views,
                img_path=f'{row}.jpg',
                pred_instances=dict(
                    keypoints=rng.uniform(0, 200, (1, 21, 2)),
                    keypoint_scores=np.ones((1, 21)),
                    keypoints_cam=rng.normal(size=(1, 21, 3)),
                    vertices=vertices[None] + row,
                    keypoints_cam_fused=rng.normal(size=(1, 21, 3)),
                    vertices_fused=vertices[None] - row,
                ),
            )
        )
    views = PredictedViews.from_samples(samples)
    views.save(tmp_path / 'views.npz')
    return views


def test_meshes_and_joints(run_tool, views, tmp_path):
    trimesh = pytest.importorskip('trimesh')
    run_tool('views.npz', '--out-dir', 'out', '--formats', 'obj', 'ply', 'json', 'npz')
    out = tmp_path / 'out'
    names = [f'0003_{frame:08d}_cam{row}_fusion' for row, frame in enumerate((0, 0, 1))]
    assert sorted(path.name for path in out.iterdir()) == sorted(
        [f'{name}.{suffix}' for name in names for suffix in ('obj', 'ply')]
        + ['joints.json', 'joints.npz']
    )
    mesh = trimesh.load(out / f'{names[1]}.ply', process=False)
    np.testing.assert_allclose(
        mesh.vertices, views.predictions['vertices_fused'][1], atol=1e-6
    )
    assert 'frame of cam1' in (out / f'{names[1]}.obj').read_text()[:200]

    content = json.loads((out / 'joints.json').read_text())
    assert content['joint_names'] == list(HAND_JOINT_NAMES)
    assert content['units']['keypoints_cam'] == 'metre'
    assert 'x right' in content['frames']['keypoints_cam']
    assert len(content['views']) == NUM_VIEWS
    for row, view in enumerate(content['views']):
        assert view['camera_id'] == str(row) and view['img_path'] == f'{row}.jpg'
        for name in ('keypoints', 'keypoints_cam', 'keypoints_cam_fused'):
            np.testing.assert_allclose(
                view[name], views.predictions[name][row], atol=6e-4
            )
        assert 'keypoints_interact' not in view
    with np.load(out / 'joints.npz') as file:
        np.testing.assert_array_equal(
            file['keypoints_cam_fused'], views.predictions['keypoints_cam_fused']
        )
        assert json.loads(str(file['conventions']))['root_joint'] == 9


def test_files_of_the_inferencer(run_tool, tmp_path):
    """As they are documented: an image, a group of views, a video of one."""
    rng = np.random.default_rng(0)

    def hand():
        return dict(
            keypoints=rng.uniform(0, 200, (21, 2)).tolist(),
            keypoints_cam=rng.normal(size=(21, 3)).tolist(),
            bbox=[0.0, 0.0, 9.0, 9.0],
            bbox_score=1.0,
        )

    image = [hand(), hand()]
    group = dict(
        views=dict(
            left=dict(instances=[hand()], problem=None),
            right=dict(instances=[], problem='no hand found'),
            top=dict(instances=[hand()], problem=None),
        )
    )
    video = [dict(frame_id=0, instances=[]), dict(frame_id=7, **group)]
    for name, content, expected in (
        ('image', image, [('image', ''), ('image', '')]),
        ('group', group, [('group', 'left'), ('group', 'top')]),
        ('video', video, [('video/00000007', 'left'), ('video/00000007', 'top')]),
    ):
        (tmp_path / f'{name}.json').write_text(json.dumps(content))
        run_tool(f'{name}.json', '--out-dir', name, '--formats', 'json')
        views = json.loads((tmp_path / name / 'joints.json').read_text())
        assert [
            (view['frame_id'], view['camera_id']) for view in views['views']
        ] == expected
        # hands of an image are apart, views of a group belong together
        items = [view['item'] for view in views['views']]
        assert items == ([0, 1] if name == 'image' else [0, 0])
    np.testing.assert_allclose(
        views['views'][1]['keypoints_cam'],
        group['views']['top']['instances'][0]['keypoints_cam'],
        atol=1e-6,
    )
    for content, message in (
        ('{', 'is not JSON'),
        ('{"a": 1}', 'there is no "views"'),
        ('[]', 'no hands'),
        ('[{"frame_id": 1, "instances": []}]', 'no hands'),
    ):
        (tmp_path / 'bad.json').write_text(content)
        with pytest.raises(SystemExit, match=f'bad.json.*{message}'):
            run_tool('bad.json', '--out-dir', 'bad', '--formats', 'json')


def test_malformed_predictions_are_named(tmp_path):
    good = dict(keypoints=[[0.0, 0.0]] * 21)
    for content, message in (
        (
            [dict(frame_id=0, instances=[good]), dict(frame_id=1)],
            'entry 1: there is no "instances"',
        ),
        ([dict(frame_id=0, instances=[]), 5], 'entry 1: there is no "frame_id"'),
        (
            [dict(frame_id=0, instances=[good, dict(bbox=[1])])],
            'entry 0: hand 1: there is no "keypoints"',
        ),
        (
            dict(views=dict(left=dict(instances=[good]), top=dict())),
            'view top: there is no "instances"',
        ),
        ([good, dict(keypoints=[[0, 1], [2]])], 'hand 1: "keypoints" is no array'),
        ([good, dict(good, hand_side='both')], 'hand 1: "hand_side" is \'both\''),
        ([dict(good, hand_side=1)], 'hand 0: there is no "hand_side"'),
        ([dict(good, bbox_origin='given' * 99)], 'hand 0: "bbox_origin" is'),
    ):
        path = tmp_path / 'bad.json'
        path.write_text(json.dumps(content))
        with pytest.raises(ValueError, match=f'bad.json.*{message}'):
            PredictedViews.load(path)


def test_world_hand_of_the_inferencer(run_tool, tmp_path):
    """Its file has the place of the hand and no cameras."""
    mesh = load_hand_model().v_template
    joints = np.zeros((21, 3)).tolist()
    hand = dict(
        keypoints=np.zeros((21, 2)).tolist(),
        keypoints_cam=joints,
        keypoints_cam_fused=joints,
        keypoints_world=joints,
        vertices_fused=mesh.tolist(),
        vertices_world=(mesh + [1, 2, 3]).tolist(),
    )
    group = dict(
        views={name: dict(instances=[hand], problem=None) for name in ('left', 'top')}
    )
    (tmp_path / 'group.json').write_text(json.dumps(group))
    run_tool('group.json', '--out-dir', 'out', '--formats', 'obj', '--frame', 'world')
    lines = (tmp_path / 'out/group_fusion_world.obj').read_text().split('\n')
    written = [line.split()[1:] for line in lines if line.startswith('v ')]
    np.testing.assert_allclose(np.array(written, float), mesh + [1, 2, 3], atol=1e-5)


def test_some_time_steps_of_another_stage(run_tool, views, tmp_path):
    pytest.importorskip('trimesh')
    run_tool(
        'views.npz',
        '--out-dir',
        'out',
        '--formats',
        'glb',
        '--mode',
        'single',
        '--items',
        1,
    )
    assert [path.name for path in (tmp_path / 'out').iterdir()] == [
        '0003_00000001_cam2_single.glb'
    ]


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['views.npz', '--stage', 'interact'], 'has no vertices_interact'),
        (['views.npz', '--items', '2'], 'no hand of a time step 2'),
        (['views.npz', '--frame', 'world'], '0 calibrated views of 2'),
        (['none.npz'], 'none.npz'),
    ],
)
def test_what_cannot_be_written(run_tool, views, arguments, message):
    with pytest.raises(SystemExit, match=message):
        run_tool(*arguments, '--out-dir', 'out', '--formats', 'obj')


def test_nothing_is_written_before_a_mistake_is_found(run_tool, views, tmp_path):
    wrong = ('views.npz', '--items', '2', '--formats', 'json', 'csv', 'obj')
    with pytest.raises(SystemExit, match='no hand of a time step 2'):
        run_tool(*wrong, '--out-dir', 'out')
    assert not list((tmp_path / 'out').glob('*.*'))


@pytest.mark.parametrize('source', ['predictions', 'predictions/hand.json'])
@pytest.mark.parametrize('suffix', ['json', 'csv'])
def test_no_file_comes_among_the_predictions(
    run_tool, views, tmp_path, capsys, source, suffix
):
    """A table there may be that of the predictions, and JSON files are taken for them."""
    folder = tmp_path / 'predictions'
    folder.mkdir()
    hand = {name: x[0].tolist() for name, x in views.predictions.items()}
    (folder / 'hand.json').write_text(json.dumps([hand]))
    (folder / 'hands.csv').write_text('the table of the predictions')
    with pytest.raises(SystemExit):
        run_tool(source, '--out-dir', 'predictions/', '--formats', suffix)
    assert 'choose another --out-dir than predictions' in capsys.readouterr().err
    assert (folder / 'hands.csv').read_text() == 'the table of the predictions'
    assert sorted(path.name for path in folder.iterdir()) == ['hand.json', 'hands.csv']
    run_tool(source, '--out-dir', 'predictions', '--formats', 'npz', 'obj')
    assert (folder / 'joints.npz').exists()


def test_no_file_replaces_the_predictions(run_tool, views, tmp_path, capsys):
    views.save(tmp_path / 'joints.npz')
    with pytest.raises(SystemExit):
        run_tool('joints.npz', '--out-dir', '.', '--formats', 'npz')
    assert 'joints.npz would be among the predictions' in capsys.readouterr().err
    assert len(PredictedViews.load(tmp_path / 'joints.npz')) == NUM_VIEWS
