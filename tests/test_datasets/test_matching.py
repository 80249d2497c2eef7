"""Images of several cameras are matched by what their names say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hamuco_mm.datasets.frames import match_frames
from hamuco_mm.datasets.frames.numbering import image_numbers


@pytest.mark.parametrize(
    'names, numbers',
    [
        (['0', '1', '10'], [0, 1, 10]),
        (['img_0007', 'img_0008'], [7, 8]),
        (['cam1_frame5', 'cam1_frame06'], [5, 6]),
        (['0005_cam1', '0006_cam1'], [5, 6]),
        (['3_open', '4_shut'], [3, 4]),
        # the gain comes again, the number does not
        (['f1_gain2', 'f2_gain2', 'f3_gain5'], [1, 2, 3]),
        (['gain2_f1', 'gain1_f2', 'gain2_f3'], [1, 2, 3]),
        (['take1_7', 'take1_8', 'take2_9'], [7, 8, 9]),
        (['0003_0003', '0004_0004'], [3, 4]),
        (['x7'], [7]),
        (['\u0661', '\u0662'], [1, 2]),
        (['a', 'b1'], None),
        (['x\u00b2', 'x\u00b3'], None),
    ],
)
def test_numbers_of_images(names, numbers):
    assert image_numbers(names) == numbers


@pytest.mark.parametrize(
    'names, error',
    [
        (['1', '01'], "'1' and '01' are both number 1"),
        (['left_1', 'right_1', 'left_2'], "'left_1' and 'right_1' are both number 1"),
        (['1_100', '2_133'], "more than one number in '1_100' .* the next is '2_133'"),
        # seconds and their parts: in this order, the last would be the second
        *(
            (
                [f'7{point}000', f'7{point}500', f'8{point}250'],
                f"more than one number in '7{point}000' .* the next is '7{point}500'",
            )
            for point in '._-'
        ),
        (['cam1_5'], "more than one number in 'cam1_5'"),
        (['1', '2_2'], "'1' has 1 numbers, '2_2' has 2"),
    ],
)
def test_names_that_leave_open_which_number_it_is(names, error):
    with pytest.raises(ValueError, match=error):
        image_numbers(names)


NUMBERS = st.sets(st.integers(0, 40), min_size=25)


@given(
    st.dictionaries(st.sampled_from('abc'), NUMBERS, min_size=2),
    st.integers(1, 6),
    st.sampled_from(['', 'img', 'cam7_']),
)
def test_images_with_the_same_number_belong_together(cameras, width, prefix):
    """However they are written, and whatever a camera has lost."""
    names = {
        camera: [f'{prefix}{n:0{width + i}d}' for n in sorted({0, *numbers, 41})]
        for i, (camera, numbers) in enumerate(cameras.items())
    }
    matched = match_frames(names).numbers
    for camera, numbers in cameras.items():
        assert matched[camera] == sorted({0, *numbers, 41})


def test_a_lost_image_is_told_of():
    names = {f'cam{i}': [f'{n:04d}' for n in range(12)] for i in range(3)}
    names['cam1'].remove('0005')
    names['cam2'].pop(0)
    matched = match_frames(names)
    assert matched.numbers['cam1'] == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]
    assert matched.numbers['cam2'] == list(range(1, 12))
    first, second = matched.notes
    assert first.startswith('cam1 has no image of 1 of 12 frames') and first.endswith(
        ': 5'
    )
    assert second.startswith('cam2 has no image of 1 of 12 frames') and second.endswith(
        ': 0'
    )
    lost = match_frames(dict(a=names['cam0'], b=[names['cam0'][0], names['cam0'][11]]))
    assert lost.notes[0].endswith('1, 2, 3, 4, 5, 6, 7, 8, ...')


def counted(first, count, step=1):
    return [f'img{n}' for n in range(first, first + count * step, step)]


@pytest.mark.parametrize(
    'names, numbers, note',
    [
        # all count from 1, as ffmpeg does
        (dict(a=counted(1, 4), b=counted(1, 4)), [[0, 1, 2, 3]] * 2, 'numbered 1'),
        (dict(a=counted(0, 4), b=counted(1, 4)), [[0, 1, 2, 3]] * 2, 'b counts from 1'),
        (dict(a=counted(7, 3, 5), b=counted(7, 3, 5)), [[0, 1, 2]] * 2, 'numbered 12'),
        (dict(a=['x', 'y'], b=['1', '2']), [[0, 1]] * 2, "'x' of a has no number"),
        # one image each: there is nothing else to belong to
        (dict(a=['cam1_3'], b=['img7']), [[0], [0]], None),
        # times of one clock
        (
            dict(a=['1000', '34900', '69000'], b=['1000', '69000']),
            [[0, 1, 2], [0, 2]],
            'the n-th of them',
        ),
        (dict(a=['1_2', '2_3']), [[0, 1]], None),
        (dict(a=['x', 'y']), [[0, 1]], None),
    ],
)
def test_what_names_mean(names, numbers, note):
    matched = match_frames(names)
    assert list(matched.numbers.values()) == numbers
    assert note in matched.notes[0] if note else not matched.notes


@pytest.mark.parametrize(
    'names, error',
    [
        (
            dict(a=counted(0, 9), b=counted(5, 9)),
            'a: 0 to 8, b: 5 to 13.*--match number',
        ),
        (dict(a=counted(0, 9), b=counted(100, 9)), 'no other camera has'),
        (dict(a=['x', 'y'], b=['1', '2', '3']), "'x' of a has no number.*a: 2, b: 3"),
        (
            dict(a=['1', '01'], b=['1', '2']),
            'images of a: .*both number 1.*--match order',
        ),
    ],
)
def test_what_may_mean_several_things_is_refused(names, error):
    with pytest.raises(ValueError, match=error):
        match_frames(names)
    ordered = match_frames(names, match='order')
    assert ordered.numbers == {name: list(range(len(n))) for name, n in names.items()}


def test_numbers_that_mean_the_same_wherever_they_begin():
    names = dict(a=counted(0, 9), b=counted(3, 9))
    numbers = match_frames(names, match='number').numbers
    assert numbers == dict(a=list(range(9)), b=list(range(3, 12)))
    with pytest.raises(ValueError, match="'x' of b has no number"):
        match_frames(dict(a=['1'], b=['x']), match='number')


def test_images_beside_videos():
    """A video counts from 0; a folder that ffmpeg made from 1."""
    video = dict(v=range(6))
    for first in (0, 1):
        matched = match_frames(dict(a=counted(first, 6)), video)
        assert matched.numbers == dict(v=list(range(6)), a=list(range(6)))
    # one image less: lost at the beginning, or at the end?
    with pytest.raises(ValueError, match='v: 0 to 5, a: 1 to 5'):
        match_frames(dict(a=counted(1, 5)), video)


def test_a_video_that_has_lost_a_frame():
    matched = match_frames({}, dict(a=[0, 1, 3], b=[0, 1, 2, 3, 4]))
    assert matched.numbers['a'] == [0, 1, 3]
    assert [note.split(' has')[0] for note in matched.notes] == ['a']
