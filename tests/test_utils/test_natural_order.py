"""Names in the order in which people count."""

from hypothesis import given
from hypothesis import strategies as st

from hamuco_mm.utils.natural_order import natural_key

# with digits that are no decimal numbers, as file names may have them
NAMES = st.text(st.sampled_from('ab_019\u00b2\u0663'), max_size=6)


@given(
    st.sets(st.integers(0, 10**9)), NAMES.filter(lambda name: not name[-1:].isdigit())
)
def test_numbers_in_names_are_counted(numbers, name):
    names = [f'{name}{number}' for number in sorted(numbers)]
    assert sorted(sorted(names), key=natural_key) == names


@given(st.lists(NAMES))
def test_any_names_have_an_order(names):
    ordered = sorted(names, key=natural_key)
    assert sorted(ordered) == sorted(names)
