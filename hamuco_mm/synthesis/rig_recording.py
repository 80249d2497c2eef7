"""A generated recording as a rig of cameras would leave it: videos,
calibration, labels of each frame."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np

from hamuco_mm.utils.files import write_atomically
from hamuco_mm.utils.video_files import VideoFile

from .scene import Scene
from .scene_generator import SceneGenerator

FPS = 30


def write_recording(
    generator: SceneGenerator,
    scene: Scene,
    out: Path,
    early: Mapping[str, int] | None = None,
    advance: Callable[[], None] = lambda: None,
) -> None:
    """Write ``cam<i>.mp4``, ``calibration.toml`` and ``labels/cam<i>/``.

    The calibration is in Anipose's form, in millimetres. Labels are called
    after the frame of their video.

    Args:
        generator (SceneGenerator): Of the scene.
        scene (Scene): What is seen.
        out (Path): Directory, which must not have such files yet.
        early (Mapping[str, int], optional): Number of frames by which a
            camera was started before the others.
        advance (callable): Called after each frame.

    Raises:
        FileExistsError: If there is a calibration already.
        OSError: If a video cannot be written.
    """
    early = dict(early or {})
    calibration = out / 'calibration.toml'
    if calibration.exists():
        raise FileExistsError(f'{calibration} is there already')
    out.mkdir(parents=True, exist_ok=True)
    # frame f of camera c shows moment f + first - early[c]
    first = max([0, *early.values()])
    names = [f'cam{view}' for view in range(scene.num_views)]
    backgrounds = generator.backgrounds(scene)
    labels = generator.labels(scene)
    with ExitStack() as stack:
        videos = [
            stack.enter_context(VideoFile(out / f'{name}.mp4', FPS)) for name in names
        ]
        for moment in range(scene.num_frames):
            images = generator.render(scene, moment, backgrounds=backgrounds)
            for view, name in enumerate(names):
                frame = moment - first + early.get(name, 0)
                if frame < 0:
                    continue
                videos[view].write(images[view][..., ::-1])
                path = out / 'labels' / name / f'{frame:06d}.json'
                path.parent.mkdir(parents=True, exist_ok=True)
                joints = np.column_stack(
                    [labels.keypoints[moment, view], labels.confidences[moment, view]]
                )
                label = dict(keypoints=joints.round(3).tolist(), hand_side='right')
                write_atomically(path, json.dumps(label))
            advance()
    write_atomically(calibration, _toml(scene, names))


def _toml(scene: Scene, names: Sequence[str]) -> str:
    lines = []
    rig = scene.rig
    for view, name in enumerate(names):
        rotation = cv2.Rodrigues(rig.R_world2cam[view])[0][:, 0]
        lines += [
            f'[cam_{view}]',
            f'name = "{name}"',
            f'size = [{rig.image_size}, {rig.image_size}]',
            f'matrix = {rig.K[view].tolist()}',
            f'distortions = {rig.dist[view].tolist()}',
            f'rotation = {rotation.tolist()}',
            f'translation = {(1000 * rig.t_world2cam[view]).tolist()}',
            '',
        ]
    return '\n'.join(lines) + '[metadata]\n'
