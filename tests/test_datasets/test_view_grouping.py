"""Images of one time step are a group, whatever their order in the data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hamuco_mm.datasets.view_table import RepeatedViewError, ViewTable

# (time step, camera) of each image
IMAGES = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 4)), unique=True, max_size=20
)


def table_of(images, view_ids=None):
    frames, cameras = np.array(images, np.int64).reshape(-1, 2).T
    return ViewTable.from_keys(frames, cameras, view_ids)


@given(IMAGES)
def test_every_image_is_in_the_group_of_its_time_step(images):
    groups = [[images[i] for i in group] for group in table_of(images)]
    # time steps in order, and the cameras within each
    assert [image for group in groups for image in group] == sorted(images)
    assert all(len({frame for frame, _ in group}) == 1 for group in groups)
    assert len(groups) == len({frame for frame, _ in images})


@given(IMAGES, st.lists(st.integers(0, 4), unique=True, min_size=1))
def test_chosen_cameras_come_in_the_order_in_which_they_are_named(images, cameras):
    table = table_of(images, cameras)
    for group in table:
        found = [images[i][1] for i in group]
        assert found == [camera for camera in cameras if camera in found]
    kept = sum(camera in cameras for _, camera in images)
    assert table.sizes.sum() == kept


@given(IMAGES.filter(bool), st.data())
def test_a_camera_twice_in_a_time_step_is_an_error(images, data):
    again = data.draw(st.sampled_from(images))
    with pytest.raises(RepeatedViewError) as raised:
        table_of([*images, again])
    assert [*images, again][raised.value.index] == again
