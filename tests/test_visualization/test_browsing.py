"""What browse_dataset draws is where the labels and the joints are."""

import json
import runpy
import shutil
import sys

import cv2
import numpy as np
import pytest

from hamuco_mm.cameras import Camera, write_calibration
from hamuco_mm.datasets import MultiViewDataset, RigHandDataset
from hamuco_mm.datasets.build import open_dataset, views_by_sequence
from hamuco_mm.datasets.rig import HandLabel, write_label
from hamuco_mm.datasets.statistics import dataset_statistics
from hamuco_mm.visualization.browsing import (
    draw_original_view,
    draw_transformed_view,
    montage,
)
from hamuco_mm.visualization.view_pictures import ViewPictures

SIZE = (160, 120)
GREY = 128
# A strong lens: a pinhole would put the joints elsewhere.
DIST = np.array([-0.4, 0.15, 0, 0, 0])


@pytest.fixture
def rig(tmp_path):
    """Two cameras, two time steps; labels are exact projections."""
    root = tmp_path / 'rig'
    rng = np.random.default_rng(0)
    cameras = {}
    for i in range(2):
        R = cv2.Rodrigues(np.array([0.0, 0.6 * i, 0]))[0]
        K = np.array([[120.0, 0, 80], [0, 120, 60], [0, 0, 1]])
        cameras[f'cam{i}'] = Camera(K, R, np.array([0, 0, 0.3]), DIST, image_size=SIZE)
    for t in range(2):
        xyz = rng.uniform(-0.06, 0.06, (21, 3))
        path = root / f'xyz/0000/{t}.json'
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(xyz.tolist()))
        for name, camera in cameras.items():
            pixels = camera.project(xyz @ camera.R.T + camera.t)
            write_label(
                root / f'labels/0000/{name}/{t}.json', HandLabel(pixels, np.ones(21))
            )
            path = root / f'images/0000/{name}/{t}.png'
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), np.full((*SIZE[::-1], 3), GREY, np.uint8))
    write_calibration(root / 'calibration.json', cameras)
    return root


def without_title(picture, height):
    return picture[-height:]


def crosses(picture):
    """Where the black crosses of the 3D joints are."""
    return np.argwhere((picture == 0).all(-1))[:, ::-1]


def test_original_view(rig):
    info = RigHandDataset(str(rig)).get_data_info(1)
    picture = draw_original_view(info, size=320)
    assert picture.shape[1] == 320 and picture.shape[0] > 240
    body = without_title(picture, 240)
    for x, y in info['keypoints'][0]:
        u, v = np.round([2 * x + 0.5, 2 * y + 0.5]).astype(int)
        # the label's dot, which lies on the cross of the 3D joint
        assert (body[v - 1 : v + 2, u - 1 : u + 2] != GREY).any()
    # without the labels: the crosses alone are on them
    unlabelled = dict(info, keypoints_visible=np.zeros((1, 21)))
    dark = crosses(without_title(draw_original_view(unlabelled, 320), 240))
    distance = np.linalg.norm(dark[:, None] - (2 * info['keypoints'][0] + 0.5), axis=-1)
    # the arms of one cross may hide the middle of another
    assert np.median(distance.min(0)) < 1 and distance.min(0).max() < 4
    assert distance.min(1).max() < 6


@pytest.mark.parametrize('training', [True, False])
def test_transformed_view(rig, training):
    """Turned, cropped and mirrored: the 3D joints still lie on the labels."""
    stages = [
        dict(type='LoadImage'),
        dict(type='MirrorLeftHand'),
        dict(type='GetBBoxCenterScale'),
        dict(type='RandomCropBox', rotation=90),
        dict(type='TopdownAffine', input_size=(64, 64)),
        dict(
            type='GenerateTarget',
            encoder=dict(type='WeakPerspectiveLabel', input_size=(64, 64)),
        ),
        dict(type='PackHandInputs'),
    ]
    if not training:
        stages = [s for s in stages if s['type'] != 'GenerateTarget']
    for side in ('right', 'left'):
        for label in (rig / 'labels').rglob('*.json'):
            content = dict(json.loads(label.read_text()), hand_side=side)
            label.write_text(json.dumps(content))
        dataset = MultiViewDataset(RigHandDataset(str(rig), pipeline=stages))
        item = dataset[0]
        sample = item['data_samples'][0]
        assert sample.mirrored == (side == 'left')
        picture = draw_transformed_view(item['inputs'][0], sample, size=256)
        assert picture.shape[1] == 256
        if training:
            labels = sample.gt_instance_labels.keypoint_labels[0].numpy()
            hidden = sample.clone()
            hidden.gt_instance_labels.keypoint_weights[:] = 0
            dark = crosses(
                without_title(
                    draw_transformed_view(item['inputs'][0], hidden, 256), 256
                )
            )
            places = (labels + 1) * 128
            places = places[((places > 4) & (places < 252)).all(1)]
            distance = np.linalg.norm(dark[:, None] - places, axis=-1).min(0)
            assert len(places) > 10
            assert np.median(distance) < 1.5 and distance.max() < 4


def test_pictures_of_predictions_show_the_mirrored_image(rig):
    """What the network saw, where a left hand was made a right one."""
    for path in (rig / 'images').rglob('*.png'):
        image = np.zeros((*SIZE[::-1], 3), np.uint8)
        image[:, : SIZE[0] // 2] = 200
        cv2.imwrite(str(path), image)
    stages = [
        dict(type='LoadImage'),
        dict(type='MirrorLeftHand'),
        dict(type='GetBBoxCenterScale', padding=1.0),
        dict(type='TopdownAffine', input_size=(64, 64)),
        dict(type='PackHandInputs'),
    ]
    for side, bright in (('right', slice(0, 20)), ('left', slice(44, 64))):
        for label in (rig / 'labels').rglob('*.json'):
            content = dict(
                json.loads(label.read_text()), hand_side=side, bbox=[0, 0, *SIZE]
            )
            label.write_text(json.dumps(content))
        item = RigHandDataset(str(rig), pipeline=stages)[0]
        picture = ViewPictures(item['data_samples'], [[0, 1, 2]], 64).image()
        assert (picture[24:40, bright] > 150).all()
        network = item['inputs'].numpy().transpose(1, 2, 0)
        assert (network[24:40, bright] > 150).all()


def test_montage():
    pictures = [np.full((10, 20, 3), i, np.uint8) for i in range(3)]
    whole = montage(pictures)
    assert whole.shape == (20, 40, 3)
    assert whole[5, 30].tolist() == [1] * 3
    assert whole[15, 5].tolist() == [2] * 3
    assert whole[15, 30, 0] > 200
    assert montage(pictures, columns=3).shape == (10, 60, 3)


def test_statistics(rig):
    (rig / 'labels/0000/cam1/1.json').unlink()
    dataset = open_dataset(str(rig))
    numbers = dataset_statistics(
        dataset.get_data_info(i)['views'] for i in range(len(dataset))
    )
    assert numbers['counts'] == dict(
        images=4,
        time_steps=2,
        sequences=1,
        cameras=2,
        labelled=3,
        calibrated=4,
        with_distortion=4,
        with_3d_joints=4,
        with_meshes=0,
    )
    assert numbers['views_per_step'] == {'2': 2}
    assert numbers['images_per_camera'] == dict(cam0=2, cam1=2)
    assert numbers['image_sizes'] == {'160x120': 4}
    assert numbers['confidence']['mean'] == 1
    assert numbers['missing_joints']['p95'] == 0
    # the unlabelled view's box is the whole image
    assert numbers['bbox_share']['p95'] > 0.8


def test_statistics_of_nothing():
    numbers = dataset_statistics([])
    assert numbers['counts']['images'] == 0 and numbers['confidence'] == {}


def test_whatever_names_a_data_set(rig, tmp_path):
    config = tmp_path / 'config.py'
    config.write_text(
        "train_dataloader = dict(dataset=dict(type='MultiViewDataset', "
        "num_views=1, dataset=dict(type='RigHandDataset', "
        f"data_root='{rig}')))\n"
        'val_dataloader = dict(dataset=train_dataloader["dataset"]'
        '["dataset"])\n'
    )
    for source, phase in ((rig, 'train'), (config, 'train'), (config, 'val')):
        dataset = open_dataset(str(source), phase)
        assert len(dataset) == 2
        assert len(dataset.get_data_info(0)['views']) == 2
    views = views_by_sequence(dataset)
    assert [v['frame_id'] for v in views['0000']] == [
        '0000/0',
        '0000/0',
        '0000/1',
        '0000/1',
    ]
    for wrong, error in (
        ('nowhere', FileNotFoundError),
        (tmp_path, ValueError),
        (__file__ + 'x', FileNotFoundError),
    ):
        with pytest.raises(error):
            open_dataset(str(tmp_path / wrong))


@pytest.fixture
def run_tool(repository, tmp_path, monkeypatch, capsys):

    def run(name, *arguments):
        script = str(repository / 'tools/analysis_tools' / f'{name}.py')
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, 'argv', [script, *map(str, arguments)])
        status = 0
        try:
            runpy.run_path(script, run_name='__main__')
        except SystemExit as end:
            status = end.code
        captured = capsys.readouterr()
        return status, captured.out + captured.err

    return run


def test_browse_dataset_tool(rig, run_tool, tmp_path):
    status, _ = run_tool(
        'browse_dataset',
        rig,
        '--mode',
        'original',
        '--not-show',
        '--output-dir',
        tmp_path / 'seen',
    )
    assert not status
    assert sorted(p.name for p in (tmp_path / 'seen').iterdir()) == [
        '0000_0.jpg',
        '0000_1.jpg',
    ]
    status, told = run_tool(
        'browse_dataset', rig, '--not-show', '--output-dir', tmp_path
    )
    assert status == 2 and '--mode original' in told


def test_statistics_tool(rig, run_tool, tmp_path):
    status, printed = run_tool(
        'dataset_statistics', rig, '--out', tmp_path / 'a/numbers.json'
    )
    assert not status and 'views per step' in printed
    numbers = json.loads((tmp_path / 'a/numbers.json').read_text())
    assert numbers['reprojection']['cam0']['median_px'] < 0.01


def test_check_rig_reads_what_it_checks(rig, run_tool, monkeypatch):
    """And says how much that is; sequences are chosen before they are read."""
    for kind in ('images', 'labels'):
        for sequence in ('0001', '0002'):
            shutil.copytree(rig / kind / '0000', rig / kind / sequence)
    read = []
    get_data_info = MultiViewDataset.get_data_info

    def counted(self, index):
        info = get_data_info(self, index)
        read.append(info['frame_id'].split('/')[0])
        return info

    monkeypatch.setattr(MultiViewDataset, 'get_data_info', counted)
    _, printed = run_tool('check_rig', rig, '--max-sequences', 1)
    assert '1 of 3 sequences' in printed
    assert set(read) == {'0000'}
    _, printed = run_tool('check_rig', rig)
    assert ' of 3 sequences' not in printed and set(read) > {'0000'}
    status, printed = run_tool('check_rig', rig, '--sequences', '7')
    assert status == 2 and "no sequence '7'" in printed


def test_check_rig_tool(rig, run_tool, tmp_path):
    """Joints that are strewn about are no hand, but fit the cameras."""
    status, printed = run_tool('check_rig', rig, '--out', tmp_path / 'check.json')
    report = json.loads((tmp_path / 'check.json').read_text())['0000']
    assert report['overall']['mean_px'] < 0.01
    assert status == (0 if report['ok'] else 1)
    (rig / 'calibration.json').unlink()
    status, printed = run_tool('check_rig', rig)
    assert status == 2 and 'use_extrinsics=False' in printed
    status, printed = run_tool('check_rig', rig / 'nowhere.json')
    assert status == 2 and 'nowhere.json' in printed
