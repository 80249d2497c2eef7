"""Files of the inferencer: a table, and what the 3D page and exports read."""

import csv
import json

import cv2
import numpy as np
import pytest
from made_images import make_image

from hamuco_mm.datasets.named_images import read_named_image
from hamuco_mm.export.named_hands import chosen, named_hands
from hamuco_mm.hand_model import HAND_JOINT_NAMES, MANOLayer
from hamuco_mm.structures import PredictedViews, Stage
from hamuco_mm.visualization.page_3d import write_page

NAMES = ('left', 'top view', 'right')


@pytest.fixture
def videos(tmp_path):
    """A video of three frames for each camera."""
    paths = {}
    for place, name in enumerate(NAMES):
        paths[name] = str(tmp_path / f'{name}.avi')
        code = cv2.VideoWriter.fourcc(*'MJPG')
        writer = cv2.VideoWriter(paths[name], code, 10, (128, 128))
        for frame in range(3):
            writer.write(make_image(10 * place + frame))
        writer.release()
    return paths


@pytest.fixture
def cameras(calibration):
    return dict(zip(NAMES, calibration.values()))


def table(path):
    with open(path, newline='') as file:
        return list(csv.DictReader(file))


def test_a_table_of_all_hands(multi_view, videos, cameras, tmp_path):
    results = list(
        multi_view(
            videos,
            cameras=cameras,
            pred_out_dir=tmp_path / 'out',
            pred_formats=['csv'],
            hand_side='left',
        )
    )
    rows = table(tmp_path / 'out/hands.csv')
    assert [path.name for path in (tmp_path / 'out').iterdir()] == ['hands.csv']
    assert [(row['time_step'], row['camera']) for row in rows] == [
        (str(step), name) for step in range(3) for name in NAMES
    ]
    assert {row['hand_side'] for row in rows} == {'left'}
    assert {row['stage'] for row in rows} == {'fusion'}
    hands = [hand for result in results for (hand,) in result['predictions']]
    for row, hand in zip(rows, hands, strict=True):
        for field, middle, unit in (
            ('keypoints_fused', '', 'px'),
            ('keypoints_cam_fused', 'cam_', 'm'),
            ('keypoints_world', 'world_', 'm'),
        ):
            found = [
                [float(row[f'{name}_{middle}{x}_{unit}']) for x in axes]
                for axes in ['xyz'[: len(hand[field][0])]]
                for name in HAND_JOINT_NAMES
            ]
            np.testing.assert_allclose(found, hand[field], atol=2e-6)
        assert row['bbox_origin'] == hand['bbox_origin'] == 'whole_image'
        sides = [float(row[f'bbox_{side}_px']) for side in ('x1', 'y1', 'x2', 'y2')]
        np.testing.assert_allclose(sides, hand['bbox'], atol=2e-6)
        assert float(row['bbox_score']) == pytest.approx(hand['bbox_score'], abs=2e-6)
        assert float(row['hand_score']) == pytest.approx(hand['hand_score'], abs=2e-6)
        assert row['views_agree'] == str(int(hand['views_agree']))
        error = np.mean(hand['reprojection_error'])
        assert float(row['reprojection_error_px']) == pytest.approx(error, abs=2e-6)


def test_a_single_view_has_parameters_in_its_table(single_view, tmp_path):
    (result,) = single_view(
        make_image(0), pred_out_dir=tmp_path, pred_formats=['json', 'csv']
    )
    (row,) = table(tmp_path / 'hands.csv')
    ((hand,),) = result['predictions']
    assert row['stage'] == 'single' and len(list(tmp_path.glob('*.json'))) == 1
    assert float(row['cam_beta_3']) == pytest.approx(hand['betas'][3], abs=1e-6)
    assert row['wrist_world_x_m'] == row['views_agree'] == ''
    assert (row['bbox_origin'], row['bbox_x2_px']) == ('whole_image', '128.000000')
    for formats in ('csv', ['xml']):
        with pytest.raises(ValueError, match='pred_formats'):
            single_view(make_image(0), pred_out_dir=tmp_path, pred_formats=formats)


def test_views_come_back_with_cameras_and_images(multi_view, videos, cameras, tmp_path):
    """What the file says is what the inferencer was given."""
    list(multi_view(videos, cameras=cameras, pred_out_dir=tmp_path / 'out'))
    views = PredictedViews.load(tmp_path / 'out/views.json')
    assert views.camera_id.tolist() == list(NAMES) * 3
    assert views.calibrated.all() and (views.image_size == 128).all()
    for row in (1, 8):
        given = cameras[views.camera_id[row]]
        np.testing.assert_allclose(views.cameras.K[row], given['K'], rtol=1e-6)
        np.testing.assert_allclose(
            views.cameras.R_world2cam[row], given['R'], atol=1e-6
        )
        image = read_named_image(views.img_path[row])
        expected = make_image(10 * (row % 3) + row // 3).astype(float)
        assert np.abs(image - expected).mean() < 20  # JPEG's errors
    page = tmp_path / 'page.html'
    write_page(page, views, MANOLayer().faces.numpy())
    assert page.read_text().count('data:image/jpeg') == 9


def test_a_folder_of_files(multi_view, rig, calibration, tmp_path):
    """Images of a rig: a file for each time step."""
    list(multi_view(str(rig), cameras=calibration, pred_out_dir=tmp_path / 'out'))
    views = PredictedViews.load(tmp_path / 'out')
    assert views.frame_id.tolist() == ['out/0000'] * 3 + ['out/0001'] * 3
    assert len(views.time_steps()) == 2
    assert read_named_image(views.img_path[0]).shape == (128, 128, 3)
    with pytest.raises(FileNotFoundError, match=r'no \.json files'):
        PredictedViews.load(rig)
    (tmp_path / 'out/0000.json').write_text(json.dumps([]))
    assert len(PredictedViews.load(tmp_path / 'out')) == 3


def signed_volume(path):
    """Of the mesh in an OBJ file; negative where its faces look inside."""
    lines = [line.split() for line in path.read_text().splitlines() if line]
    points = np.array([x[1:] for x in lines if x[0] == 'v'], float)
    faces = np.array([x[1:] for x in lines if x[0] == 'f'], int) - 1
    corners = points[faces] - points.mean(0)
    return np.linalg.det(corners).sum() / 6


@pytest.mark.parametrize('side', ['right', 'left'])
def test_files_say_of_which_side_the_hands_are(
    multi_view, rig, calibration, run_script, tmp_path, side
):
    """Tables, meshes and pages are of that side without a word."""
    list(
        multi_view(
            str(rig),
            cameras=calibration,
            hand_side=side,
            save_vertices=True,
            pred_out_dir=tmp_path / 'views',
        )
    )
    assert PredictedViews.load(tmp_path / 'views').hand_sides == {side}
    for frame in ('camera', 'world'):
        run_script(
            'misc/export_predictions.py',
            *('views', '--formats', 'csv', 'obj', '--frame', frame, '--out-dir', frame),
        )
        rows = table(tmp_path / frame / 'hands.csv')
        assert {row['hand_side'] for row in rows} == {side}
        origin = 'whole_image' if frame == 'camera' else ''
        assert {row['bbox_origin'] for row in rows} == {origin}
        for name in ('hand_score', 'views_agree', 'reprojection_error_px'):
            assert all(float(row[name]) >= 0 for row in rows)
        meshes = list((tmp_path / frame).glob('*.obj'))
        assert len(meshes) == len(rows)
        assert all(signed_volume(path) > 0 for path in meshes)
    pages = []
    for known in ([], ['--side', side]):
        run_script(
            'analysis_tools/make_3d_page.py', 'views', '--out', 'page.html', *known
        )
        pages.append((tmp_path / 'page.html').read_text())
    assert pages[0] == pages[1]
    other = dict(right='left', left='right')[side]
    for tool, out in (
        ('misc/export_predictions.py', '--out-dir'),
        ('analysis_tools/make_3d_page.py', '--out'),
    ):
        with pytest.raises(
            SystemExit, match=f'views holds {side} hands, not .*{other}'
        ):
            run_script(tool, 'views', out, 'new', '--side', other)
        assert not (tmp_path / 'new').exists()


def test_both_sides_in_one_folder(single_view, run_script, tmp_path):
    for side in ('left', 'right'):
        image = tmp_path / f'{side}.png'
        cv2.imwrite(str(image), make_image(0))
        list(single_view(str(image), hand_side=side, pred_out_dir=tmp_path / 'both'))
    command = ('misc/export_predictions.py', '--formats', 'csv', '--out-dir', 'out')
    with pytest.raises(SystemExit, match='both holds right and left hands'):
        run_script(*command, 'both')
    for given in (['both/left.json'], ['both', '--side', 'left']):
        run_script(*command, *given)
        rows = table(tmp_path / 'out/hands.csv')
        assert [row['hand_side'] for row in rows] == ['left']


def test_images_that_are_gone(tmp_path):
    assert read_named_image(str(tmp_path / 'no.mp4#frame=3')) is None
    assert read_named_image(str(tmp_path / 'no.png')) is None


def test_tables_count_time_steps_alike(single_view, videos, tmp_path):
    """Those in which there is no hand, or two, too: exports have the numbers of the
    inferencer's own table."""
    box = [10, 10, 110, 110]
    images = [tmp_path / f'{name}.png' for name in ('b', 'a', 'c')]
    for image in images:
        cv2.imwrite(str(image), make_image(0))
    for name, inputs in (('video', videos['left']), ('images', sorted(images))):
        out = tmp_path / name
        for _ in single_view(
            inputs,
            bboxes=[[box, box], [], [box]],
            pred_out_dir=out,
            pred_formats=['json', 'csv'],
        ):
            pass
        expected = [(row['time_step'], row['hand']) for row in table(out / 'hands.csv')]
        assert expected == [('0', '0'), ('0', '1'), ('2', '0')]
        views = PredictedViews.load(out)
        views.save(tmp_path / 'views.npz')
        for known in (views, PredictedViews.load(tmp_path / 'views.npz')):
            hands = named_hands(known, Stage.SINGLE)
            who = [hand.identity for hand in hands]
            assert [(str(w['time_step']), str(w['hand'])) for w in who] == expected
            assert [hand.identity['hand'] for hand in chosen(hands, [0])] == [0, 1]
            assert len(chosen(hands, [2])) == 1
            with pytest.raises(ValueError, match='no hand of a time step 1: 2 have'):
                chosen(hands, [1])
