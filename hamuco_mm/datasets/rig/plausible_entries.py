"""Entries of a rig's annotations that cannot be right are left out, with the reason."""

import numpy as np

from ...cameras import Camera
from ..left_out import LeftOutNotes
from ..plausible import far_joints, is_camera, is_hand, is_hand_box


class PlausibleEntries:
    """Looks at the numbers of each view.

    Args:
        source (str): The file or folder, for messages.
        notes (LeftOutNotes): Is told of each entry that cannot be right.
    """

    def __init__(self, source: str, notes: LeftOutNotes) -> None:
        self._source = source
        self._notes = notes

    def has_camera(self, image: dict, camera: Camera | None) -> bool:
        """Whether the camera of an image, if it is known, is one."""
        if camera is None or is_camera(camera.K, camera.R, camera.t):
            return True
        self._add(
            f'camera {image["camera"]} of {image["file_name"]}',
            'views left out: no camera has such numbers (pixels and metres are '
            'expected)',
        )
        return False

    def joints(
        self,
        place: str,
        keypoints: np.ndarray,
        confidence: np.ndarray,
        image_size: tuple[int, int],
    ) -> tuple[np.ndarray, np.ndarray]:
        """Pixels (21, 2) and confidences (21, ): both 0 where a joint is nowhere near
        its image."""
        far = far_joints(keypoints, image_size) & (confidence > 0)
        if not far.any():
            return keypoints, confidence
        self._add(place, 'views with joints far from their image: these weigh 0')
        return np.where(far[:, None], 0, keypoints), np.where(far, 0, confidence)

    def box(self, place: str, hand: dict, image_size: tuple[int, int]) -> dict:
        """The annotation, without its box where that is not near the image."""
        x, y, width, height = hand.get('bbox') or (0, 0, 0, 0)
        corners = np.array([x, y, x + width, y + height], np.float64)
        if width <= 0 or height <= 0 or is_hand_box(corners, image_size):
            return hand
        self._add(place, 'boxes left out: they are far from their image')
        return {key: value for key, value in hand.items() if key != 'bbox'}

    def is_hand(self, place: str, joints: np.ndarray) -> bool:
        """Whether a hand can have these 3D joints (21, 3), metres."""
        if is_hand(joints):
            return True
        self._add(
            place,
            'views without true joints: they are larger or smaller than any hand, or '
            'far away (metres are expected)',
        )
        return False

    def _add(self, place: str, reason: str) -> None:
        self._notes.add(f'{self._source}: {place}', reason)
