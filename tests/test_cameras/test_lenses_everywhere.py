"""Every lens model that files may have, on every path, against OpenCV.

The hand and the cameras are known, and OpenCV says where the joints appear.
Whatever reads, checks, predicts or draws with these cameras has to agree.
"""

import base64
import json
import re
from dataclasses import replace

import cv2
import mmcv
import numpy as np
import pytest
import torch
from calibration_files import SIZE, make_cameras, write_opencv
from mmengine.structures import InstanceData
from mmpose.registry import TRANSFORMS
from mmpose.structures import PoseDataSample

from hamuco_mm.apis.inferencers.cameras import load_cameras
from hamuco_mm.cameras import (
    Camera,
    Cameras,
    read_calibration,
    stack_cameras,
    unstack_cameras,
    write_calibration,
)
from hamuco_mm.cameras.mirroring import mirror_camera, mirror_keypoints, mirror_points
from hamuco_mm.datasets.label_triangulation import triangulate_labels
from hamuco_mm.evaluation import AbsoluteHandMetric
from hamuco_mm.evaluation.keypoint_errors import pixel_errors
from hamuco_mm.evaluation.metrics.absolute_hands import absolute_hand
from hamuco_mm.evaluation.world_hands import place_in_world
from hamuco_mm.hand_model import MANOLayer
from hamuco_mm.labelling import agreement
from hamuco_mm.models import OptCenter
from hamuco_mm.rigs.calibration import calibrate_rig
from hamuco_mm.rigs.check import RigObservations, check_rig
from hamuco_mm.rigs.hanco_files import write_hanco_calibration
from hamuco_mm.rigs.writing import write_rig
from hamuco_mm.structures import PredictedViews, Stage
from hamuco_mm.visualization.browsing import draw_original_view
from hamuco_mm.visualization.page_3d import write_page
from hamuco_mm.visualization.skeleton import draw_skeleton
from hamuco_mm.visualization.view_pictures import ViewPictures

LENSES = {
    'none': ('opencv', ()),
    'radial': ('opencv', (-0.28, 0.07, 0.001, -0.002)),
    'five': ('opencv', (-0.35, 0.15, 0.001, -0.002, -0.03)),
    'rational': ('opencv', (0.5, -0.2, 0.001, 0.0005, 0.05, 0.8, -0.1, 0.02)),
    'prism': ('opencv', (-0.2, 0.1, 0.001, 0.002, 0, 0.1, 0, 0, 0.01, 0, 0.02, 0)),
    'tilted': ('opencv', (-0.2, 0.1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.1, -0.06)),
    'fisheye': ('fisheye', (0.05, -0.02, 0.01, -0.003)),
    'equidistant': ('fisheye', (0, 0, 0, 0)),
}
# Off the optical axes, so that a lens that is forgotten is seen.
PLACE = np.array([0.2, 0.17, -0.02])


def opencvs_pixels(points_cam, camera):
    """Where OpenCV puts points (P, 3) of the camera's frame."""
    points, origin = np.ascontiguousarray(points_cam)[:, None], np.zeros(3)
    if camera.distortion_model == 'fisheye':
        pixels, _ = cv2.fisheye.projectPoints(
            points, origin, origin, camera.K, camera.dist
        )
    else:
        dist = camera.dist if camera.dist.size else None
        pixels, _ = cv2.projectPoints(points, origin, origin, camera.K, dist)
    return pixels[:, 0]


def pinhole_pixels(points_cam, camera):
    return opencvs_pixels(points_cam, Camera(camera.K))


@pytest.fixture(params=LENSES.values(), ids=LENSES)
def cameras(request):
    """Wide-angle cameras around the hand, all with one lens."""
    model, dist = request.param
    rig = {}
    for name, camera in make_cameras(4).items():
        K = camera.K * [[0.5, 1, 1], [1, 0.5, 1], [1, 1, 1]]
        rig[name] = replace(
            camera, K=K, dist=np.array(dist, float), distortion_model=model
        )
    return rig


@pytest.fixture(scope='module')
def hand():
    """World vertices and joints."""
    mesh = MANOLayer().double()(torch.eye(3).double().repeat(16, 1, 1), torch.zeros(10))
    mesh = mesh.root_relative()
    return mesh.vertices.numpy() + PLACE, mesh.joints.numpy() + PLACE


def in_camera(points, camera):
    return points @ camera.R.T + camera.t


@pytest.fixture
def views(cameras, hand):
    """Data infos, as a data set gives them, labelled by OpenCV."""
    infos = []
    for index, (name, camera) in enumerate(cameras.items()):
        local = in_camera(hand[1], camera)
        pixels = opencvs_pixels(local, camera)
        infos.append(
            dict(
                frame_id='take/00000000',
                sequence='take',
                camera=name,
                camera_id=index,
                keypoints=pixels[None],
                keypoints_visible=np.ones((1, 21)),
                keypoints_cam=local[None],
                image_size=np.array(SIZE),
                bbox=np.array([[*pixels.min(0), *pixels.max(0)]]),
                # double precision, as OpenCV's pixels are
                camera_param=dict(
                    K=camera.K,
                    R=camera.R,
                    t=camera.t,
                    dist=camera.dist,
                    distortion_model=camera.distortion_model,
                ),
            )
        )
    return infos


@pytest.fixture
def samples(views, cameras, hand):
    """What a network that knows the truth predicts."""
    found = []
    for index, (view, camera) in enumerate(zip(views, cameras.values())):
        vertices, joints = (in_camera(points, camera) for points in hand)
        side = 1.3 * np.ptp(view['keypoints'][0], 0).max()
        sample = PoseDataSample(
            metainfo=dict(
                {key: view[key] for key in ('frame_id', 'camera_id', 'camera_param')},
                view_index=index,
                num_views=len(views),
                ori_shape=SIZE[::-1],
                input_size=(256, 256),
                input_center=view['keypoints'][0].mean(0),
                input_scale=np.array([side, side]),
            )
        )
        sample.gt_instances = InstanceData(
            keypoints=view['keypoints'],
            keypoints_visible=view['keypoints_visible'],
            keypoints_cam=joints[None],
        )
        sample.pred_instances = InstanceData(
            keypoints=view['keypoints'],
            keypoints_cam=(joints - joints[9])[None],
            keypoints_cam_fused=(joints - joints[9])[None],
            vertices_fused=(vertices - joints[9])[None],
        )
        found.append(sample)
    return found


def close(found, expected, atol):
    np.testing.assert_allclose(found, expected, rtol=0, atol=atol)


def test_the_lenses_matter(cameras, hand):
    """Else the tests below would show nothing."""
    off = []
    for camera in cameras.values():
        local = in_camera(hand[1], camera)
        pixels = opencvs_pixels(local, camera)
        assert (pixels > 0).all() and (pixels < SIZE).all()
        off.append(np.linalg.norm(pixels - pinhole_pixels(local, camera), axis=-1))
    assert (np.max(off) > 2) == camera.has_lens


def test_one_camera_and_many(cameras, hand):
    vertices, joints = hand
    batch = stack_cameras(list(cameras.values()))
    local = batch.to_camera(torch.from_numpy(joints))
    pixels = batch.project(local)
    straight = batch.undistort(pixels)
    close(batch.to_world(local), np.broadcast_to(joints, local.shape), 1e-12)
    close(batch.distort(straight), pixels, 1e-8)
    for row, (camera, same) in enumerate(
        zip(cameras.values(), unstack_cameras(batch), strict=True)
    ):
        points = in_camera(joints, camera)
        close(camera.to_camera(joints), points, 1e-12)
        expected = opencvs_pixels(points, camera)
        for seen in (pixels[row], camera.project(points), same.project(points)):
            close(seen, expected, 1e-8)
        ideal = pinhole_pixels(points, camera)
        close(straight[row], ideal, 1e-7)
        close(camera.undistort(expected), ideal, 1e-7)


def test_all_lenses_in_one_batch(hand):
    """Each sees what it sees alone."""
    alone = [
        replace(camera, dist=np.array(dist, float), distortion_model=model)
        for camera, (model, dist) in zip(
            make_cameras(len(LENSES)).values(), LENSES.values(), strict=True
        )
    ]
    batch = stack_cameras(alone).reshape(2, -1)
    pixels = batch.project(batch.to_camera(torch.from_numpy(hand[1])))
    straight = batch.undistort(pixels)
    mirrored = batch.mirror(SIZE[0])
    flipped = torch.from_numpy(mirror_points(hand[1]))
    seen = mirrored.project(mirrored.to_camera(flipped))
    for row, camera in enumerate(alone):
        at = divmod(row, batch.shape[1])
        local = in_camera(hand[1], camera)
        expected = opencvs_pixels(local, camera)
        close(pixels[at], expected, 1e-8)
        close(straight[at], pinhole_pixels(local, camera), 1e-6)
        close(seen[at], mirror_keypoints(expected, SIZE[0]), 1e-8)


def test_crops_sizes_and_mirrors(cameras, hand):
    for camera in cameras.values():
        local = in_camera(hand[1], camera)
        pixels = opencvs_pixels(local, camera)
        cropped = camera.crop((30, 20), (400, 300))
        close(opencvs_pixels(local, cropped), pixels - [30, 20], 1e-8)
        close(cropped.project(local), pixels - [30, 20], 1e-8)
        small = camera.resize((320, 160))
        expected = (pixels + 0.5) * [1 / 2, 1 / 3] - 0.5
        close(opencvs_pixels(local, small), expected, 1e-8)
        close(small.project(local), expected, 1e-8)
        turn = np.array([[0.3, -0.8, 40], [0.8, 0.3, -7]])
        warped = camera.batched().warp(torch.from_numpy(turn))
        close(
            warped.project(torch.from_numpy(local)),
            pixels @ turn[:, :2].T + turn[:, 2],
            1e-8,
        )
        mirrored = camera.mirror(SIZE[0])
        flipped = in_camera(mirror_points(hand[1]), mirrored)
        close(flipped, mirror_points(local), 1e-12)
        expected = mirror_keypoints(pixels, SIZE[0])
        close(opencvs_pixels(flipped, mirrored), expected, 1e-8)
        param = mirror_camera(camera.as_camera_param(), SIZE[0])
        close(Camera.from_camera_param(param).project(flipped), expected, 1e-3)


def test_files_of_calibrations(cameras, hand, tmp_path):
    write_calibration(tmp_path / 'own.json', cameras)
    said = [read_calibration(tmp_path / 'own.json').cameras]
    folder = write_opencv(tmp_path / 'yml', cameras)
    for file in folder.iterdir():
        model = next(iter(cameras.values())).distortion_model
        text = file.read_text()
        file.write_text(text.replace('---\n', f'---\ndistortion_model: {model}\n', 1))
    said.append(read_calibration(folder, 'world2cam', 'm').cameras)
    of_views = load_cameras(tmp_path / 'own.json', list(cameras))
    params = {name: view.param((640, 480), '') for name, view in of_views.items()}
    said.append({k: Camera.from_camera_param(v) for k, v in params.items()})
    arrays = stack_cameras(list(cameras.values())).as_arrays()
    np.savez(tmp_path / 'cameras.npz', **arrays)
    with np.load(tmp_path / 'cameras.npz') as file:
        loaded = unstack_cameras(Cameras.from_arrays(dict(file)))
    said.append(dict(zip(cameras, loaded, strict=True)))
    for found in said:
        for name, camera in cameras.items():
            local = in_camera(hand[1], camera)
            expected = opencvs_pixels(local, camera)
            close(found[name].to_camera(hand[1]), local, 1e-6)
            # items hold float32
            close(found[name].project(local), expected, 1e-3)


def test_check_of_a_rig_and_its_labels(views):
    rig = RigObservations.from_views(views)
    report = check_rig(rig)
    assert report.ok, report.findings
    assert report.overall['mean_px'] < 1e-6
    assert np.nanmin(agreement(rig)) > 0.999


@pytest.fixture
def moving(cameras, hand):
    """Predictions of a hand at several places, which the network knows."""
    samples = []
    for frame in range(6):
        turn, _ = cv2.Rodrigues(np.array([0.1, 0.3, -0.2]) * frame)
        joints = (hand[1] - PLACE) @ turn.T + PLACE
        joints = joints + 0.01 * np.sin(frame + np.arange(3))
        for index, camera in enumerate(cameras.values()):
            local = in_camera(joints, camera)
            pixels = opencvs_pixels(local, camera)[None]
            sample = dict(
                frame_id=f'take/{frame:08d}',
                camera_id=index,
                view_index=index,
                num_views=len(cameras),
                camera_param=dict(camera.as_camera_param(), K=camera.K),
                gt_instances=dict(keypoints=pixels, keypoints_visible=np.ones((1, 21))),
                pred_instances=dict(
                    keypoints_interact=pixels,
                    keypoints_cam_interact=(local - local[9])[None],
                ),
            )
            samples.append(sample)
    return PredictedViews.from_samples(samples)


def test_an_estimated_rig_keeps_its_lenses(moving, cameras, hand, tmp_path):
    rig = calibrate_rig(moving)
    assert rig.errors()['centre_mm'].max() < 0.5
    lenses = any(camera.has_lens for camera in cameras.values())
    if not lenses:
        assert write_hanco_calibration(rig, tmp_path / 'hanco.json') == 1
        return
    with pytest.raises(ValueError, match='lens distortion'):
        write_hanco_calibration(rig, tmp_path / 'hanco.json')
    assert write_rig(rig, tmp_path / 'rigs', 'take') == 1
    found = read_calibration(tmp_path / 'rigs' / 'take.json').cameras
    first = in_camera(hand[1], next(iter(cameras.values())))
    for camera, true in zip(found.values(), cameras.values(), strict=True):
        # the world is the frame of the first camera
        expected = opencvs_pixels(in_camera(hand[1], true), true)
        close(camera.project(camera.to_camera(first)), expected, 0.3)


def test_labels_are_triangulated(views, hand):
    mean_joints = torch.from_numpy(hand[1])
    for points in triangulate_labels([views], mean_joints).values():
        close(points[0], hand[1], 1e-6)


def test_viewing_ray_of_a_crop(views):
    transform = TRANSFORMS.build(dict(type='ViewingRayRotation'))
    for view in views:
        for joint in (0, 9, 20):
            item = dict(view, bbox_center=view['keypoints'][:, joint])
            ray = view['keypoints_cam'][0, joint]
            turned = transform(item)['R_cam2ray'] @ (ray / np.linalg.norm(ray))
            close(turned, [0, 0, 1], 1e-5)


def test_absolute_hands(samples, hand):
    vertices, joints = hand
    OptCenter().predict(samples)
    for sample in samples:
        pred = sample.pred_instances
        close(pred.keypoints_world[0], joints, 1e-6)
        close(pred.keypoints_world_ransac[0], joints, 1e-6)
        close(pred.vertices_world[0], vertices, 1e-6)
        assert pred.reprojection_error.max() < 1e-3
    metric = AbsoluteHandMetric()
    metric.process(None, [sample.to_dict() for sample in samples])
    measures = metric.compute_metrics(metric.results)
    assert measures['opt_center/reprojection_px_pred'] < 1e-3
    assert measures['opt_center/MPJPE'] < 1e-2  # millimetres


def test_hand_in_front_of_one_camera(samples, cameras, hand):
    for sample, camera in zip(samples, cameras.values(), strict=True):
        found, _ = absolute_hand(sample.to_dict(), 'single', 'fit')
        close(found, in_camera(hand[1], camera), 1e-6)


def test_predictions_and_their_files(samples, cameras, hand, tmp_path):
    PredictedViews.from_samples(samples).save(tmp_path / 'views.npz')
    views = PredictedViews.load(tmp_path / 'views.npz')
    placed = place_in_world(views, np.arange(len(views)), Stage.FUSION)
    close(placed.joints, hand[1], 1e-5)
    assert placed.reprojection_error.max() < 1e-2
    assert pixel_errors(views)['single'].max() < 1e-2
    straight = views.undistorted()
    assert straight.cameras.lens is None
    for row, camera in enumerate(cameras.values()):
        ideal = pinhole_pixels(in_camera(hand[1], camera), camera)
        close(straight.predictions['keypoints'][row], ideal, 1e-3)
        close(straight.ground_truth['keypoints'][row], ideal, 1e-3)


@pytest.fixture
def pictures(samples, views, tmp_path):
    """Black images in which the samples' hands are white dots."""
    for view, sample in zip(views, samples, strict=True):
        path = str(tmp_path / f'{view["camera"]}.png')
        image = np.zeros((*SIZE[::-1], 3), np.uint8)
        draw_dot(image, view['keypoints'][0, 0])
        cv2.imwrite(path, image)
        view['img_path'] = path
        sample.set_metainfo(dict(img_path=path))
    return samples


def draw_dot(image, pixel):
    shift = 4  # sixteenths of a pixel
    center = np.round(pixel * 2**shift).astype(int).tolist()
    cv2.circle(image, center, 8 << shift, (255, 255, 255), -1, cv2.LINE_AA, shift)


def dot_of(image):
    """Centre (x, y) of what is bright."""
    weights = image.astype(float).mean(-1)
    weights[weights < 60] = 0
    rows, columns = np.indices(weights.shape)
    return np.array([(weights * x).sum() for x in (columns, rows)]) / weights.sum()


def test_pictures_of_the_truth(pictures, views):
    for sample, view in zip(pictures, views, strict=True):
        drawn = ViewPictures(sample, [[0, 1, 2]], 200)
        # the label is OpenCV's: the truth has to lie on it
        np.testing.assert_array_equal(
            drawn.truth(), draw_like_the_label(drawn, view), strict=True
        )


def draw_like_the_label(drawn, view):
    meta = drawn.metainfo
    scale = 200 / meta['input_scale'][0]
    pixels = scale * (view['keypoints'][0] - meta['input_center']) + 199 / 2
    return draw_skeleton(drawn.image(), pixels, np.ones(21))


def test_browsed_views(pictures, views):
    """Crosses of the 3D joints lie on the 2D labels."""
    for view in views:
        one = np.broadcast_to(view['keypoints_cam'][:, :1], (1, 21, 3))
        unlabelled = dict(view, keypoints_visible=np.zeros((1, 21)))
        crossed = draw_original_view(dict(unlabelled, keypoints_cam=one), SIZE[0])
        del unlabelled['keypoints_cam']
        changed = crossed != draw_original_view(unlabelled, SIZE[0])
        rows, columns = np.nonzero(changed.any(-1))
        middle = [(x.min() + x.max()) / 2 for x in (columns, rows)]
        title = crossed.shape[0] - SIZE[1]
        close(np.array(middle) - [0, title], view['keypoints'][0, 0], 1.1)


def test_images_of_the_3d_page(pictures, cameras, hand, tmp_path):
    """In the page images have no lens, as its frusta."""
    views = PredictedViews.from_samples(pictures)
    write_page(tmp_path / 'page.html', views, np.array([[0, 1, 2]]), image_size=320)
    text = (tmp_path / 'page.html').read_text()
    data = json.loads(
        re.search('application/json" id="data">(.*?)</script>', text).group(1)
    )
    for said, camera in zip(data['steps'][0]['cameras'], cameras.values(), strict=True):
        image = mmcv.imfrombytes(base64.b64decode(said['image'].split(',')[1]))
        assert image.shape == (240, 320, 3)
        ideal = pinhole_pixels(in_camera(hand[1][:1], camera), camera)[0]
        close(dot_of(image), (ideal + 0.5) / 2 - 0.5, 0.25)
        close(said['K'], camera.K.ravel(), 1e-4)
        assert max(said['errors']) < 1e-2


def test_straight_image(cameras):
    """OpenCV straightens it alike."""
    camera = next(iter(cameras.values()))
    image = cv2.GaussianBlur(
        np.random.default_rng(0).integers(0, 255, SIZE[::-1], np.uint8), (0, 0), 5
    )
    module = cv2.fisheye if camera.distortion_model == 'fisheye' else cv2
    dist = camera.dist if camera.dist.size else np.zeros(4)
    maps = module.initUndistortRectifyMap(
        camera.K, dist, np.eye(3), camera.K, SIZE, cv2.CV_32FC1
    )
    expected = cv2.remap(image, *maps, cv2.INTER_LINEAR)
    found = camera.undistort_image(image)
    assert np.abs(found.astype(int) - expected).max() <= 1
