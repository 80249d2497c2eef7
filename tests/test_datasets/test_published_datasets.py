"""Published layouts: every item's 3D, 2D and camera belong together, and are
those of the hand that was written."""

import json
import pickle
import runpy
import shutil
import sys

import cv2
import numpy as np
import pytest
from mmpose.registry import DATASETS, TRANSFORMS
from published_layouts import (
    save_model,
    write_assemblyhands,
    write_dexycb,
    write_freihand,
    write_h2o,
    write_ho3d,
    write_interhand,
)
from scipy.stats import ortho_group

from hamuco_mm.datasets.published.dexycb import SERIALS

PIXEL = 2e-3
METRE = 2e-6


def build(type, root, **kwargs):
    return DATASETS.build(dict(type=type, data_root=str(root), **kwargs))


def check_item(item, joints_cam, vertices_cam=None):
    """The item shows these points, and nothing contradicts itself."""
    np.testing.assert_allclose(item['keypoints_cam'][0], joints_cam, atol=METRE)
    K = item['camera_param']['K'].astype(float)
    seen, _ = cv2.projectPoints(
        np.asarray(joints_cam, float), np.zeros(3), np.zeros(3), K, None
    )
    np.testing.assert_allclose(item['keypoints'][0], seen[:, 0], atol=PIXEL)
    if vertices_cam is not None:
        np.testing.assert_allclose(item['vertices'][0], vertices_cam, atol=METRE)
    R = item['camera_param']['R'].astype(float)
    np.testing.assert_allclose(R @ R.T, np.eye(3), atol=1e-6)


def check_mirroring(item):
    """Through the transform, a left hand is a right one in all its parts."""
    loaded = TRANSFORMS.build(dict(type='LoadImage')).transform(dict(item))
    mirrored = TRANSFORMS.build(dict(type='MirrorLeftHand')).transform(loaded)
    assert mirrored['mirrored']
    camera = mirrored['camera_param']
    seen, _ = cv2.projectPoints(
        mirrored['keypoints_cam'][0].astype(float),
        np.zeros(3),
        np.zeros(3),
        camera['K'].astype(float),
        None,
    )
    np.testing.assert_allclose(mirrored['keypoints'][0], seen[:, 0], atol=PIXEL)
    world = (item['keypoints_cam'][0] - item['camera_param']['t']) @ item[
        'camera_param'
    ]['R']
    np.testing.assert_allclose(
        world * [-1, 1, 1] @ camera['R'].T + camera['t'],
        mirrored['keypoints_cam'][0],
        atol=METRE,
    )


def groups(dataset):
    """Cameras of each time step, by MultiViewDataset."""
    multiview = DATASETS.build(dict(type='MultiViewDataset', dataset=dataset))
    infos = [multiview.get_data_info(i) for i in range(len(multiview))]
    for info in infos:
        assert {v['frame_id'] for v in info['views']} == {info['frame_id']}
    return {
        info['frame_id']: [view['camera_id'] for view in info['views']]
        for info in infos
    }


class TestFreiHAND:
    def test_training(self, tmp_path):
        hands, all_K = write_freihand(tmp_path)
        dataset = build('FreiHAND3DDataset', tmp_path, hand_model=dict())
        assert len(dataset) == 12
        for i in (0, 4, 11):
            item, hand = dataset[i], hands[i % 3]
            check_item(item, hand.joints, hand.vertices)
            np.testing.assert_allclose(item['camera_param']['K'], all_K[i % 3])
            assert item['img_path'].endswith(f'rgb/{i:08d}.jpg')
            np.testing.assert_array_equal(item['bbox'], [[0, 0, 224, 224]])
            assert item['raw_ann_info']['scale'] == pytest.approx(
                np.linalg.norm(hand.joints[10] - hand.joints[9]), abs=1e-6
            )
            assert item['hand_side'] == 'right'

    def test_versions_and_vertices_of_the_file(self, tmp_path):
        hands, _ = write_freihand(tmp_path)
        dataset = build(
            'FreiHAND3DDataset',
            tmp_path,
            versions=['auto', 'hom'],
            with_vertices=True,
            bbox_mode='keypoints',
        )
        names = [dataset[i]['img_path'][-7:-4] for i in range(len(dataset))]
        assert names == ['009', '010', '011', '003', '004', '005']
        check_item(dataset[1], hands[1].joints, hands[1].vertices)
        points = dataset[1]['keypoints'][0]
        np.testing.assert_allclose(
            dataset[1]['bbox'][0], [*points.min(0), *points.max(0)], rtol=1e-5
        )

    def test_evaluation_without_labels(self, tmp_path):
        write_freihand(tmp_path, 'evaluation', truth=False)
        dataset = build(
            'FreiHAND3DDataset', tmp_path, split='evaluation', test_mode=True
        )
        assert len(dataset) == 3
        assert 'keypoints_cam' not in dataset[0]
        assert not dataset[0]['keypoints_visible'].any()
        assert dataset.metainfo['has_keypoints_cam'] is False
        assert dataset.metainfo['dataset_name'] == 'freihand3d'

    def test_missing_and_malformed_files(self, tmp_path):
        write_freihand(tmp_path)
        with pytest.raises(FileNotFoundError, match='evaluation_K.json'):
            build('FreiHAND3DDataset', tmp_path, split='evaluation')
        (tmp_path / 'training/rgb/00000003.jpg').unlink()
        with pytest.raises(FileNotFoundError, match='00000003.jpg'):
            build('FreiHAND3DDataset', tmp_path)
        build('FreiHAND3DDataset', tmp_path, versions=['gs'])
        (tmp_path / 'training_xyz.json').write_text(
            json.dumps(np.zeros((3, 20, 3)).tolist())
        )
        with pytest.raises(ValueError, match=r'training_xyz.json.*21, 3'):
            build('FreiHAND3DDataset', tmp_path, versions=['gs'])

    def test_a_missing_hand_model_is_told_at_once(self, tmp_path):
        write_freihand(tmp_path)
        with pytest.raises(FileNotFoundError, match='nowhere/MANO_RIGHT.pkl'):
            build('FreiHAND3DDataset', tmp_path, hand_model='nowhere/MANO_RIGHT.pkl')

    def test_subsets(self, tmp_path):
        write_freihand(tmp_path)
        dataset = build('FreiHAND3DDataset', tmp_path, indices=5)
        assert len(dataset) == 5
        assert len(dataset.get_subset([1, 3])) == 2
        every_second = build(
            'FreiHAND3DDataset', tmp_path, versions=['gs'], sample_interval=2
        )
        assert [every_second[i]['id'] for i in range(2)] == [0, 2]
        whole = build('FreiHAND3DDataset', tmp_path)
        # what is kept is a part of the split, whose size stays
        assert dataset.metainfo['split_size'] == len(whole)
        assert whole.metainfo['split_size'] == len(whole)

    @pytest.mark.parametrize(
        'option',
        [
            dict(split='train'),
            dict(versions=['green']),
            dict(bbox_mode='fixed'),
            dict(ann_file='a.json'),
            dict(hand_sides=['both']),
        ],
    )
    def test_options(self, tmp_path, option):
        with pytest.raises(ValueError, match='FreiHAND3DDataset'):
            build('FreiHAND3DDataset', tmp_path, **option)


class TestInterHand:
    def test_views(self, tmp_path):
        hands, rig = write_interhand(tmp_path)
        dataset = build('InterHand26MDataset', tmp_path, hand_model=dict())
        assert len(dataset) == 12
        for item in map(dataset.__getitem__, range(12)):
            _, frame, side = item['frame_id'].split('/')
            hand, camera = hands[int(frame), side], rig[str(item['camera_id'])]
            assert item['hand_side'] == side
            check_item(item, camera.see(hand.joints), camera.see(hand.vertices))
            np.testing.assert_allclose(item['camera_param']['t'], camera.t, atol=METRE)
            # only the thumb's tip was not annotated in the image
            np.testing.assert_array_equal(
                np.flatnonzero(item['keypoints_visible'][0] == 0), [4]
            )
            if side == 'left':
                check_mirroring(item)

    def test_time_steps(self, tmp_path):
        write_interhand(tmp_path)
        dataset = build(
            'InterHand26MDataset', tmp_path, hand_types=['right', 'left', 'interacting']
        )
        found = groups(dataset)
        assert list(found) == [
            '0/0/right',
            '0/1/right',
            '0/2/left',
            '0/3/left',
            '0/4/right',
            '0/4/left',
        ]
        assert set(map(tuple, found.values())) == {(400000, 400001, 400002)}
        assert set(
            groups(build('InterHand26MDataset', tmp_path, hand_sides=['left']))
        ) == {'0/2/left', '0/3/left'}

    def test_incomplete_hands_are_no_3d_labels(self, tmp_path):
        write_interhand(tmp_path, frames=1)
        path = tmp_path / 'annotations/train/InterHand2.6M_train_joint_3d.json'
        content = json.loads(path.read_text())
        content['0']['0']['joint_valid'][5] = [0]
        path.write_text(json.dumps(content))
        dataset = build('InterHand26MDataset', tmp_path, test_mode=True)
        assert 'keypoints_cam' not in dataset[0]
        assert dataset[0]['keypoints_visible'][0].sum() == 19
        assert 'keypoints_cam' in dataset[3]
        assert dataset.metainfo['has_keypoints_cam'] is True

    def test_a_missing_camera_is_named(self, tmp_path):
        write_interhand(tmp_path)
        path = tmp_path / 'annotations/train/InterHand2.6M_train_camera.json'
        content = json.loads(path.read_text())
        del content['0']['focal']['400001']
        path.write_text(json.dumps(content))
        with pytest.raises(ValueError, match="0 > focal has no key '400001'"):
            build('InterHand26MDataset', tmp_path, strict=True)


class TestDexYCB:
    def test_views(self, tmp_path):
        components = ortho_group.rvs(45, random_state=0)
        hands, rig = write_dexycb(tmp_path / 'data', components)
        dataset = build(
            'DexYCBDataset',
            tmp_path / 'data',
            hand_model=save_model(tmp_path / 'r.npz', 'right', components),
            left_hand_model=dict(
                path=save_model(tmp_path / 'l.npz', 'left', components)
            ),
        )
        assert len(dataset) == 4
        for item in map(dataset.__getitem__, range(4)):
            hand = hands[item['sequence']]
            camera = rig[SERIALS[item['camera_id']]]
            check_item(item, camera.see(hand.joints))
            np.testing.assert_allclose(
                item['vertices'][0], camera.see(hand.vertices), atol=2e-5
            )
            np.testing.assert_allclose(item['camera_param']['t'], camera.t, atol=METRE)
            assert item['img_path'].endswith('color_000001.jpg')
            assert item['hand_side'] == hand.side
            if hand.side == 'left':
                check_mirroring(item)
        assert list(groups(dataset).values()) == [[0, 1], [0, 1]]

    @pytest.mark.parametrize(
        'setup, split, cameras',
        [
            ('s2', 'train', [[0, 1], [0, 1]]),
            ('s1', 'train', [[0, 1], [0, 1]]),
            ('s3', 'train', [[0, 1], [0, 1]]),
        ],
    )
    def test_setups(self, tmp_path, setup, split, cameras):
        write_dexycb(tmp_path, np.eye(45))
        dataset = build('DexYCBDataset', tmp_path, setup=setup, split=split)
        assert list(groups(dataset).values()) == cameras

    @pytest.mark.parametrize('setup, is_said', [('s0', True), ('s1', False)])
    def test_sequences_that_are_missing(self, tmp_path, logged, setup, is_said):
        """The others then have other places, and are in other splits."""
        write_dexycb(tmp_path, np.eye(45))
        build('DexYCBDataset', tmp_path, setup=setup)
        said = [line for line in logged if 'weiy has 2 sequences, not 100' in line]
        assert len(said) == is_said

    def test_no_sequence_is_missing(self, tmp_path, logged):
        write_dexycb(tmp_path, np.eye(45))
        for number in range(98):  # that are left out for other reasons
            (tmp_path / f'20200709-weiy/20200709_15{number:04d}').mkdir()
        build('DexYCBDataset', tmp_path)
        assert not any('not 100' in line for line in logged)

    def test_the_split_without_sequences(self, tmp_path):
        write_dexycb(tmp_path, np.eye(45))
        with pytest.raises(FileNotFoundError, match="'s1', split 'test'"):
            build('DexYCBDataset', tmp_path, setup='s1', split='test')

    def test_labels_are_data(self, tmp_path):
        write_dexycb(tmp_path, np.eye(45))
        dataset = build('DexYCBDataset', tmp_path, strict=True)
        path = dataset[0]['img_path'].replace('color', 'labels')
        path = path.replace('.jpg', '.npz')
        np.savez(path, joint_3d=np.array([{}]), pose_m=np.zeros((1, 51)))
        with pytest.raises(ValueError, match='labels_000001.npz'):
            dataset[0]


class TestHO3D:
    def test_evaluation(self, tmp_path):
        hands, K = write_ho3d(tmp_path)
        dataset = build('HO3DDataset', tmp_path, with_vertices=True, test_mode=True)
        assert len(dataset) == 2
        for item, hand in zip(map(dataset.__getitem__, range(2)), hands):
            flip = [1, -1, -1]
            check_item(item, hand.joints * flip, hand.vertices * flip)
            assert item['keypoints_cam'][0, :, 2].min() > 0
            np.testing.assert_allclose(item['camera_param']['K'], K)
            np.testing.assert_allclose(
                item['raw_ann_info']['wrist'], hand.joints[0] * flip, atol=METRE
            )
            points = item['keypoints'][0]
            np.testing.assert_allclose(
                item['bbox'][0], [*points.min(0), *points.max(0)], atol=1
            )
        assert dataset.metainfo['has_keypoints_cam'] is True

    def test_evaluation_without_labels(self, tmp_path):
        hands, _ = write_ho3d(tmp_path, truth=False)
        dataset = build('HO3DDataset', tmp_path, test_mode=True)
        item = dataset[1]
        assert 'keypoints_cam' not in item
        assert not item['keypoints_visible'].any()
        np.testing.assert_allclose(
            item['raw_ann_info']['wrist'], hands[1].joints[0] * [1, -1, -1], atol=METRE
        )
        assert dataset.metainfo['has_keypoints_cam'] is False

    def test_training(self, tmp_path):
        hands, _ = write_ho3d(tmp_path, 'train')
        dataset = build('HO3DDataset', tmp_path, split='train', hand_model=dict())
        for item, hand in zip(map(dataset.__getitem__, range(2)), hands):
            flip = [1, -1, -1]
            check_item(item, hand.joints * flip, hand.vertices * flip)

    def test_meta_files_are_data(self, tmp_path):
        write_ho3d(tmp_path)
        harm = tmp_path / 'harm'

        class Harm:
            def __reduce__(self):
                return open, (str(harm), 'w')

        path = tmp_path / 'evaluation/SM1/meta/0000.pkl'
        path.write_bytes(pickle.dumps(dict(camMat=Harm())))
        with pytest.raises(pickle.UnpicklingError, match='0000.pkl'):
            build('HO3DDataset', tmp_path, strict=True)[0]
        assert not harm.exists()


class TestH2O:
    def test_views(self, tmp_path):
        hands, rig = write_h2o(tmp_path)
        dataset = build('H2ODataset', tmp_path)
        assert len(dataset) == 9  # 3 cameras; the left hand in frame 0 alone
        for item in map(dataset.__getitem__, range(9)):
            frame, side = item['frame_id'].split('/')[-2:]
            camera = rig[item['camera_id']]
            check_item(item, camera.see(hands[int(frame), side].joints))
            np.testing.assert_allclose(item['camera_param']['R'], camera.R, atol=1e-6)
            np.testing.assert_allclose(item['camera_param']['t'], camera.t, atol=METRE)
            if side == 'left':
                check_mirroring(item)
        assert groups(dataset) == {
            'subject1/h1/0/000000/right': [0, 1, 4],
            'subject1/h1/0/000000/left': [0, 1, 4],
            'subject1/h1/0/000001/right': [0, 1, 4],
        }

    def test_sample_interval_keeps_both_hands(self, tmp_path):
        write_h2o(tmp_path, frames=4)
        for file in tmp_path.rglob('hand_pose/*.txt'):
            right = np.loadtxt(file).ravel()[64:]
            np.savetxt(file, np.concatenate([right, right])[None])
        dataset = build('H2ODataset', tmp_path, sample_interval=2)
        assert set(groups(dataset)) == {
            f'subject1/h1/0/{frame:06d}/{side}'
            for frame in (0, 2)
            for side in ('right', 'left')
        }

    def test_the_lists_of_frames(self, tmp_path):
        write_h2o(tmp_path)
        (tmp_path / 'pose_train.txt').write_text('subject1/h1/0/cam4/rgb/000001.png\n')
        dataset = build(
            'H2ODataset', tmp_path, list_file='pose_train.txt', cameras=[0, 4]
        )
        assert groups(dataset) == {'subject1/h1/0/000001/right': [0, 4]}
        with pytest.raises(ValueError, match="split='test'"):
            build('H2ODataset', tmp_path, split='test')

    def test_a_malformed_file_is_named(self, tmp_path):
        write_h2o(tmp_path)
        path = tmp_path / 'subject1/h1/0/cam1/hand_pose/000001.txt'
        path.write_text('1 2 3')
        with pytest.raises(ValueError, match='cam1/hand_pose/000001.txt'):
            build('H2ODataset', tmp_path, strict=True)


class TestAssemblyHands:
    def test_views(self, tmp_path):
        hands, rig = write_assemblyhands(tmp_path)
        dataset = build('AssemblyHandsDataset', tmp_path, split='val', test_mode=True)
        assert len(dataset) == 6  # 2 cameras; the left hand in frame 0 alone
        for item in map(dataset.__getitem__, range(6)):
            frame, side = item['frame_id'].split('/')[-2:]
            camera = rig[f'HMC_{item["camera_id"]}', int(frame)]
            check_item(item, camera.see(hands[int(frame), side].joints))
            np.testing.assert_allclose(item['camera_param']['t'], camera.t, atol=METRE)
            missing = np.flatnonzero(item['keypoints_visible'][0] == 0)
            assert missing.tolist() == ([4] if side == 'right' else [])
            if side == 'left':
                check_mirroring(item)
        assert [len(cameras) for cameras in groups(dataset).values()] == [2, 2, 2]
        assert dataset.metainfo['has_keypoints_cam'] is True

    def test_fixed_cameras(self, tmp_path, repository, monkeypatch):
        """The converter gives each picture the number of its label."""
        hands, rig = write_assemblyhands(tmp_path, frames=(10, 11, 14))
        script = repository / 'tools/dataset_converters/assemblyhands_exo.py'
        monkeypatch.setattr(sys, 'argv', [str(script), str(tmp_path), '--split', 'val'])
        runpy.run_path(str(script), run_name='__main__')
        shutil.rmtree(
            tmp_path / 'videos/exo_videos_rectified/nusar-2021_action_both_9081-c11b'
        )
        with pytest.raises(SystemExit, match='no videos'):
            runpy.run_path(str(script), run_name='__main__')
        dataset = build(
            'AssemblyHandsDataset', tmp_path, split='val', views='exo', min_joints=21
        )
        found = groups(dataset)
        assert [name.split('/', 1)[1] for name in found] == [
            '000010/right',
            '000010/left',
            '000014/right',
            '000014/left',
        ]
        assert set(map(tuple, found.values())) == {(10095, 10115)}
        for item in map(dataset.__getitem__, range(len(dataset))):
            frame, side = item['frame_id'].split('/')[-2:]
            camera = rig[f'C{item["camera_id"]}_rgb', int(frame)]
            check_item(item, camera.see(hands[int(frame), side].joints))
            # of the video's pictures 0, 1, 2 the first and the last
            level = cv2.imread(item['img_path']).mean()
            assert abs(level - (20 if frame == '000010' else 40)) < 5
            assert item['image_size'].tolist() == [636, 480]

    @pytest.mark.parametrize('views', ['ego', 'exo'])
    def test_images_without_3d_joints_are_told_of(self, tmp_path, views):
        """As of other frames, or numbered otherwise than the labels."""
        write_assemblyhands(tmp_path)
        path = tmp_path / 'annotations/val' / 'assemblyhands_val_joint_3d_v1-1.json'
        content = json.loads(path.read_text())
        ((sequence, frames),) = content['annotations'].items()
        if views == 'ego':
            frames['1'] = frames.pop('000001')
            path.write_text(json.dumps(content))
        else:
            folder = tmp_path / f'images/exo_images_rectified/val/{sequence}/C10095_rgb'
            folder.mkdir(parents=True)
            for name in ('000000', '0001'):
                image = np.zeros((480, 636, 3), np.uint8)
                assert cv2.imwrite(str(folder / f'{name}.jpg'), image)
        arguments = dict(split='val', views=views, min_joints=1)
        dataset = build('AssemblyHandsDataset', tmp_path, **arguments)
        assert {dataset[i]['frame_id'].split('/')[1] for i in range(len(dataset))} == {
            '000000'
        }
        (line,) = dataset.notes.lines()
        assert line.startswith(
            f'{2 if views == "ego" else 1} images left out: the file'
        )
        with pytest.raises(ValueError, match='0001: images left out: the file of 3D'):
            build('AssemblyHandsDataset', tmp_path, strict=True, **arguments)

    def test_bad_input_of_the_converter(
        self, tmp_path, repository, monkeypatch, capsys
    ):
        write_assemblyhands(tmp_path)
        path = tmp_path / 'annotations/val' / 'assemblyhands_val_joint_3d_v1-1.json'
        path.write_text('{"images": []}')
        script = repository / 'tools/dataset_converters/assemblyhands_exo.py'
        command = [str(script), str(tmp_path), '--split', 'val']
        monkeypatch.setattr(sys, 'argv', command)
        with pytest.raises(SystemExit, match="joint_3d.*'annotations'"):
            runpy.run_path(str(script), run_name='__main__')
        monkeypatch.setattr(sys, 'argv', [*command, '--step', '0'])
        with pytest.raises(SystemExit, match='2'):
            runpy.run_path(str(script), run_name='__main__')
        assert '--step: should be positive' in capsys.readouterr().err

    def test_a_camera_that_is_not_calibrated(self, tmp_path):
        write_assemblyhands(tmp_path)
        path = tmp_path / 'annotations/val' / 'assemblyhands_val_ego_calib_v1-1.json'
        path.write_text(path.read_text().replace('HMC_21110305_', 'HMC_1_'))
        with pytest.raises(ValueError, match='HMC_21110305'):
            build('AssemblyHandsDataset', tmp_path, split='val', strict=True)
