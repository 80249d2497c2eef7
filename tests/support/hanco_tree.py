"""A small data set in HanCo's layout, made of real files."""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np

NUM_JOINTS = 21
IMAGE_SIZE = (224, 200)  # width, height


class HanCoTree:
    """Writes a data set whose labels are exact projections.

    Args:
        root (Path): Where to write.
        sequences (dict): Number of the sequence -> number of frames.
        num_cameras (int): Cameras of each time step.
    """

    def __init__(
        self,
        root: Path,
        sequences=None,
        num_cameras=3,
        seed=0,
        img='rgb',
        keypoints='rgb_2D_keypoints',
    ):
        self.root = Path(root)
        self.num_cameras = num_cameras
        self.img, self.keypoints = img, keypoints
        self.rng = np.random.default_rng(seed)
        self.xyz, self.K, self.M, self.uv, self.conf = {}, {}, {}, {}, {}
        for sequence, frames in (sequences or {0: 2}).items():
            for frame in range(frames):
                self.write_frame(sequence, frame)

    def write_frame(self, sequence: int, frame: int) -> None:
        key = (sequence, frame)
        xyz = self.rng.normal(scale=0.04, size=(NUM_JOINTS, 3))
        self.xyz[key] = xyz
        all_K, all_M = [], []
        for camera in range(self.num_cameras):
            angle = 2 * np.pi * camera / self.num_cameras
            M = np.eye(4)
            M[:3, :3] = cv2.Rodrigues(np.array([0.1, angle, 0.0]))[0]
            M[:3, 3] = 0.01 * camera, 0, 0.8
            K = np.array([[400.0, 0, 112], [0, 410, 100], [0, 0, 1]])
            all_K.append(K)
            all_M.append(M)
            uv, _ = cv2.projectPoints(
                xyz, cv2.Rodrigues(M[:3, :3])[0], M[:3, 3], K, None
            )
            self.K[(*key, camera)], self.M[(*key, camera)] = K, M
            self.uv[(*key, camera)] = uv[:, 0]
            conf = self.rng.uniform(0.4, 1, NUM_JOINTS)
            self.conf[(*key, camera)] = conf
            self.write_label(key, camera, [uv[:, 0].tolist(), conf.tolist()])
            self.write_image(key, camera)
        self.write_json(
            self.frame_path('calib', *key),
            dict(K=np.array(all_K).tolist(), M=np.array(all_M).tolist()),
        )
        self.write_json(self.frame_path('xyz', *key), xyz.tolist())

    def write_image(self, key, camera: int) -> None:
        """An image whose grey value says which view it is."""
        path = self.image_path(*key, camera)
        path.parent.mkdir(parents=True, exist_ok=True)
        level = self.level(*key, camera)
        image = np.full((IMAGE_SIZE[1], IMAGE_SIZE[0], 3), level, np.uint8)
        assert cv2.imwrite(str(path), image)

    @staticmethod
    def level(sequence, frame, camera) -> int:
        return 20 + (sequence * 31 + frame * 7 + camera * 40) % 200

    def write_label(self, key, camera: int, content) -> None:
        self.write_json(self.label_path(*key, camera), content)

    @staticmethod
    def write_json(path: Path, content) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text)

    def write_fits(self) -> None:
        """A rest pose for each frame, moved by a translation."""
        for (sequence, frame), xyz in self.xyz.items():
            self.write_json(
                self.frame_path('shape', sequence, frame),
                dict(
                    poses=np.zeros((1, 48)).tolist(),
                    shapes=np.zeros((1, 10)).tolist(),
                    global_t=[[xyz[0].tolist()]],
                ),
            )

    def image_path(self, sequence, frame, camera) -> Path:
        return self.root / self.img / f'{sequence:04d}/cam{camera}/{frame:08d}.jpg'

    def label_path(self, sequence, frame, camera) -> Path:
        return (
            self.root / self.keypoints / f'{sequence:04d}/cam{camera}/{frame:08d}.json'
        )

    def frame_path(self, kind, sequence, frame) -> Path:
        return self.root / kind / f'{sequence:04d}/{frame:08d}.json'

    def remove(self, kind: str) -> None:
        shutil.rmtree(self.root / kind)
