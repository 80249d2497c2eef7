"""The weights of the package on the real photographs that come with the demo."""

import numpy as np
import pytest

from hamuco_mm.apis import HaMuCoInferencer

# MediaPipe's landmarks (mediapipe 0.10.21, static images) in pixels.
LANDMARKS = dict(
    left_hand_turned=[
        (27.0, 153.3),
        *((103.7, 69.4), (225.1, 41.5), (313.7, 32.3), (378.0, 10.5)),
        *((335.8, 176.8), (449.0, 191.0), (517.1, 202.1), (571.4, 212.7)),
        *((322.1, 247.0), (442.3, 288.9), (516.6, 317.5), (574.2, 339.0)),
        *((285.6, 300.7), (394.5, 348.8), (461.5, 376.4), (519.5, 396.2)),
        *((230.9, 342.4), (307.0, 390.4), (354.6, 417.2), (399.9, 439.5)),
    ],
    left_hand=[
        (9.3, 259.8),
        *((47.9, 162.2), (128.3, 98.7), (196.3, 57.6), (244.3, 21.4)),
        *((268.5, 186.7), (367.8, 161.1), (429.3, 148.1), (477.1, 139.3)),
        *((281.4, 254.5), (400.0, 256.8), (473.9, 258.9), (528.6, 260.0)),
        *((270.4, 316.3), (380.5, 324.7), (448.2, 327.6), (503.7, 327.3)),
        *((239.5, 373.7), (320.6, 405.1), (372.6, 423.0), (419.7, 437.4)),
    ],
)


@pytest.fixture(scope='module')
def inferencer():
    return HaMuCoInferencer(
        'hamuco',
        device='cpu',
        cfg_options={'model.head.hand_model.joints': 'mediapipe'},
    )


@pytest.mark.parametrize('name', LANDMARKS)
def test_a_real_hand_is_found_and_read(inferencer, repository, name):
    """Without a box, within 9 % of the diagonal of that of the landmarks."""
    path = repository / 'demo' / 'resources' / f'{name}.jpg'
    landmarks = np.array(LANDMARKS[name])
    (result,) = inferencer(str(path), hand_side='left')
    ((hand,),) = result['predictions']
    errors = np.linalg.norm(np.array(hand['keypoints']) - landmarks, axis=1)
    assert errors.mean() / np.linalg.norm(np.ptp(landmarks, axis=0)) < 0.09
