"""A generated hand that leaves a video and comes back, and what its score says."""

import csv

import cv2
import numpy as np
import pytest

from hamuco_mm.apis import HaMuCoInferencer
from hamuco_mm.synthesis import SceneConfig, SceneGenerator
from hamuco_mm.synthesis.rig import RigConfig

SIZE = 224


@pytest.fixture(scope='module')
def inferencer():
    return HaMuCoInferencer('hamuco', device='cpu')


@pytest.fixture(scope='module')
def recording():
    """Three images of a hand, and the background behind it."""
    generator = SceneGenerator(
        0, config=SceneConfig(image_size=SIZE, rig=RigConfig(num_views=2))
    )
    scene = generator.scene(0, 3)
    backgrounds = generator.backgrounds(scene)
    hands = [
        generator.render(scene, moment, backgrounds=backgrounds)[0]
        for moment in range(3)
    ]
    room = generator.sensors(scene)[0].expose(np.random.default_rng(0), backgrounds[0])
    return hands, room


def shifted(image, by):
    return np.roll(image, by, axis=1)


@pytest.mark.slow
def test_a_hand_that_leaves_is_lost_and_found_again(inferencer, recording, tmp_path):
    hands, background = recording
    images = [*hands[:2], background, background, shifted(hands[2], 40)]
    video = cv2.VideoWriter(
        str(tmp_path / 'hand.avi'), cv2.VideoWriter_fourcc(*'MJPG'), 12, (SIZE, SIZE)
    )
    for image in images:
        video.write(image)
    video.release()
    results = inferencer(
        str(tmp_path / 'hand.avi'), out_dir=str(tmp_path), pred_formats=['json', 'csv']
    )
    found = [result['predictions'][0][0] for result in results]
    origins = [hand['bbox_origin'] for hand in found]
    assert origins[0] == 'search' and origins[1] == 'tracked'
    assert 'tracked' not in origins[3:]
    assert origins[4] == 'search'
    scores = np.array([hand['hand_score'] for hand in found])
    assert scores[[0, 1, 4]].min() > 0.5 > scores[2:4].max()
    with open(tmp_path / 'predictions/hands.csv', newline='') as file:
        rows = list(csv.DictReader(file))
    assert [row['bbox_origin'] for row in rows] == origins
    for name in ('bbox_score', 'hand_score'):
        stored = [float(row[name]) for row in rows]
        np.testing.assert_allclose(stored, [hand[name] for hand in found], atol=1e-6)
    for side, values in zip(
        ('x1', 'y1', 'x2', 'y2'), np.transpose([hand['bbox'] for hand in found])
    ):
        stored = [float(row[f'bbox_{side}_px']) for row in rows]
        np.testing.assert_allclose(stored, values, atol=1e-5)
