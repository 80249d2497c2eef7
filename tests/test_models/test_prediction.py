"""The frames of crops, cameras and the world, against MMPose's own warp."""

import cv2
import numpy as np
import torch
from mmpose.registry import TRANSFORMS
from mmpose.structures import PoseDataSample
from mmpose.structures.bbox import get_warp_matrix
from original_pixels import in_image
from scipy.spatial.transform import Rotation

from hamuco_mm.codecs import WeakPerspectiveLabel
from hamuco_mm.models.prediction import to_camera_frame
from hamuco_mm.models.view_alignment import ViewAlignment
from hamuco_mm.structures import (
    HandMesh,
    cam_to_crop_rotations,
    world_to_crop_rotations,
)

SIZE, SCALE = 128, 200.0


def rotated_views(num_views=4, seed=0):
    """A rigid cloud in crops of different rotation, orthographic: its crop
    pixels by MMPose's warp give x and y of the crop's frame."""
    rng = np.random.default_rng(seed)
    world = rng.normal(0, 30, (50, 3))
    points, samples = [], []
    for _ in range(num_views):
        R = Rotation.random(random_state=rng).as_matrix()
        angle = rng.uniform(-180, 180)
        camera = world @ R.T
        center = rng.uniform(50, 150, 2)
        warp = get_warp_matrix(
            center, np.array([SCALE] * 2), angle, output_size=(SIZE, SIZE)
        )
        pixels = np.c_[camera[:, :2] + center, np.ones(50)] @ warp.T
        crop = (pixels - SIZE / 2) * SCALE / SIZE
        points.append(np.c_[crop, camera[:, 2]])
        sample = PoseDataSample()
        sample.set_metainfo(
            dict(
                camera_param=dict(R=R),
                bbox_rotation=np.array([angle]),
                input_center=center,
                input_scale=np.array([SCALE] * 2),
                input_size=(SIZE, SIZE),
            )
        )
        samples.append(sample)
    return torch.from_numpy(np.stack(points)).float(), samples, world


def test_extrinsics_and_crop_rotations_align_the_views():
    points, samples, world = rotated_views()
    R_world2crop, calibrated = world_to_crop_rotations(
        samples, cam_to_crop_rotations(samples, 'cpu')
    )
    assert all(calibrated)
    for R, seen in zip(R_world2crop.numpy(), points.numpy()):
        np.testing.assert_allclose(world @ R.T, seen, atol=1e-3)
    mask = torch.ones(1, len(points), dtype=torch.bool)
    fused = ViewAlignment(points[None], mask, R_world2crop[None]).fused()
    torch.testing.assert_close(fused[0], points, atol=1e-2, rtol=1e-4)


def test_meshes_return_to_the_camera_and_pixels_to_the_image():
    points, samples, world = rotated_views(seed=1)
    mesh = to_camera_frame(
        HandMesh(points, points), cam_to_crop_rotations(samples, 'cpu')
    )
    for seen, sample, crop in zip(mesh.joints.numpy(), samples, points):
        meta = sample.metainfo
        camera = world @ meta['camera_param']['R'].T
        np.testing.assert_allclose(seen, camera, atol=1e-3)
        pixels = crop.numpy()[:, :2] * SIZE / SCALE + SIZE / 2
        np.testing.assert_allclose(
            in_image(pixels, meta), camera[:, :2] + meta['input_center'], atol=1e-2
        )


def test_an_uncalibrated_sample_says_so():
    _, calibrated = world_to_crop_rotations([PoseDataSample()], torch.eye(3)[None])
    assert not any(calibrated)


def off_axis_views(num_views=4, seed=2):
    """A rigid cloud far from the optical axes. Each crop shows it, rotated,
    in orthographic projection along the ray through the crop's centre."""
    rng = np.random.default_rng(seed)
    world = rng.normal(0, 0.03, (50, 3))
    K = np.array([[200.0, 0, 64], [0, 200, 64], [0, 0, 1]])
    points, samples = [], []
    for _ in range(num_views):
        R = Rotation.random(random_state=rng).as_matrix()
        angle = rng.uniform(-180, 180)
        center = 64 + rng.uniform(20, 60, 2) * rng.choice([-1, 1], 2)
        ray = np.linalg.solve(K, [*center, 1])
        turn = Rotation.from_euler('z', -angle, degrees=True)
        # of the rotations that bring the ray onto the axis, the one without
        # a turn about the axis
        axis = np.cross(ray, [0, 0, 1])
        tilt = np.arccos(ray[2] / np.linalg.norm(ray))
        R_cam2ray = Rotation.from_rotvec(tilt * axis / np.linalg.norm(axis))
        points.append((turn * R_cam2ray).apply(world @ R.T))
        sample = PoseDataSample()
        sample.set_metainfo(
            dict(
                camera_param=dict(K=K, R=R),
                bbox_rotation=np.array([angle]),
                input_center=center,
            )
        )
        samples.append(sample)
    return torch.from_numpy(np.stack(points)).float(), samples, world


def with_viewing_ray(sample):
    """The sample, had its pipeline held the transform."""
    results = TRANSFORMS.build(dict(type='ViewingRayRotation'))(
        dict(
            bbox_center=sample.metainfo['input_center'][None],
            camera_param=sample.metainfo.get('camera_param'),
        )
    )
    sample = sample.clone()
    sample.set_metainfo(
        {key: value for key, value in results.items() if key == 'R_cam2ray'}
    )
    return sample


def fused_error(points, samples):
    """How far the fused points are from a view's, relative to their size."""
    R_world2crop, _ = world_to_crop_rotations(
        samples, cam_to_crop_rotations(samples, 'cpu')
    )
    mask = torch.ones(1, len(points), dtype=torch.bool)
    fused = ViewAlignment(points[None], mask, R_world2crop[None]).fused()
    return ((fused[0] - points).norm(dim=-1).mean() / points.norm(dim=-1).mean()).item()


def test_off_axis_views_agree_with_their_viewing_rays():
    points, samples, world = off_axis_views()
    corrected = [with_viewing_ray(sample) for sample in samples]
    assert fused_error(points, corrected) < 1e-5
    assert fused_error(points, samples) > 0.1  # extrinsics alone

    mesh = to_camera_frame(
        HandMesh(points, points), cam_to_crop_rotations(corrected, 'cpu')
    )
    for seen, sample in zip(mesh.vertices.numpy(), samples):
        np.testing.assert_allclose(
            seen, world @ sample.metainfo['camera_param']['R'].T, atol=1e-6
        )


def test_3d_labels_are_those_of_the_off_axis_crop():
    points, samples, world = off_axis_views()
    codec = WeakPerspectiveLabel(input_size=(SIZE, SIZE))
    for seen, sample in zip(points.numpy(), samples):
        meta = with_viewing_ray(sample).metainfo
        camera = (world @ meta['camera_param']['R'].T)[None]
        labels = codec.encode(
            np.zeros((1, 50, 2)),
            keypoints_cam=camera,
            vertices=camera[:, :7],
            bbox_rotation=meta['bbox_rotation'],
            R_cam2ray=meta['R_cam2ray'],
        )
        expected = seen - seen[9]
        np.testing.assert_allclose(
            labels['keypoints_cam_labels'][0], expected, atol=1e-6
        )
        np.testing.assert_allclose(
            labels['vertices_labels'][0], expected[:7], atol=1e-6
        )


def test_without_intrinsics_there_is_no_viewing_ray():
    for camera in (None, dict(R=np.eye(3))):
        sample = PoseDataSample()
        sample.set_metainfo(dict(camera_param=camera, input_center=np.zeros(2)))
        assert 'R_cam2ray' not in with_viewing_ray(sample).metainfo


def test_the_viewing_ray_is_that_behind_the_lens():
    K = np.array([[200.0, 0, 64], [0, 210, 60], [0, 0, 1]])
    pixel = np.array([110.0, 20.0])
    lenses = (
        (dict(dist=np.array([-0.3, 0.1, 0.002, -0.001, 0])), cv2.undistortPoints),
        (
            dict(dist=np.array([0.1, -0.02, 0.01, 0]), distortion_model='fisheye'),
            cv2.fisheye.undistortPoints,
        ),
    )
    for lens, undistort in lenses:
        sample = PoseDataSample()
        sample.set_metainfo(dict(camera_param=dict(K=K, **lens), input_center=pixel))
        ideal = undistort(pixel[None, None], K, lens['dist'])[0, 0]
        ray = np.array([*ideal, 1])
        seen = with_viewing_ray(sample).metainfo['R_cam2ray'] @ ray
        np.testing.assert_allclose(seen, [0, 0, np.linalg.norm(ray)], atol=1e-6)


def test_one_batch_may_hold_both():
    points, samples, world = off_axis_views()
    plain = PoseDataSample()
    mesh = HandMesh(points[:2], points[:2])
    R_cam2crop = cam_to_crop_rotations([with_viewing_ray(samples[0]), plain], 'cpu')
    moved = to_camera_frame(mesh, R_cam2crop)
    np.testing.assert_allclose(
        moved.joints[0], world @ samples[0].metainfo['camera_param']['R'].T, atol=1e-6
    )
    torch.testing.assert_close(moved.joints[1], points[1])
