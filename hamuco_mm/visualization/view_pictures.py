"""Pictures of one evaluated view: its image, label, predictions and truth."""

import cv2
import mmcv
import numpy as np
from mmpose.structures import PoseDataSample

from ..cameras import Camera
from ..datasets.storage import read_file
from ..evaluation.case_choice import view_error
from ..evaluation.functional import align_points
from ..rendering.mesh_overlay import Color, draw_mesh
from ..structures import Stage, ground_truth, prediction
from .placement import place_on_image
from .side_view import draw_side_view
from .skeleton import draw_skeleton

# RGB of the meshes of each stage and of the truth.
MESH_COLORS: dict[str, Color] = {
    Stage.SINGLE: (0.50, 0.70, 0.95),
    Stage.INTERACT: (0.45, 0.80, 0.72),
    Stage.FUSION: (0.98, 0.66, 0.42),
    'truth': (0.72, 0.80, 0.58),
}
_OUTSIDE_IMAGE = (235, 235, 235)


class ViewPictures:
    """Draws one view of a time step: the part that the network saw.

    Every picture is uint8 RGB (size, size, 3), or None where the sample lacks
    what it shows.

    Args:
        sample (PoseDataSample): As ``model.test_step`` returns it, with
            ``img_path`` in its metainfo.
        faces (np.ndarray): (F, 3) of the predicted meshes.
        size (int): Side of the pictures in pixels.
    """

    def __init__(
        self, sample: PoseDataSample, faces: np.ndarray, size: int = 288
    ) -> None:
        self.metainfo = sample.metainfo
        self.faces = np.asarray(faces)
        self.size = size
        self._sample = sample.to_dict()
        image = mmcv.imfrombytes(
            read_file(self.metainfo['img_path']), channel_order='rgb'
        )
        if self.metainfo.get('mirrored'):
            image = np.ascontiguousarray(image[:, ::-1])
        self._scale, self._offset = self._cut_out()
        self._image = cv2.warpAffine(
            image,
            np.column_stack([self._scale * np.eye(2), self._offset]),
            (size, size),
            flags=cv2.INTER_CUBIC,
            borderValue=_OUTSIDE_IMAGE,
        )

    def image(self) -> np.ndarray:
        """The input, larger."""
        return self._image.copy()

    def label(self) -> np.ndarray:
        """The 2D label as a skeleton; joints without confidence are left out."""
        labels = self._sample['gt_instances']
        return draw_skeleton(
            self._image,
            self._to_picture(labels['keypoints'][0]),
            labels['keypoints_visible'][0],
        )

    def predicted(self, stage: str) -> np.ndarray | None:
        """The predicted mesh over the image, by weak perspective."""
        vertices, joints, keypoints = (
            prediction(self._sample, name, stage)
            for name in ('vertices', 'keypoints_cam', 'keypoints')
        )
        if vertices is None or joints is None or keypoints is None:
            return None
        pixels = place_on_image(vertices, joints, keypoints)
        return draw_mesh(
            self._image,
            vertices,
            self.faces,
            self._to_picture(pixels),
            MESH_COLORS[stage],
        )

    def truth(self) -> np.ndarray | None:
        """The true mesh over the image, or the joints if there is no mesh."""
        camera = Camera.from_camera_param(self.metainfo.get('camera_param') or {})
        vertices = ground_truth(self._sample, 'vertices')
        joints = ground_truth(self._sample, 'keypoints_cam')
        if not camera.has_intrinsics or joints is None:
            return None
        points = joints if vertices is None else vertices
        pixels = self._to_picture(camera.project(points))
        if vertices is None:
            return draw_skeleton(self._image, pixels, np.ones(len(joints)))
        return draw_mesh(
            self._image,
            vertices,
            self.faces,
            pixels,
            MESH_COLORS['truth'],
        )

    def side(self, stage: str) -> np.ndarray | None:
        """The predicted mesh seen from the image's right.

        Where there is a true hand, the prediction is shown in its size: one
        camera cannot tell it.
        """
        vertices = prediction(self._sample, 'vertices', stage)
        joints = prediction(self._sample, 'keypoints_cam', stage)
        if vertices is None or joints is None:
            return None
        truth = ground_truth(self._sample, 'keypoints_cam')
        if truth is not None:
            vertices = align_points(vertices, joints, truth, truth, 'scale')[0].numpy()
        return draw_side_view(vertices, self.faces, self.size, MESH_COLORS[stage])

    def side_truth(self) -> np.ndarray | None:
        """The true mesh seen from the image's right."""
        vertices = ground_truth(self._sample, 'vertices')
        joints = ground_truth(self._sample, 'keypoints_cam')
        if vertices is None or joints is None:
            return None
        vertices = align_points(vertices, joints, joints, joints, 'root')[0].numpy()
        return draw_side_view(vertices, self.faces, self.size, MESH_COLORS['truth'])

    def error(self, stage: str) -> float | None:
        """PA-MPJPE of this view in mm."""
        return view_error(self._sample, stage)

    def _cut_out(self) -> tuple[float, np.ndarray]:
        """Scale and offset (2,) from image pixels to the picture's."""
        scale = self.size / max(self.metainfo['input_scale'])
        # Pixel centres are integers: the picture's middle is (size - 1) / 2.
        middle = (self.size - 1) / 2
        return scale, middle - scale * np.asarray(self.metainfo['input_center'])

    def _to_picture(self, pixels: np.ndarray) -> np.ndarray:
        return self._scale * pixels + self._offset
