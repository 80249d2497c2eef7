import pickle

import numpy as np
import pytest

from hamuco_mm.hand_model.loading import OPEN_HAND


@pytest.fixture
def mano_arrays():
    """The open hand's arrays, with pose correctives as MANO has them."""
    with np.load(OPEN_HAND) as content:
        arrays = {
            key: value.astype(np.float64) if value.dtype.kind == 'f' else value
            for key, value in content.items()
        }
    del arrays['tip_ids']
    rng = np.random.default_rng(0)
    arrays['posedirs'] = rng.normal(0, 1e-3, arrays['posedirs'].shape)
    return arrays


@pytest.fixture
def mano_pkl(mano_arrays, tmp_path):
    path = tmp_path / 'MANO_RIGHT.pkl'
    path.write_bytes(pickle.dumps(mano_arrays))
    return path
