"""HanCo's files of one sequence, written so that they appear all at once."""

import json
import os
import os.path as osp
import shutil

import cv2
import numpy as np
import torch

from hamuco_mm.geometry import matrix_to_axis_angle
from hamuco_mm.utils.files import write_atomically

from .scene import Scene
from .scene_generator import SceneGenerator

# HanCo: sequences below are for training, the others for testing.
FIRST_TEST_SEQUENCE = 1200

_FOLDERS = ('rgb', 'rgb_2D_keypoints', 'calib', 'xyz', 'shape')
_DONE, _PARTS = '.generated', '.unfinished'


def start_folder(root: str) -> None:
    """Make a folder for a data set and claim it."""
    os.makedirs(osp.join(root, _DONE), exist_ok=True)


def is_generated(root: str) -> bool:
    """Whether a folder was claimed by :func:`start_folder`."""
    return osp.isdir(osp.join(root, _DONE))


def is_written(root: str, sequence: int, fingerprint: str) -> bool:
    """Whether a sequence is complete, and made with these settings."""
    try:
        with open(_marker(root, sequence)) as file:
            return file.read() == fingerprint
    except FileNotFoundError:
        return False


def write_sequence(
    generator: SceneGenerator,
    index: int,
    num_frames: int,
    root: str,
    sequence: int,
    fingerprint: str,
) -> None:
    """Generate a sequence and write it in HanCo's layout.

    Everything is written aside and then moved into place, the marker that
    :func:`is_written` looks for last: an interrupted run leaves nothing that
    could be taken for a complete sequence.

    Args:
        generator (SceneGenerator): Of the sequence's stream.
        index (int): Which sequence of the stream.
        num_frames (int): Number of frames.
        root (str): Folder of the data set.
        sequence (int): Number of the sequence in the data set.
        fingerprint (str): Of the settings, for :func:`is_written`.
    """
    scene = generator.scene(index, num_frames)
    name = f'{sequence:04d}'
    aside = osp.join(root, _PARTS, name)
    shutil.rmtree(aside, ignore_errors=True)
    _write_json_files(generator, scene, aside)
    write_images(generator, scene, osp.join(aside, 'rgb'))
    for folder in _FOLDERS:
        target = osp.join(root, folder, name)
        shutil.rmtree(target, ignore_errors=True)
        os.makedirs(osp.dirname(target), exist_ok=True)
        os.replace(osp.join(aside, folder), target)
    os.rmdir(aside)
    write_atomically(_marker(root, sequence), fingerprint)


def remove_leftovers(root: str) -> None:
    """Remove what interrupted runs have left aside."""
    shutil.rmtree(osp.join(root, _PARTS), ignore_errors=True)


def remove_sequence(root: str, sequence: int) -> None:
    """Remove a sequence, its marker first."""
    marker = _marker(root, sequence)
    if osp.exists(marker):
        os.remove(marker)
    for folder in _FOLDERS:
        shutil.rmtree(osp.join(root, folder, f'{sequence:04d}'), ignore_errors=True)


def written_sequences(root: str) -> list:
    """Numbers of the sequences that have a marker."""
    names = os.listdir(osp.join(root, _DONE))
    return sorted(int(name) for name in names if name.isdecimal())


def meta(frames: dict[int, int], subjects: dict[int, int]) -> dict:
    """HanCo's meta.json: for each key a list of sequences, each a list with
    one entry per frame; empty lists for numbers that are not used.

    Args:
        frames (dict): Number of frames of each sequence.
        subjects (dict): Person of each sequence.
    """

    def table(value):
        return [
            [value(sequence)] * frames.get(sequence, 0)
            for sequence in range(max(frames) + 1)
        ]

    return dict(
        is_train=table(lambda s: s < FIRST_TEST_SEQUENCE),
        subject_id=table(subjects.get),
        is_valid=table(lambda s: True),
        object_id=table(lambda s: None),
        has_fit=table(lambda s: True),
    )


def _marker(root: str, sequence: int) -> str:
    return osp.join(root, _DONE, f'{sequence:04d}')


def _write_json_files(generator: SceneGenerator, scene: Scene, aside: str) -> None:
    motion, rig = scene.motion, scene.rig
    labels = generator.labels(scene)
    poses = _mano_poses(generator, scene)
    M = np.tile(np.eye(4), (scene.num_views, 1, 1))
    M[:, :3, :3], M[:, :3, 3] = rig.R_world2cam, rig.t_world2cam
    for t in range(scene.num_frames):
        _dump(aside, 'calib', t, dict(K=rig.K.tolist(), M=M.tolist()))
        _dump(aside, 'xyz', t, motion.joints[t].tolist())
        _dump(
            aside,
            'shape',
            t,
            dict(
                poses=[poses[t].tolist()],
                shapes=[motion.betas.tolist()],
                global_t=[[motion.translation[t].tolist()]],
            ),
        )
        for view in range(scene.num_views):
            _dump(
                aside,
                'rgb_2D_keypoints',
                t,
                [
                    labels.keypoints[t, view].round(3).tolist(),
                    labels.confidences[t, view].round(4).tolist(),
                ],
                view,
            )


def _mano_poses(generator: SceneGenerator, scene: Scene) -> np.ndarray:
    """(T, 48) axis-angles, the fingers' relative to the model's mean pose."""
    poses = matrix_to_axis_angle(torch.from_numpy(scene.motion.rotations))
    poses[:, 1:] -= generator.layer.mean_pose
    return poses.flatten(1).numpy()


def _dump(
    aside: str,
    folder: str,
    frame: int,
    content: dict | list,
    view: int | None = None,
) -> None:
    parts = [aside, folder] + ([] if view is None else [f'cam{view}'])
    path = osp.join(*parts, f'{frame:08d}.json')
    os.makedirs(osp.dirname(path), exist_ok=True)
    with open(path, 'w') as file:
        json.dump(content, file)


def write_images(generator: SceneGenerator, scene: Scene, folder: str) -> None:
    """Render all frames of a scene, and write them as
    ``folder/cam<view>/<frame>.jpg``.

    Raises:
        FileExistsError: If the folder of a camera exists.
        OSError: If an image cannot be written.
    """
    backgrounds = generator.backgrounds(scene)
    sensors = generator.sensors(scene)
    for view in range(scene.num_views):
        os.makedirs(osp.join(folder, f'cam{view}'))
    for t in range(scene.num_frames):
        images = generator.render(scene, t, backgrounds=backgrounds)
        for view, image in enumerate(images):
            path = osp.join(folder, f'cam{view}', f'{t:08d}.jpg')
            quality = [cv2.IMWRITE_JPEG_QUALITY, sensors[view].jpeg_quality]
            if not cv2.imwrite(path, image, quality):
                raise OSError(f'cannot write {path}')
