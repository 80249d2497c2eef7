"""A recording with the same hands in the same cameras, but generated pictures."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch

from hamuco_mm.datasets.hanco.layout import HanCoLayout
from hamuco_mm.datasets.hanco.parsing import read_cameras, read_joints_3d
from hamuco_mm.hand_model import MANOLayer
from hamuco_mm.hand_model.joint_fitting import fit_joints
from hamuco_mm.utils.image_headers import open_image
from hamuco_mm.utils.json_files import MalformedFileError

from .motion import HandMotion
from .rig import Rig
from .scene_generator import SceneGenerator


class RenderedStep(NamedTuple):
    """A time step of a recording, rendered.

    Attributes:
        frame (str): Its name.
        cameras (list): Ids of the V cameras that have an image of it.
        images (np.ndarray): BGR, uint8 (V, S, S, 3).
        joints (np.ndarray): Of the hand that is shown, world metres (21, 3).
        keypoints (np.ndarray): Their pixels, (V, 21, 2).
    """

    frame: str
    cameras: list[int]
    images: np.ndarray
    joints: np.ndarray
    keypoints: np.ndarray


def image_size_of(layout: HanCoLayout) -> int:
    """Side of the images, pixels.

    Raises:
        ValueError: If the first one is not square.
    """
    sequence = layout.sequences()[0]
    camera = layout.cameras(sequence)[0]
    frame = min(layout.frames('img', sequence, camera))
    with layout.open_image(sequence, camera, frame) as file:
        width, height = open_image(file).size
    if width != height:
        raise ValueError(
            f'{layout.view_path("img", sequence, camera, frame)} has {width}x{height} '
            'pixels; only square images are rendered: crop them'
        )
    return width


def rendered_again(
    generator: SceneGenerator, layout: HanCoLayout, sequence: str, hand: MANOLayer
) -> Iterator[RenderedStep]:
    """Render the time steps of a sequence, each with another person's skin, light and
    background.

    The hand is the one nearest to the 3D joints, of one shape for the sequence.

    Args:
        generator (SceneGenerator): Whose look they get; its ``image_size`` is that of
            the images.
        layout (HanCoLayout): With cameras and 3D joints.
        sequence (str): Its name.
        hand (MANOLayer): In float64, with the joints that the recording's labels mean.

    Raises:
        FileNotFoundError, MalformedFileError: If a file of a time step cannot be read,
            or has no camera of an image.
    """
    seen: dict[str, list[int]] = {}
    for camera in layout.cameras(sequence):
        for frame in sorted(layout.frames('img', sequence, camera)):
            seen.setdefault(frame, []).append(camera)
    frames = sorted(seen)
    joints = [
        read_joints_3d(layout.frame_path('xyz', sequence, frame)) for frame in frames
    ]
    fit = fit_joints(hand, torch.from_numpy(np.stack(joints)))
    angles, still = np.zeros((1, 5, 4)), np.zeros((1, 3))
    for number, frame in enumerate(frames):
        calibration = layout.frame_path('calib', sequence, frame)
        K, M = read_cameras(calibration)
        if max(seen[frame]) >= len(K):
            raise MalformedFileError(calibration, f'has no cam{max(seen[frame])}')
        K, M = K[seen[frame]], M[seen[frame]]
        size, one = generator.config.image_size, slice(number, number + 1)
        rig = Rig(K, M[:, :3, :3], M[:, :3, 3], size, np.zeros((len(K), 5)))
        motion = HandMotion(
            angles,
            fit.rotations[one].numpy(),
            fit.betas.numpy(),
            still,
            fit.vertices[one].numpy(),
            fit.joints[one].numpy(),
        )
        scene = replace(generator.scene(number, 1), motion=motion, rig=rig, things=())
        yield RenderedStep(
            frame,
            seen[frame],
            generator.render(scene, 0),
            motion.joints[0],
            rig.project(motion.joints)[0],
        )
