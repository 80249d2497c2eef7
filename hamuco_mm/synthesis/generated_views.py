"""The views of generated time steps, made when they are asked for."""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np

from hamuco_mm.cameras import points_in_camera
from hamuco_mm.datasets.bbox import bbox_from_keypoints, image_bbox
from hamuco_mm.datasets.selection import Selection

from .renderers import make_renderer
from .scene import Scene, SceneConfig
from .scene_generator import SceneGenerator


class GeneratedViews(Sequence):
    """A list of data infos, one for each view, that stores only their numbers.

    View v of V of time step i has number ``i * V + v``.

    Args:
        config (SceneConfig): What is generated.
        stream (str): Of the generator.
        seed (int): Of the generator.
        renderer (str): 'numpy', 'moderngl' or 'auto'.
        numbers (np.ndarray): Of the views, in order.
    """

    def __init__(
        self,
        config: SceneConfig,
        stream: str,
        seed: int,
        renderer: str,
        numbers: np.ndarray,
    ) -> None:
        self.config = config
        self.stream = stream
        self.seed = seed
        self.renderer = renderer
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, selection: Selection) -> 'GeneratedViews':
        """The views that numpy indexing of the numbers selects."""
        return GeneratedViews(
            self.config, self.stream, self.seed, self.renderer, self.numbers[selection]
        )

    def view_keys(self) -> tuple[np.ndarray, np.ndarray]:
        """Number of the time step and camera id of each view, both (N, )."""
        steps, cameras = np.divmod(self.numbers, self.config.rig.num_views)
        return steps, cameras

    def __getitem__(self, position):
        if isinstance(position, slice):
            return self.take(position)
        return self.infos([position])[0]

    def infos(self, positions: Sequence[int] | np.ndarray) -> list[dict]:
        """The data infos of several views; those of a time step are rendered
        together."""
        steps, cameras = np.divmod(
            self.numbers[np.asarray(positions)], self.config.rig.num_views
        )
        infos: list[dict] = [{} for _ in steps]
        for step in np.unique(steps):
            places = np.flatnonzero(steps == step)
            for place, info in zip(places, self._render(int(step), cameras[places])):
                infos[place] = info
        return infos

    def _render(self, step: int, cameras: np.ndarray) -> list[dict]:
        """The data infos of some cameras of a time step."""
        # made in the process that renders: OpenGL's contexts outlive no fork
        generator = _generator(self.config, self.stream, self.seed, self.renderer)
        scene = generator.scene(step, 1)
        images = generator.render(scene, 0, cameras.tolist())
        sensors, labels = generator.sensors(scene), generator.labels(scene)
        infos = []
        for image, camera in zip(images, cameras.tolist()):
            info = self._facts(scene, step, camera)
            info['img'] = _as_jpeg(image, sensors[camera].jpeg_quality)
            info.update(
                _labels(
                    labels.keypoints[0, camera],
                    labels.confidences[0, camera],
                    info['image_size'],
                )
            )
            infos.append(info)
        return infos

    def _facts(self, scene: Scene, step: int, camera: int) -> dict:
        """What is exact: names, camera, 3D truth."""
        number = step * self.config.rig.num_views + camera
        rig, motion = scene.rig, scene.motion
        R, t = rig.R_world2cam[camera], rig.t_world2cam[camera]
        sequence = f'{step:08d}'
        return dict(
            img_path=f'{self.stream}/{self.seed}/{sequence}/cam{camera}.jpg',
            img_id=number,
            id=number,
            sequence=sequence,
            frame_id=f'{sequence}/00000000',
            camera_id=camera,
            hand_side='right',
            image_size=np.full(2, self.config.image_size, np.int32),
            camera_param=dict(
                K=rig.K[camera].astype(np.float32),
                R=R.astype(np.float32),
                t=t.astype(np.float32),
            ),
            keypoints_cam=_float32(points_in_camera(motion.joints, R, t)),
            vertices=_float32(points_in_camera(motion.vertices, R, t)),
        )


@lru_cache(maxsize=4)
def _generator(
    config: SceneConfig, stream: str, seed: int, renderer: str
) -> SceneGenerator:
    return SceneGenerator(seed, stream, config, make_renderer(renderer))


def _float32(points: np.ndarray) -> np.ndarray:
    return np.asarray(points, np.float32)


def _as_jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    """As it comes out of a file: compression leaves its traces."""
    _, content = cv2.imencode('.jpg', image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(content, cv2.IMREAD_COLOR)


def _labels(
    keypoints: np.ndarray, confidences: np.ndarray, image_size: np.ndarray
) -> dict:
    """The 2D labels of a view, (21, 2) and (21, ), and the box around them."""
    bbox = bbox_from_keypoints(keypoints, confidences)
    if bbox is None:
        bbox = image_bbox(image_size)
    return dict(
        keypoints=_float32(keypoints)[None],
        keypoints_visible=_float32(confidences)[None],
        bbox=bbox[None],
        bbox_score=np.ones(1, np.float32),
    )
