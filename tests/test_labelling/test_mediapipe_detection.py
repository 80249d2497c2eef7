"""The palm detector of MediaPipe as one of ours."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from hamuco_mm.apis import HaMuCoInferencer
from hamuco_mm.labelling.detection import open_detector
from hamuco_mm.labelling.mediapipe_detection import MediaPipeDetector
from hamuco_mm.synthesis import SceneConfig, SceneGenerator


@pytest.fixture(scope='module')
def hands():
    """Generated images (320, 320, 3) and the boxes of the joints in them."""
    generator = SceneGenerator(5, 'train', SceneConfig(image_size=320))
    samples = [generator.sample(index, False) for index in range(12)]
    points = np.array([sample['keypoints'] for sample in samples])
    boxes = np.concatenate([points.min(1), points.max(1)], 1)
    return [sample['image'] for sample in samples], boxes


def overlap(box, other):
    """IoU of two boxes."""
    low, high = np.maximum(box[:2], other[:2]), np.minimum(box[2:], other[2:])
    shared = np.prod(np.clip(high - low, 0, None))
    return shared / (
        np.prod(box[2:] - box[:2]) + np.prod(other[2:] - other[:2]) - shared
    )


def test_boxes_are_those_of_the_joints(hands):
    pytest.importorskip('mediapipe.python.solutions', reason='an optional extra')
    detector = open_detector('mediapipe', None, [0])
    found = {index: detector(image) for index, image in enumerate(hands[0])}
    found = {index: boxes for index, boxes in found.items() if len(boxes)}
    # generated hands are not its own kind of picture
    assert len(found) >= 6
    for boxes in found.values():
        assert boxes.shape[1] == 5 and boxes.dtype == np.float32
        assert ((boxes[:, 4] > 0) & (boxes[:, 4] <= 1)).all()
    shares = [overlap(boxes[0, :4], hands[1][i]) for i, boxes in found.items()]
    assert np.median(shares) > 0.6
    assert detector(np.full((240, 320, 3), 120, np.uint8)).shape == (0, 5)


def test_the_inferencer_takes_it_by_name(hands):
    pytest.importorskip('mediapipe.python.solutions', reason='an optional extra')
    inferencer = HaMuCoInferencer('hamuco', device='cpu', det_model='mediapipe')
    image = next(image for image in hands[0] if len(inferencer.find_hands(image)))
    (result,) = inferencer(image)
    (hand,) = result['predictions'][0]
    assert hand['bbox_origin'] == 'detector'
    np.testing.assert_allclose(
        hand['bbox'], inferencer.find_hands(image)[0, :4], atol=1e-3
    )


def test_what_goes_to_mediapipe_and_comes_from_it(monkeypatch):
    """Its Hands is stood in for, as most environments lack it: pixels are red, green,
    blue; landmarks are shares of the width and of the height."""
    seen = []

    class Hands:
        def __init__(self, **settings):
            self.settings = settings

        def process(self, image):
            seen.append(image)
            if not image.any():
                return SimpleNamespace(multi_hand_landmarks=None, multi_handedness=None)
            hands = np.array([[0.25, 0.5], [0.1, 0.2]])[:, None] + [[0, 0], [0.5, 0.25]]
            return SimpleNamespace(
                multi_hand_landmarks=[
                    SimpleNamespace(
                        landmark=[SimpleNamespace(x=x, y=y) for x, y in hand]
                    )
                    for hand in hands
                ],
                multi_handedness=[
                    SimpleNamespace(classification=[SimpleNamespace(score=score)])
                    for score in (0.9, 0.75)
                ],
            )

    for name in ('mediapipe', 'mediapipe.python', 'mediapipe.python.solutions'):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    hands = ModuleType('mediapipe.python.solutions.hands')
    hands.Hands = Hands
    monkeypatch.setitem(sys.modules, hands.__name__, hands)
    detector = MediaPipeDetector(max_hands=3, min_confidence=0.4)
    image = np.zeros((100, 200, 3), np.uint8)
    assert detector(image).shape == (0, 5)
    image[..., 0] = 200  # blue
    np.testing.assert_allclose(
        detector(image), [[50, 50, 150, 75, 0.9], [20, 20, 120, 45, 0.75]], rtol=1e-6
    )
    assert (seen[1] == [0, 0, 200]).all()
    assert detector._hands.settings == dict(
        static_image_mode=True, max_num_hands=3, min_detection_confidence=0.4
    )


@pytest.mark.parametrize(
    'use',
    [
        MediaPipeDetector,
        lambda: open_detector('mediapipe', None, [0]),
        lambda: HaMuCoInferencer('hamuco-demo', device='cpu', det_model='mediapipe'),
    ],
)
@pytest.mark.parametrize('installed', [False, True])
def test_it_is_not_there_or_a_later_one(monkeypatch, use, installed):
    """Later releases have no hand models: their package lacks the module."""
    later = ModuleType('mediapipe') if installed else None
    monkeypatch.setitem(sys.modules, 'mediapipe', later)
    for name in [name for name in sys.modules if name.startswith('mediapipe.')]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(
        ImportError, match=r'mediapipe==0.10.21.*hamuco_mm\[mediapipe\]'
    ):
        use()
