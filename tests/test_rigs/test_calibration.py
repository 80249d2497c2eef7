"""Rigs estimated from predictions, written and read as HanCo's files."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from hamuco_mm.cameras import Lens
from hamuco_mm.datasets import HanCoDataset
from hamuco_mm.rigs.calibration import calibrate_rig, rows_by_sequence
from hamuco_mm.rigs.hanco_files import (
    hanco_calibration,
    read_hanco_intrinsics,
    write_hanco_calibration,
)
from hamuco_mm.structures import PredictedViews
from hamuco_mm.utils.json_files import MalformedFileError


def exact_views(tree, with_extrinsics=True, skip=()) -> PredictedViews:
    """What a network without errors says of a :class:`HanCoTree`."""
    samples = []
    for (sequence, frame), xyz in tree.xyz.items():
        cameras = [
            c for c in range(tree.num_cameras) if (sequence, frame, c) not in skip
        ]
        for index, camera in enumerate(cameras):
            key = (sequence, frame, camera)
            R, t = tree.M[key][:3, :3], tree.M[key][:3, 3]
            joints = xyz @ R.T + t
            camera_param = dict(K=tree.K[key])
            if with_extrinsics:
                camera_param.update(R=R, t=t)
            pred = dict(
                keypoints=tree.uv[key][None], keypoints_cam=(joints - joints[9])[None]
            )
            pred.update(
                keypoints_cam_interact=pred['keypoints_cam'],
                keypoints_interact=pred['keypoints'],
            )
            samples.append(
                dict(
                    frame_id=f'{sequence:04d}/{frame:08d}',
                    camera_id=camera,
                    view_index=index,
                    num_views=len(cameras),
                    camera_param=camera_param,
                    gt_instances=dict(
                        keypoints=tree.uv[key][None],
                        keypoints_visible=tree.conf[key][None],
                    ),
                    pred_instances=pred,
                )
            )
    return PredictedViews.from_samples(samples)


@pytest.fixture
def tree(make_tree):
    return make_tree(sequences={0: 4, 3: 3})


@pytest.mark.parametrize(
    'dist, model',
    [([-0.3, 0.1, 0.002, -0.001], 'opencv'), ([0.1, -0.02, 0.01, 0], 'fisheye')],
)
def test_lenses_are_known(tree, dist, model):
    """Pixels of distorted images, as data sets and networks have them."""
    views = exact_views(tree)
    lens = Lens.of(torch.tensor(dist).double().expand(len(views), -1), model)
    cameras = dataclasses.replace(views.cameras, lens=lens)
    ideal = torch.from_numpy(views.ground_truth['keypoints']).double()
    views.ground_truth['keypoints'] = cameras.distort(ideal).numpy()
    views = dataclasses.replace(views, cameras=cameras)
    errors = calibrate_rig(views).errors()
    assert errors['rotation_deg'].max() < 1e-3
    assert errors['centre_mm'].max() < 0.1


@pytest.mark.parametrize('keypoints', ['labels', 'predicted'])
def test_exact_predictions_calibrate_exactly(tree, keypoints):
    calibration = calibrate_rig(exact_views(tree), keypoints=keypoints)
    errors = calibration.errors()
    assert errors['rotation_deg'].max() < 1e-3
    assert errors['relative_deg'].max() < 1e-3
    assert errors['centre_mm'].max() < 0.1
    assert errors['size'] == pytest.approx(1, abs=1e-4)
    assert calibration.names == ['0', '1', '2']
    assert len(calibration.time_steps) == 7
    json.dumps(calibration.summary())


def test_errors_are_seen(tree):
    """A camera that is told to be turned by 10 degrees, elsewhere."""
    views = exact_views(tree)
    turned = views.camera_id == '1'
    angle = np.radians(10)
    turn = np.array(
        [
            [np.cos(angle), -np.sin(angle), 0],
            [np.sin(angle), np.cos(angle), 0],
            [0, 0, 1],
        ]
    )
    R, t = views.cameras.extrinsics
    R[turned] = torch.from_numpy(turn) @ R[turned]
    t[turned] = t[turned] @ torch.from_numpy(turn.T)
    errors = calibrate_rig(views).errors()
    # the two others agree, so that the robust gauge is theirs
    np.testing.assert_allclose(errors['rotation_deg'], [0, 10, 0], atol=0.1)
    np.testing.assert_allclose(errors['relative_deg'], [5, 10, 5], atol=0.1)
    # turned about its own centre
    assert errors['centre_mm'].max() < 1


def test_the_estimate_does_not_read_extrinsics(tree):
    with_them = calibrate_rig(exact_views(tree))
    without = calibrate_rig(exact_views(tree, with_extrinsics=False))
    np.testing.assert_array_equal(without.M, with_them.M)
    assert without.errors() is None
    assert 'rotation_deg' not in without.summary()


def test_written_files_are_a_calibration_of_the_data_set(tree, tmp_path):
    """Round trip: estimate, write, read with HanCoDataset, project."""
    views = exact_views(tree)
    out = tmp_path / 'estimated'
    for rows in rows_by_sequence(views).values():
        write_hanco_calibration(calibrate_rig(views.select(rows)), out)
    assert (out / '0003/00000002.json').is_file()
    data = HanCoDataset(
        data_root=str(tree.root), data_prefix=dict(calib=str(out)), pipeline=[]
    )
    true = HanCoDataset(data_root=str(tree.root), pipeline=[])
    assert len(data) == len(true) == 21
    first = {}
    for i in range(len(data)):
        info, expected = data.get_data_info(i), true.get_data_info(i)
        assert info['frame_id'] == expected['frame_id']
        camera, known = info['camera_param'], expected['camera_param']
        np.testing.assert_allclose(camera['K'], known['K'], atol=1e-4)
        # the world is now the frame of the first camera
        origin = first.setdefault(info['sequence'], known)
        R = known['R'] @ origin['R'].T
        np.testing.assert_allclose(camera['R'], R, atol=1e-4)
        np.testing.assert_allclose(camera['t'], known['t'] - R @ origin['t'], atol=1e-4)


def test_cameras_without_an_estimate_are_left_out_of_the_data_set(tree, tmp_path):
    views = exact_views(tree, skip={(s, f, 1) for s, f in tree.xyz})
    write_hanco_calibration(calibrate_rig(views), tmp_path / 'estimated')
    data = HanCoDataset(
        data_root=str(tree.root),
        data_prefix=dict(calib=str(tmp_path / 'estimated')),
        pipeline=[],
    )
    assert {info['camera_id'] for info in data.data_list} == {0, 2}


def test_one_file_for_a_rig(tree, tmp_path):
    calibration = calibrate_rig(exact_views(tree))
    path = tmp_path / 'deep/calib.json'
    assert write_hanco_calibration(calibration, path) == 1
    content = json.loads(path.read_text())
    np.testing.assert_allclose(content['M'], calibration.M)
    np.testing.assert_allclose(content['K'][1], tree.K[0, 0, 1])
    np.testing.assert_allclose(read_hanco_intrinsics(path), content['K'])


def test_intrinsics_from_elsewhere(tree):
    views = exact_views(tree)
    K = views.cameras.K[:3].numpy().copy()
    views.cameras.K[:] = torch.nan
    with pytest.raises(ValueError, match=r"cameras \['0', .*are unknown"):
        calibrate_rig(views)
    assert calibrate_rig(views, intrinsics=K).errors()['rotation_deg'].max() < 1e-3
    with pytest.raises(ValueError, match=r"\['2'\] are not rows 0 to 1"):
        calibrate_rig(views, intrinsics=K[:2])


@pytest.mark.parametrize(
    'content, message',
    [
        ('{"M": []}', 'expected'),
        ('{"K": [[1, 2], [3, 4]]}', 'shape'),
        ('{"K": [[[1, 0, 0], [0, 0, 0], [0, 0, 1]]]}', 'invertible'),
        ('[', 'JSON'),
        ('{"K": [[[1, 0, 0], [0, 1, 0], [0, 0, 1]]], "dist": [[0.1]]}', 'has lenses'),
        ('{"K": [], "K": []}', "'K' is there twice"),
    ],
)
def test_bad_intrinsics_are_explained(tmp_path, content, message):
    path = tmp_path / 'k.json'
    path.write_text(content)
    with pytest.raises(MalformedFileError, match=message):
        read_hanco_intrinsics(path)


def test_too_little_is_refused_by_camera_id(make_tree):
    views = exact_views(make_tree(sequences={0: 2}))
    with pytest.raises(ValueError, match=r"at least 3.*'0', '1', '2'"):
        calibrate_rig(views)
    views = exact_views(make_tree('one', sequences={0: 4}, num_cameras=1))
    with pytest.raises(ValueError, match='at least two cameras'):
        calibrate_rig(views)
    del views.predictions['keypoints_cam_interact']
    with pytest.raises(ValueError, match="stage 'single'"):
        calibrate_rig(views)


def test_camera_ids_that_are_no_rows_are_refused(tree):
    views = exact_views(tree)
    names = {'0': '400262', '1': 'left', '2': '7'}
    views = dataclasses.replace(
        views, camera_id=np.array([names[x] for x in views.camera_id])
    )
    calibration = calibrate_rig(views)
    assert calibration.names == ['7', '400262', 'left']
    assert calibration.errors()['rotation_deg'].max() < 1e-3
    with pytest.raises(ValueError, match="'400262', 'left'.* are not rows"):
        hanco_calibration(calibration)


def test_a_long_recording_is_thinned_out(make_tree):
    calibration = calibrate_rig(
        exact_views(make_tree(sequences={0: 12})), max_time_steps=5
    )
    assert calibration.estimate.num_time_steps.tolist() == [5, 5, 5]
    assert len(calibration.time_steps) == 12
    assert calibration.errors()['rotation_deg'].max() < 1e-3


@pytest.mark.parametrize('frame', ['../../x/0', 'take/..', '/x/0', 'take//0'])
def test_names_that_lead_out_of_the_folder(tree, frame, tmp_path):
    """A data set of somebody else may call its frames as it likes."""
    views = exact_views(tree)
    frames = views.frame_id.astype(object)
    frames[frames == frames[0]] = frame
    calibration = calibrate_rig(dataclasses.replace(views, frame_id=frames.astype(str)))
    out = tmp_path / 'empty/folder/out'
    with pytest.raises(ValueError, match='cannot name a file or folder'):
        write_hanco_calibration(calibration, out)
    assert not (tmp_path / 'empty').exists()
