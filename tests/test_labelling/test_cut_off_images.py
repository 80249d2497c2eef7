"""An image that is cut off is none, though cv2.imread would fill it up."""

import cv2
import numpy as np
import pytest
from command_checks import load_script
from made_images import make_image
from mmpose.datasets.transforms import LoadImage

from hamuco_mm.datasets.storage import read_image
from hamuco_mm.labelling import HandImage
from hamuco_mm.labelling.boxes import FixedBox
from hamuco_mm.labelling.model_labels import UNREADABLE, ModelInputs


@pytest.fixture(params=['baseline', 'progressive'])
def cut_off(tmp_path, request):
    progressive = [cv2.IMWRITE_JPEG_PROGRESSIVE, int(request.param == 'progressive')]
    _, content = cv2.imencode('.jpg', make_image(0), progressive)
    path = tmp_path / '0.jpg'
    path.write_bytes(content.tobytes()[: content.size * 6 // 10])
    return path


def test_it_is_not_read(cut_off, repository):
    assert read_image(cut_off) is None
    assert load_script(repository / 'demo/onnx_demo.py').read_image(cut_off) is None


def test_bytes_after_the_end_do_no_harm(tmp_path):
    content = cv2.imencode('.jpg', make_image(0))[1].tobytes()
    path = tmp_path / '0.jpg'
    path.write_bytes(content + bytes(100))
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert (read_image(path) == decoded).all()


def test_it_gets_no_label(cut_off):
    inputs = ModelInputs(
        [HandImage('0000/cam0/0', cut_off)], FixedBox([0, 0, 9, 9]), LoadImage(), {}
    )
    assert inputs[0] == (0, UNREADABLE, None)
