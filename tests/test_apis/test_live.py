import numpy as np
import pytest
from made_images import make_image

from hamuco_mm.apis.live import LiveEstimator


@pytest.mark.parametrize('hand_side', ['right', 'left'])
@pytest.mark.parametrize('bbox', [None, [10, 20, 100, 90]])
def test_same_as_the_inferencer(single_view, bbox, hand_side):
    """Without MMPose's pipeline and data samples."""
    expected = next(single_view(make_image(0), bboxes=bbox, hand_side=hand_side))[
        'predictions'
    ][0][0]
    live = LiveEstimator.from_model(single_view.model, hand_side)
    hand = live(make_image(0), bbox)
    assert np.allclose(hand.keypoints, expected['keypoints'], atol=1e-3)
    assert np.allclose(hand.keypoints_cam, expected['keypoints_cam'], atol=1e-5)
    assert np.allclose(hand.vertices, expected['vertices'], atol=1e-5)


def test_faces_of_left_hands(single_view):
    right, left = (
        LiveEstimator.from_model(single_view.model, side).faces
        for side in ('right', 'left')
    )
    assert (right[:, ::-1] == left).all()


def test_no_onnx_file(tmp_path):
    with pytest.raises(FileNotFoundError, match='export_onnx'):
        LiveEstimator.from_onnx(str(tmp_path / 'gone.onnx'))
    pytest.importorskip('onnxruntime')
    (tmp_path / 'page.onnx').write_text('<html>404</html>')
    with pytest.raises(ValueError, match='onnxruntime cannot read .*page.onnx'):
        LiveEstimator.from_onnx(str(tmp_path / 'page.onnx'))
