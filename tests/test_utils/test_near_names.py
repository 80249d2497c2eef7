"""Messages on unknown names say which one was meant, or which there are."""

import pytest

from hamuco_mm.utils.near_names import nearest_or_all


@pytest.mark.parametrize(
    ('name', 'hint'),
    [
        ('dept', 'did you mean depth?'),
        ('widht', 'did you mean width?'),
        ('colour', 'depth, width'),
    ],
)
def test_an_unknown_name(name, hint):
    assert nearest_or_all(name, {'width', 'depth'}) == hint
