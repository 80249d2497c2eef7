import json

import cv2
import numpy as np
import pytest
import torch
from made_images import SIZE, make_image, write_video
from mmengine.config import Config
from mmpose.apis import inference_topdown
from mmpose.apis.inferencers.base_mmpose_inferencer import has_mmdet
from mmpose.registry import INFERENCERS

from hamuco_mm.apis import HaMuCoInferencer

FIELDS = ('keypoints', 'keypoints_cam', 'vertices')


def first_hand(result, view=0):
    hand = result['predictions'][view][0]
    return {field: np.array(hand[field]) for field in FIELDS}


def assert_same(hand, other, atol=1e-4):
    for field in FIELDS:
        assert np.allclose(hand[field], other[field], atol=atol), field


@pytest.fixture(scope='module')
def reference(single_view):
    """The first hands of made images, one by one."""
    return [first_hand(next(single_view(make_image(i)))) for i in range(3)]


def test_same_as_mmpose(single_view, rig):
    path = str(rig / 'cam0' / '0000.png')
    box = [20, 30, 110, 120]
    expected = inference_topdown(single_view.model, path, np.array([box]))[
        0
    ].pred_instances
    (result,) = single_view(path, bboxes=box)
    hand = result['predictions'][0][0]
    for field in FIELDS:
        assert np.allclose(hand[field], expected[field][0], atol=1e-5)
    assert hand['bbox'] == box
    assert result['views'] == ['0000'] and result['problems'] == [None]


def test_lists_and_videos_by_batches(single_view, reference, tmp_path):
    images = [make_image(i) for i in range(3)]
    for batch_size in (1, 2):
        results = list(single_view(images, batch_size=batch_size))
        assert len(results) == 3
        for result, hand in zip(results, reference):
            assert_same(first_hand(result), hand)
    video = write_video(tmp_path / 'video.avi', 3)
    with_boxes = single_view(video, bboxes=[None, [], [[0, 0, 90, 90]]])
    hands = [result['predictions'][0] for result in with_boxes]
    assert [len(found) for found in hands] == [1, 0, 1]
    assert hands[2][0]['bbox'] == [0, 0, 90, 90]


def test_several_hands_in_an_image(single_view):
    left, right = [0, 0, 64, 128], [64, 0, 128, 128]
    (both,) = single_view(make_image(0), bboxes=[[left, right]])
    hands = both['predictions'][0]
    assert [hand['bbox'] for hand in hands] == [left, right]
    alone = next(single_view(make_image(0), bboxes=right))
    assert np.allclose(
        hands[1]['vertices'], alone['predictions'][0][0]['vertices'], atol=1e-5
    )


def test_left_hands_are_mirrored(single_view, multi_view, calibration):
    image = make_image(0)
    mirrored = image[:, ::-1].copy()
    box = [10, 5, 90, 100]
    other_box = [SIZE - 1 - 90, 5, SIZE - 1 - 10, 100]
    for right, left in ((None, None), (box, other_box)):
        hand = first_hand(next(single_view(image, bboxes=right)))
        result = next(single_view(mirrored, bboxes=left, hand_side='left'))
        assert_same(
            first_hand(result),
            {
                'keypoints': [SIZE - 1, 0] + hand['keypoints'] * [-1, 1],
                'keypoints_cam': hand['keypoints_cam'] * [-1, 1, 1],
                'vertices': hand['vertices'] * [-1, 1, 1],
            },
        )
        assert result['predictions'][0][0]['bbox'] == (left or [0, 0, SIZE, SIZE])
    with pytest.raises(ValueError, match='hand_side'):
        single_view(image, hand_side='both')

    # a calibrated group of left hands is the mirror image of one of right ones
    flip = np.array([-1, 1, 1])
    cameras = {
        name: dict(
            K=[[300, 0, SIZE - 1 - 63.5], [0, 300, 63.5], [0, 0, 1]],
            R=np.outer(flip, flip) * camera['R'],
            t=camera['t'] * flip,
        )
        for name, camera in calibration.items()
    }
    views = {name: make_image(i) for i, name in enumerate(cameras)}
    right = next(multi_view(views, cameras=calibration))
    left = next(
        multi_view(
            {name: image[:, ::-1].copy() for name, image in views.items()},
            cameras=cameras,
            hand_side='left',
        )
    )
    for one, other in zip(right['predictions'], left['predictions']):
        assert np.allclose(
            np.array(one[0]['vertices_fused']) * flip,
            other[0]['vertices_fused'],
            atol=1e-4,
        )


def test_group(multi_view, rig):
    results = list(multi_view(str(rig), batch_size=2))
    assert [result['name'] for result in results] == ['0000', '0001']
    for frame, result in enumerate(results):
        assert result['views'] == ['cam0', 'cam1', 'cam2']
        # the same as a dict of images, in another order
        views = {f'cam{c}': make_image(10 * c + frame) for c in (2, 0, 1)}
        other = next(multi_view(views))
        for view, camera in enumerate(views):
            hand = other['predictions'][view][0]
            same = result['predictions'][int(camera[-1])][0]
            assert np.allclose(
                hand['vertices_fused'], same['vertices_fused'], atol=1e-4
            )
    # the views have been seen together
    alone = next(multi_view(str(rig / 'cam0')))['predictions'][0][0]
    together = results[0]['predictions'][0][0]
    assert np.allclose(alone['vertices'], together['vertices'], atol=1e-5)
    assert not np.allclose(
        alone['vertices_fused'], together['vertices_fused'], atol=1e-3
    )


def test_calibrated_group(multi_view, calibration):
    """A hand in the world: the fused one, where the cameras see it."""
    views = {name: make_image(i) for i, name in enumerate(calibration)}
    (result,) = multi_view(views, cameras=calibration)
    hands = [hands[0] for hands in result['predictions']]
    world = np.array(hands[0]['keypoints_world'])
    for hand, camera in zip(hands, calibration.values()):
        assert np.allclose(hand['keypoints_world'], world)
        points = world @ np.array(camera['R']).T + camera['t']
        pixels = points @ np.array(camera['K']).T
        off = pixels[:, :2] / pixels[:, 2:] - hand['keypoints_interact']
        assert np.allclose(
            np.linalg.norm(off, axis=-1), hand['reprojection_error'], rtol=1e-3
        )
        # each view has its own size
        shapes = [
            shape / np.linalg.norm(shape)
            for shape in (points - points[9], hand['keypoints_cam_fused'])
        ]
        assert np.allclose(*shapes, atol=1e-3)
    (result,) = multi_view(views)
    assert 'keypoints_world' not in result['predictions'][0][0]


@pytest.mark.parametrize(
    'model, dist',
    [
        ('opencv', [-0.3, 0.1, 0.002, -0.001]),
        ('opencv', [0.5, -0.2, 0.001, 0, 0.05, 0.8, -0.1, 0.02]),
        ('fisheye', [0.3, -0.1, 0.01, 0.0]),
    ],
)
@pytest.mark.parametrize('hand_side', ['right', 'left'])
def test_lenses_of_a_calibrated_group(multi_view, calibration, model, dist, hand_side):
    """The hand in the world is seen through them, as OpenCV sees it."""
    cameras = {
        name: dict(camera, dist=dist, distortion_model=model)
        for name, camera in calibration.items()
    }
    views = {name: make_image(i) for i, name in enumerate(cameras)}
    (result,) = multi_view(views, cameras=cameras, hand_side=hand_side)
    project = cv2.fisheye if model == 'fisheye' else cv2
    for hands, camera in zip(result['predictions'], calibration.values(), strict=True):
        (hand,) = hands
        points = np.array(hand['keypoints_world'])[:, None]
        turn = cv2.Rodrigues(np.array(camera['R']))[0]
        t, K = np.array(camera['t'], float), np.array(camera['K'], float)
        seen, _ = project.projectPoints(points, turn, t, K, np.array(dist))
        off = np.linalg.norm(seen[:, 0] - hand['keypoints_interact'], axis=-1)
        np.testing.assert_allclose(hand['reprojection_error'], off, atol=2e-3)


def test_unreadable_view_is_left_out(multi_view, rig, tmp_path):
    broken = tmp_path / 'broken.png'
    broken.write_bytes(b'')
    pair = {c: [str(rig / c / '0000.png')] for c in ('cam0', 'cam2')}
    (result,) = multi_view(dict(pair, cam1=[str(broken)]), out_dir=str(tmp_path))
    (expected,) = multi_view(pair)
    assert result['views'] == ['cam0', 'cam2', 'cam1']
    assert [len(hands) for hands in result['predictions']] == [1, 1, 0]
    assert result['problems'][:2] == [None, None]
    assert str(broken) in result['problems'][2]
    assert np.allclose(
        result['predictions'][0][0]['vertices_fused'],
        expected['predictions'][0][0]['vertices_fused'],
        atol=1e-5,
    )
    stored = json.loads((tmp_path / 'predictions' / '0000.json').read_text())
    assert stored['views']['cam1']['instances'] == []
    assert str(broken) in stored['views']['cam1']['problem']


def test_no_image_at_all(single_view, tmp_path):
    broken = tmp_path / 'broken.png'
    broken.write_bytes(b'')
    (result,) = single_view(str(broken), return_vis=True)
    assert result['predictions'] == [[]]
    assert result['visualization'][0].dtype == np.uint8


def test_detector(single_view, repository):

    def find(image):
        """The lower half, with a score that depends on the image."""
        return [[0, 64, 128, 128, image.mean() / 255]]

    images = [np.full((128, 128, 3), value, np.uint8) for value in (200, 20)]
    inferencer = HaMuCoInferencer('hamuco-demo', device='cpu', det_model=find)
    sure, unsure = inferencer(images, return_datasamples=True)
    assert np.allclose(
        sure['predictions'][0].pred_instances.bboxes, [[0, 64, 128, 128]]
    )
    assert len(unsure['predictions'][0].pred_instances) == 0
    assert 'no hand' in unsure['problems'][0]
    assert len(next(inferencer(images[1], bbox_thr=0.05))['predictions'][0])


def test_boxes_outside_of_the_image(single_view):
    image = np.full((128, 128, 3), 90, np.uint8)
    outside = [500, 500, 600, 600]
    (result,) = single_view(image, bboxes=outside)
    assert result['predictions'][0] == []
    assert 'the box that was given is outside of' in result['problems'][0]
    # of several in an image, those that show something are left
    (result,) = single_view(image, bboxes=[[outside, [-40, 20, 60, 120]]])
    (hand,) = result['predictions'][0]
    assert hand['bbox'] == [-40, 20, 60, 120]
    (result,) = single_view(image, bboxes=[[]])
    assert 'no hand found' in result['problems'][0]


@pytest.mark.skipif(has_mmdet, reason='MMDetection works here')
def test_detector_without_mmdetection():
    with pytest.raises(ImportError, match='needs MMDetection.*bboxes'):
        HaMuCoInferencer('hamuco-demo', device='cpu', det_model='rtmdet-m')


@pytest.mark.parametrize('det_model', [None, 'whole_image', 'mediapipe', lambda x: x])
def test_weights_that_no_detector_reads_are_an_error(det_model):
    with pytest.raises(ValueError, match='leave them out'):
        HaMuCoInferencer(device='cpu', det_model=det_model, det_weights='hands.pth')


def test_results_stay_when_it_breaks_off(rig, tmp_path):
    """What was computed before an error is on disk, and complete."""
    calls = []

    def find(image):
        calls.append(image)
        if len(calls) == 3:
            raise RuntimeError('the detector broke')
        return [[0, 0, 128, 128]]

    inferencer = HaMuCoInferencer('hamuco-demo', device='cpu', det_model=find)
    video = write_video(tmp_path / 'hand.avi', 5)
    with pytest.raises(RuntimeError, match='broke'):
        for _ in inferencer(video, out_dir=str(tmp_path)):
            pass
    stored = json.loads((tmp_path / 'predictions' / 'hand.json').read_text())
    assert [frame['frame_id'] for frame in stored] == [0, 1]
    times = [frame['time'] for frame in stored]
    assert times == pytest.approx([0, 1 / 12], abs=1e-3)  # 12 frames a second
    assert len(stored[1]['instances'][0]['keypoints_cam']) == 21
    assert 'vertices' not in stored[1]['instances'][0]
    capture = cv2.VideoCapture(str(tmp_path / 'visualizations' / 'hand.mp4'))
    assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == 2


def test_pictures_and_files(single_view, multi_view, rig, tmp_path):
    result = next(
        single_view(
            str(rig / 'cam0'),
            return_vis=True,
            out_dir=str(tmp_path),
            save_vertices=True,
            draw_bbox=True,
        )
    )
    picture = result['visualization'][0]
    assert picture.shape == (256, 3 * 256, 3)
    stored = cv2.imread(str(tmp_path / 'visualizations' / '0000.jpg'))
    assert np.abs(stored[..., ::-1].astype(int) - picture).mean() < 5
    (hand,) = json.loads((tmp_path / 'predictions' / '0000.json').read_text())
    assert hand == json.loads(json.dumps(result['predictions'][0][0]))

    group = next(multi_view(str(rig), return_vis=True, vis_out_dir=str(tmp_path)))
    # single view and fusion
    assert group['visualization'][0].shape == (256, 4 * 256, 3)
    stored = cv2.imread(str(tmp_path / '0000.jpg'))
    assert stored.shape == (3 * 256, 4 * 256, 3)


def test_images_of_another_size_than_was_calibrated(multi_view, rig, calibration):
    """Of any camera, at any time step; and turned ones are named."""
    sized = {
        name: dict(camera, width=SIZE, height=SIZE)
        for name, camera in calibration.items()
    }
    assert len(list(multi_view(str(rig), cameras=sized))) == 2
    sized['cam2'].update(width=SIZE // 2, height=SIZE // 2)
    with pytest.raises(ValueError, match=f'calibrated at .* cam2 .*{SIZE}x{SIZE}'):
        list(multi_view(str(rig), cameras=sized))
    views = {name: make_image(i)[:, :100].copy() for i, name in enumerate(sized)}
    sized['cam2'].update(width=SIZE, height=100)
    for name in ('cam0', 'cam1'):
        sized[name].update(width=100)
    with pytest.raises(ValueError, match='cam2 .*turned by 90 degrees'):
        list(multi_view(views, cameras=sized))


def test_images_that_are_resized_ones(multi_view, rig, calibration):
    """The calibration of twice their size gives the same hands as that of theirs."""
    # pixels count from the middle of the first
    K = [[600, 0, 2 * 63.5 + 0.5], [0, 600, 2 * 63.5 + 0.5], [0, 0, 1]]
    twice = {
        name: dict(camera, K=K, width=2 * SIZE, height=2 * SIZE)
        for name, camera in calibration.items()
    }
    with pytest.raises(ValueError, match='give --rescale-intrinsics .rescale_intrin'):
        list(multi_view(str(rig), cameras=twice))
    expected = next(multi_view(str(rig), cameras=calibration))
    found = next(multi_view(str(rig), cameras=twice, rescale_intrinsics=True))
    for view in range(3):
        assert_same(first_hand(found, view), first_hand(expected, view))
    in_world, expected_in_world = (
        result['predictions'][0][0]['keypoints_world'] for result in (found, expected)
    )
    np.testing.assert_allclose(in_world, expected_in_world, atol=1e-4)
    with pytest.raises(ValueError, match='does not say the image size'):
        list(multi_view(str(rig), cameras=calibration, rescale_intrinsics=True))


def test_what_is_wrong_shows_at_the_call(single_view, multi_view, rig, calibration):
    """Before the first result is asked for."""
    with pytest.raises(ValueError, match='1 cameras .*none for cam1, cam2'):
        multi_view(str(rig), cameras=dict(cam0=calibration['cam0']))
    with pytest.raises(ValueError, match='unknown argument'):
        single_view(str(rig / 'cam0'), colour=1)
    with pytest.raises(ValueError, match="'hand_sid'; did you mean 'hand_side'"):
        single_view(str(rig / 'cam0'), hand_sid='left')
    with pytest.raises(ValueError, match='batch_size'):
        single_view(str(rig / 'cam0'), batch_size=0)
    with pytest.raises(ValueError, match='folder for images'):
        single_view(str(rig / 'cam0'), vis_out_dir='video.mp4')
    with pytest.raises(FileNotFoundError):
        single_view(str(rig / 'cam9.png'))


def test_models_by_name(repository, tmp_path):
    with pytest.raises(ValueError, match="'nobody'.*hamuco-demo"):
        HaMuCoInferencer('nobody')
    with pytest.raises(FileNotFoundError, match='no checkpoint gone.pth'):
        HaMuCoInferencer('hamuco-demo', 'gone.pth')
    with pytest.raises(FileNotFoundError, match='no config gone.py'):
        HaMuCoInferencer('gone.py')
    assert INFERENCERS.get('hand-mesh-estimation') is HaMuCoInferencer


def test_settings_of_a_model():
    options = {'model.absolute.with_scale': False}
    changed = HaMuCoInferencer('hamuco', device='cpu', cfg_options=options)
    plain = HaMuCoInferencer('hamuco', device='cpu')
    assert plain.model.absolute.with_scale
    assert not changed.model.absolute.with_scale
    with pytest.raises(ValueError, match='did you mean model.absolute.with_scale'):
        HaMuCoInferencer('hamuco', cfg_options={'model.absolute.with_scal': False})


def test_settings_of_a_part_that_is_added(repository):
    """HaMuCo gets ``absolute`` from the inferencer where the config has none."""
    config = Config.fromfile(repository / 'configs/hamuco_hanco.py')
    config.model.backbone.init_cfg = None
    config.model.head.hand_model.path = None
    assert config.model.get('absolute') is None
    option = {'model.absolute.with_scale': True}
    model = HaMuCoInferencer(config, device='cpu', cfg_options=option).model
    assert model.absolute.with_scale


def test_settings_of_a_checkpoint(trained):
    step = 'test_dataloader.dataset.pipeline.1.padding'
    inferencer = HaMuCoInferencer(trained, device='cpu', cfg_options={step: 1.75})
    assert inferencer.pipeline.transforms[1].padding == 1.75
    with pytest.raises(ValueError, match=r'^--cfg-options: model\.heat'):
        HaMuCoInferencer(trained, device='cpu', cfg_options={'model.heat.x': 1})


@pytest.mark.parametrize('key', ['train_dataloader.batch_size', 'optim_wrapper.type'])
def test_settings_that_a_prediction_does_not_read(key):
    with pytest.raises(ValueError, match=f'{key}, only model, visualizer and test_'):
        HaMuCoInferencer('hamuco', device='cpu', cfg_options={key: 2})


@pytest.fixture
def trained(single_view, tmp_path):
    """A checkpoint with its config, as a training leaves it."""
    path = str(tmp_path / 'trained.pth')
    torch.save(
        dict(
            state_dict=single_view.model.state_dict(),
            meta=dict(
                cfg=single_view.cfg.pretty_text,
                dataset_meta=single_view.model.dataset_meta,
            ),
        ),
        path,
    )
    return path


def test_checkpoint_as_model(trained, reference):
    inferencer = HaMuCoInferencer(trained, device='cpu', det_model='whole_image')
    assert_same(first_hand(next(inferencer(make_image(0)))), reference[0])


def test_inputs_are_not_replaced_by_their_pictures(single_view, multi_view, tmp_path):
    video = write_video(tmp_path / 'hand.mp4', 3)
    cameras = {}
    for name in ('left', 'right'):
        cameras[name] = tmp_path / name
        cameras[name].mkdir()
        for frame in range(3):
            cv2.imwrite(str(cameras[name] / f'{frame}.jpg'), make_image(frame))
    files = {path: path.read_bytes() for path in tmp_path.rglob('*.*')}
    for call in (
        lambda: single_view(cameras['left'], vis_out_dir=str(cameras['left'])),
        lambda: single_view(video, vis_out_dir=str(tmp_path)),
        lambda: multi_view(cameras, vis_out_dir=str(cameras['right'])),
        lambda: multi_view(
            cameras, offset=dict(left=1), vis_out_dir=str(cameras['left'])
        ),
    ):
        with pytest.raises(ValueError, match='pictures would replace'):
            list(call())
    assert files == {path: path.read_bytes() for path in tmp_path.rglob('*.*')}
