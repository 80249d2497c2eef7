"""The frames of crops, cameras and the world, against MMPose's own warp."""
import numpy as np
import torch
from mmpose.structures import PoseDataSample
from mmpose.structures.bbox import get_warp_matrix
from scipy.spatial.transform import Rotation

from hamuco_mm.models.prediction import (crop_to_image, to_camera_frame,
                                         world_to_crop_rotations)
from hamuco_mm.models.view_alignment import ViewAlignment
from hamuco_mm.structures import HandMesh

SIZE, SCALE = 128, 200.


def rotated_views(num_views=4, seed=0):
    """A rigid cloud in crops of different rotation, orthographic: its crop
    pixels by MMPose's warp give x and y of the crop's frame."""
    rng = np.random.default_rng(seed)
    world = rng.normal(0, 30, (50, 3))
    points, samples = [], []
    for view in range(num_views):
        R = Rotation.random(random_state=rng).as_matrix()
        angle = rng.uniform(-180, 180)
        camera = world @ R.T
        center = rng.uniform(50, 150, 2)
        warp = get_warp_matrix(
            center, np.array([SCALE] * 2), angle, output_size=(SIZE, SIZE))
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
                input_size=(SIZE, SIZE)))
        samples.append(sample)
    return torch.from_numpy(np.stack(points)).float(), samples, world


def test_extrinsics_and_crop_rotations_align_the_views():
    points, samples, world = rotated_views()
    R_world2crop, calibrated = world_to_crop_rotations(samples, 'cpu')
    assert calibrated.all()
    for R, seen in zip(R_world2crop.numpy(), points.numpy()):
        np.testing.assert_allclose(world @ R.T, seen, atol=1e-3)
    mask = torch.ones(1, len(points), dtype=torch.bool)
    fused = ViewAlignment(points[None], mask, R_world2crop[None]).fused()
    torch.testing.assert_close(fused[0], points, atol=1e-2, rtol=1e-4)


def test_meshes_return_to_the_camera_and_pixels_to_the_image():
    points, samples, world = rotated_views(seed=1)
    mesh = to_camera_frame(HandMesh(points, points), samples)
    for seen, sample, crop in zip(mesh.joints.numpy(), samples, points):
        meta = sample.metainfo
        camera = world @ meta['camera_param']['R'].T
        np.testing.assert_allclose(seen, camera, atol=1e-3)
        pixels = crop.numpy()[:, :2] * SIZE / SCALE + SIZE / 2
        np.testing.assert_allclose(
            crop_to_image(pixels, meta), camera[:, :2] + meta['input_center'],
            atol=1e-2)


def test_an_uncalibrated_sample_says_so():
    _, calibrated = world_to_crop_rotations([PoseDataSample()], 'cpu')
    assert not calibrated.any()
