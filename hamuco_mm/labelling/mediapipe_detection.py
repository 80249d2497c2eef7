"""Hands that MediaPipe finds: its palm detector, and the landmarks beside it."""

from typing import Any

import cv2
import numpy as np

# In place of a detector of MMDetection.
MEDIAPIPE = 'mediapipe'


class MediaPipeDetector:
    """Boxes of the hands that MediaPipe finds, of either side.

    A palm is detected first, then 21 landmarks in it; the box is that of the
    landmarks, as boxes of labels are. Its score says how sure the side of the hand
    is: MediaPipe gives no other.

    Args:
        max_hands (int): At most so many in an image. Defaults to 2.
        min_confidence (float): Of the palm. Defaults to 0.3.

    Raises:
        ImportError: If MediaPipe is not installed, or one without hand models.
    """

    def __init__(self, max_hands: int = 2, min_confidence: float = 0.3) -> None:
        try:
            # later releases have no module of this name
            from mediapipe.python.solutions.hands import Hands
        except ImportError as error:
            raise ImportError(
                f"the detector 'mediapipe' needs mediapipe==0.10.21 ({error}): "
                "pip install 'hamuco_mm[mediapipe]' in an environment of Python 3.10 to "
                "3.12 without the extras 'onnx' and 'tests', whose protobuf is another. "
                'Or give boxes'
            ) from error
        self._hands: Any = Hands(
            static_image_mode=True,
            max_num_hands=max_hands,
            min_detection_confidence=min_confidence,
        )

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Boxes and scores (N, 5) in an image, uint8 BGR (H, W, 3)."""
        found = self._hands.process(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
        height, width = image.shape[:2]
        boxes = []
        for hand, side in zip(
            found.multi_hand_landmarks or (), found.multi_handedness or ()
        ):
            points = np.array([(p.x * width, p.y * height) for p in hand.landmark])
            score = side.classification[0].score
            boxes.append([*points.min(0), *points.max(0), score])
        return np.array(boxes, np.float32).reshape(-1, 5)
