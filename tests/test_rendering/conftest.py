import pytest
from shown_hand import shown_hand

from hamuco_mm.hand_model import MANOLayer


@pytest.fixture(scope='session')
def faces():
    return MANOLayer().faces.numpy()


@pytest.fixture
def hand():
    return shown_hand()
