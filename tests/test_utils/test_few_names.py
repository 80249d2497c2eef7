import pytest

from hamuco_mm.utils.few_names import few


@pytest.mark.parametrize(
    'names, text', [([], ''), (['a', 'b'], 'a, b'), ([1, 2, 3], '1, 2, ...')]
)
def test_first_names_and_whether_there_are_more(names, text):
    assert few(names, 2) == text
