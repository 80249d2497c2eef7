"""The palm detector of MediaPipe as one of ours."""

import subprocess
import sys
from types import ModuleType

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


def test_a_tool_says_so_before_it_reads_images(repository, tmp_path):
    done = subprocess.run(
        [
            sys.executable,
            repository / 'demo/hamuco_demo.py',
            'take',
            *('--det-model', 'mediapipe', '--det-weights', 'x.pth'),
            *('--out-dir', tmp_path),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert '--det-weights needs a detector of MMDetection' in done.stderr
