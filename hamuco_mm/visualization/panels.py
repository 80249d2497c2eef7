"""The panels of a picture: an enlarged image with hands drawn over it."""

from typing import NamedTuple

import cv2
import numpy as np

from ..rendering.mesh_overlay import draw_mesh
from ..structures import Stage
from .placement import place_on_image
from .skeleton import draw_skeleton
from .view_pictures import MESH_COLORS

_BBOX_COLOR = (255, 255, 255)


class Canvas(NamedTuple):
    """An image; each panel draws on a copy of it.

    Attributes:
        image (np.ndarray): Resized to be drawn on, uint8 RGB (H, W, 3).
        zoom (float): Its size divided by that of the original image.
    """

    image: np.ndarray
    zoom: float

    @classmethod
    def fit(cls, image: np.ndarray, least: int, largest: int) -> 'Canvas':
        """Resize an image so that its height lies between two bounds."""
        height = image.shape[0]
        zoom = min(max(1.0, least / height), largest / height)
        resized = cv2.resize(
            image,
            None,
            fx=zoom,
            fy=zoom,
            interpolation=cv2.INTER_CUBIC if zoom > 1 else cv2.INTER_AREA,
        )
        return cls(resized, zoom)

    def place(self, pixels: np.ndarray) -> np.ndarray:
        """Pixels of the original image in this one; centres are integers."""
        return (pixels + 0.5) * self.zoom - 0.5

    def skeletons(
        self,
        instances: dict[str, np.ndarray],
        min_score: float,
        line_width: int,
        draw_bbox: bool = False,
    ) -> np.ndarray:
        """The joints of all instances, and their boxes if asked for.

        Args:
            instances (dict): ``keypoints`` (I, 21, 2+) and, where known,
                ``keypoint_scores`` or ``keypoints_visible`` (I, 21) and
                ``bboxes`` (I, 4), in pixels of the original image.
            min_score (float): Least score of a joint that is drawn.
            line_width (int): Of bones, in pixels.
            draw_bbox (bool): Whether to draw the boxes.
        """
        image = self.image
        keypoints = instances['keypoints']
        scores = instances.get(
            'keypoint_scores',
            instances.get('keypoints_visible', np.ones(keypoints.shape[:2])),
        )
        for points, weights in zip(keypoints, scores):
            image = draw_skeleton(
                image, self.place(points[:, :2]), weights, min_score, line_width
            )
        if draw_bbox and 'bboxes' in instances:
            image = image.copy()
            for bbox in instances['bboxes']:
                corners = np.round(self.place(bbox.reshape(2, 2))).astype(int)
                first, second = corners.tolist()
                cv2.rectangle(image, first, second, _BBOX_COLOR, 1)
        return image

    def meshes(
        self, hands: dict[str, np.ndarray], stage: Stage, faces: np.ndarray
    ) -> np.ndarray:
        """The meshes of a stage where their joints are predicted in 2D.

        Args:
            hands (dict): Fields of ``pred_instances`` of I hands.
            stage (Stage): Whose meshes.
            faces (np.ndarray): (F, 3) vertex ids, anticlockwise from outside.
        """
        image = self.image
        for vertices, joints, keypoints in zip(
            *(
                hands[stage.field(name)]
                for name in ('vertices', 'keypoints_cam', 'keypoints')
            )
        ):
            pixels = self.place(place_on_image(vertices, joints, keypoints))
            image = draw_mesh(image, vertices, faces, pixels, MESH_COLORS[stage])
        return image


def with_caption(picture: np.ndarray, text: str) -> np.ndarray:
    """A copy with a caption in its upper left corner, black on white."""
    picture = picture.copy()
    font, scale = cv2.FONT_HERSHEY_SIMPLEX, 0.45
    (width, height), below = cv2.getTextSize(text, font, scale, 1)
    picture[: height + below + 6, : width + 8] = 255
    return cv2.putText(
        picture, text, (4, height + 3), font, scale, (0, 0, 0), 1, cv2.LINE_AA
    )
