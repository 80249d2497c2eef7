import json

import numpy as np
import pytest

from hamuco_mm.datasets.hanco.parsing import read_keypoints
from hamuco_mm.datasets.hanco.writing import keypoints_content


@pytest.mark.parametrize('decimals', [3, 4])
def test_written_labels_are_read_to_their_last_decimal(tmp_path, decimals):
    rng = np.random.default_rng(0)
    keypoints, confidence = rng.uniform(-20, 400, (21, 2)), rng.uniform(0, 1, 21)
    path = tmp_path / 'label.json'
    path.write_text(json.dumps(keypoints_content(keypoints, confidence, decimals)))

    points, weights = read_keypoints(path)

    np.testing.assert_allclose(points, keypoints, atol=0.5 * 10.0**-decimals)
    np.testing.assert_allclose(weights, confidence, atol=0.5e-4)
