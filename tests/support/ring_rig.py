"""A ring of cameras around a moving hand, as data infos, and what people do to it."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from hamuco_mm.synthesis import SceneConfig, SceneGenerator

WIDTH, HEIGHT = 640, 480
FOCAL = 900.0
RADIUS = 0.6
# Two cameras that face each other see nearly nothing of each other's mistakes.
_PAIR = 0.35 * np.pi


def moving_hand(num_steps: int = 16, seed: int = 1) -> np.ndarray:
    """Joints of a right hand about the origin, (T, 21, 3) metres."""
    generator = SceneGenerator(seed, config=SceneConfig(labels=None))
    joints = generator.scene(0, num_steps).motion.joints
    return joints - joints.mean((0, 1))


@dataclass
class RingRig:
    """Labels of a hand by cameras on a ring.

    Attributes:
        joints (np.ndarray): World metres, (T, 21, 3).
        num_views (int): Cameras ``cam0`` to ``cam<V-1>``.
        noise (float): Standard deviation of x and of y, pixels.
        wrong (float): Share of labels that lie anywhere.
        dist (Sequence[float]): Of all lenses.
        seed (int): Of noise and wrong labels.
    """

    joints: np.ndarray
    num_views: int
    noise: float = 0.0
    wrong: float = 0.0
    dist: Sequence[float] = field(default=(0, 0, 0, 0, 0))
    seed: int = 0

    def camera(self, view: int) -> dict[str, np.ndarray]:
        """K, R, t and dist of a view."""
        angle = view * (_PAIR if self.num_views == 2 else 2 * np.pi / self.num_views)
        angle += 0.3 + 0.15 * (view % 3)
        height = (0.25, -0.15, 0.1)[view % 3]
        eye = np.array([RADIUS * np.cos(angle), height, RADIUS * np.sin(angle)])
        z = -eye / np.linalg.norm(eye)
        x = np.cross(z, [0, 1, 0])
        x /= np.linalg.norm(x)
        R = np.stack([x, np.cross(z, x), z])
        K = np.array(
            [
                [FOCAL + 9 * view, 0, WIDTH / 2 + 6 * view],
                [0, FOCAL + 7 * view, HEIGHT / 2 - 4 * view],
                [0, 0, 1],
            ]
        )
        return dict(K=K, R=R, t=-R @ eye, dist=np.array(self.dist, float))

    def views(self) -> list[dict]:
        """Data infos, time step by time step."""
        rng = np.random.default_rng(self.seed)
        found = []
        for step, joints in enumerate(self.joints):
            for view in range(self.num_views):
                camera = self.camera(view)
                pixels = cv2.projectPoints(
                    joints,
                    cv2.Rodrigues(camera['R'])[0],
                    camera['t'],
                    camera['K'],
                    camera['dist'],
                )[0][:, 0]
                pixels += self.noise * rng.normal(size=pixels.shape)
                anywhere = rng.random(len(pixels)) < self.wrong
                pixels[anywhere] = rng.random((anywhere.sum(), 2)) * [WIDTH, HEIGHT]
                found.append(
                    dict(
                        frame_id=f'take/{step:04d}',
                        sequence='take',
                        camera_id=view,
                        camera=f'cam{view}',
                        hand_side='right',
                        image_size=np.array([WIDTH, HEIGHT]),
                        keypoints=pixels[None],
                        keypoints_visible=np.ones((1, len(pixels))),
                        camera_param=camera,
                    )
                )
        return found


def changed(
    views: list[dict],
    change: Callable[[dict], None],
    cameras: Sequence[int] | None = None,
) -> list[dict]:
    """Data infos of which some cameras' (default: all) were changed in place."""
    views = copy.deepcopy(views)
    for view in views:
        if cameras is None or view['camera_id'] in cameras:
            change(view)
    return views


def labels(function: Callable[[np.ndarray], np.ndarray]) -> Callable[[dict], None]:
    """A change of the labels, (1, 21, 2)."""

    def change(view: dict) -> None:
        view['keypoints'] = function(view['keypoints'])

    return change


def cameras(function: Callable[..., dict]) -> Callable[[dict], None]:
    """A change of K, R, t or dist: a function of all that gives the new ones."""

    def change(view: dict) -> None:
        view['camera_param'].update(function(**view['camera_param']))

    return change
