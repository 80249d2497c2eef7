"""The views of generated time steps, made when they are asked for."""

from functools import lru_cache

import cv2
import numpy as np

from hamuco_mm.cameras import points_in_camera
from hamuco_mm.datasets.bbox import hand_or_image_bbox

from .renderers import make_renderer
from .scene import Scene, SceneConfig
from .scene_generator import SceneGenerator


class GeneratedViews:
    """Renders views of time steps as data infos.

    View v of V of time step i has number ``i * V + v``.

    Args:
        config (SceneConfig): What is generated.
        stream (str): Of the generator.
        seed (int): Of the generator.
        renderer (str): 'numpy', 'moderngl' or 'auto'.
    """

    def __init__(
        self, config: SceneConfig, stream: str, seed: int, renderer: str
    ) -> None:
        self.config = config
        self.stream = stream
        self.seed = seed
        self.renderer = renderer

    def keys(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Number of the time step and camera id of each view, both (N, )."""
        steps, cameras = np.divmod(numbers, self.config.rig.num_views)
        return steps, cameras

    def info(self, number: int) -> dict:
        """The data info of one view."""
        return self.infos(np.array([number]))[0]

    def infos(self, numbers: np.ndarray) -> list[dict]:
        """The data infos of several views (N, ); those of a time step are rendered
        together."""
        steps, cameras = self.keys(numbers)
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
            label = labels.keypoints[0, camera], labels.confidences[0, camera]
            info.update(
                img=_as_jpeg(image, sensors[camera].jpeg_quality),
                keypoints=label[0][None].astype(np.float32),
                keypoints_visible=label[1][None].astype(np.float32),
                bbox=hand_or_image_bbox(*label, info['image_size'])[None],
                bbox_score=np.ones(1, np.float32),
            )
            infos.append(info)
        return infos

    def _facts(self, scene: Scene, step: int, camera: int) -> dict:
        """What is exact: names, camera, 3D truth."""
        number = step * self.config.rig.num_views + camera
        rig, motion = scene.rig, scene.motion
        R, t = rig.R_world2cam[camera], rig.t_world2cam[camera]
        lens = rig.dist[camera]
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
                **(dict(dist=lens.astype(np.float32)) if lens.any() else {}),
            ),
            keypoints_cam=points_in_camera(motion.joints, R, t).astype(np.float32),
            vertices=points_in_camera(motion.vertices, R, t).astype(np.float32),
        )


@lru_cache(maxsize=4)
def _generator(
    config: SceneConfig, stream: str, seed: int, renderer: str
) -> SceneGenerator:
    return SceneGenerator(seed, stream, config, make_renderer(renderer))


def _as_jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    """As it comes out of a file: compression leaves its traces."""
    _, content = cv2.imencode('.jpg', image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(content, cv2.IMREAD_COLOR)
