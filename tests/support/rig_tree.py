"""A rig in the folder layout, whose labels are exact projections."""

import json

import cv2
import numpy as np
from calibration_files import SIZE, make_cameras

from hamuco_mm.cameras import write_calibration
from hamuco_mm.datasets.rig import HandLabel, write_label


class RigTree:
    """Writes a rig of cameras with distortion in the folder layout."""

    def __init__(self, root, frames=3, sequence='take1', num_cameras=3):
        self.root, self.sequence = root, sequence
        rng = np.random.default_rng(0)
        self.cameras = make_cameras(num_cameras)
        self.xyz = rng.normal(scale=0.04, size=(frames, 21, 3))
        self.uv, self.confidence = {}, {}
        for t in range(frames):
            for name, camera in self.cameras.items():
                uv = camera.project(self.xyz[t] @ camera.R.T + camera.t)
                confidence = rng.uniform(0.4, 1, 21)
                self.uv[name, t], self.confidence[name, t] = uv, confidence
                image = np.full((SIZE[1], SIZE[0], 3), 40 * t + 20, np.uint8)
                path = self.path('images', name, t, '.jpg')
                path.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(path), image)
                write_label(self.path('labels', name, t), HandLabel(uv, confidence))
            path = root / f'xyz/{sequence}/{t:08d}.json'
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(self.xyz[t].tolist()))
        write_calibration(root / 'calibration.json', self.cameras)

    def path(self, kind, camera, frame, suffix='.json'):
        return self.root / kind / self.sequence / camera / f'{frame:08d}{suffix}'
