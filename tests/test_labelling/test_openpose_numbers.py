"""Files of OpenPose belong to images of a rig, or to what these come from."""

import json
from pathlib import Path

import numpy as np
import pytest

from hamuco_mm.labelling import HandImage, OpenPoseFiles

STEP, OFFSET, FRAMES = 3, 1, 20
# time step n is frame 3 n + 1
STEPS = range((FRAMES - OFFSET) // STEP)


def images(name='{}'):
    """What each time step was called in its source."""
    return [
        HandImage(
            f'0000/cam1/{step:08d}',
            path=Path(__file__),  # older than the labels
            source_frame=name.format(step * STEP + OFFSET),
        )
        for step in STEPS
    ]


@pytest.fixture
def write(tmp_path):
    """Writes a file whose joints all are at (number, number)."""

    def write_hand(name, number):
        path = tmp_path / '0000/cam1' / f'{name}_keypoints.json'
        path.parent.mkdir(parents=True, exist_ok=True)
        person = dict(hand_right_keypoints_2d=[number, number, 0.9] * 21)
        path.write_text(json.dumps(dict(people=[person])))

    return write_hand


def numbers_of(root, wanted, **options):
    files = OpenPoseFiles(root, wanted, **options)
    labels = [files.read(image) for image in wanted]
    return [label and round(float(label.keypoints[0, 0])) for label in labels]


@pytest.mark.parametrize(
    'file, source',
    [
        ('cam1_{:012d}', '{}'),
        ('{:012d}', '{}'),
        ('img_{:04d}', 'img_{:04d}'),
        ('{:08d}', '{:08d}'),
        ('frame{}left', 'frame{}left'),
    ],
)
def test_files_of_the_recording(write, tmp_path, file, source):
    """Of its video, whose frames they count from 0, or of its images."""
    for frame in range(1, FRAMES + 1):
        write(file.format(frame), frame)
    write('._' + file.format(4), 0)
    expected = [step * STEP + OFFSET for step in STEPS]
    assert numbers_of(tmp_path, images(source)) == expected


def test_files_of_the_images(write, tmp_path):
    for step in STEPS:
        write(f'{step:08d}', 1 + step)
    assert numbers_of(tmp_path, images()) == [1 + step for step in STEPS]


def test_images_whose_source_is_not_known(write, tmp_path):
    for number in range(1, FRAMES):
        write(f'cam1_{number:012d}', number)
    wanted = [image._replace(source_frame=None) for image in images()][1:]
    assert numbers_of(tmp_path, wanted) == list(STEPS[1:])


def test_an_image_without_a_file(write, tmp_path):
    write('cam1_000000000004', 4)
    assert numbers_of(tmp_path, images())[:3] == [None, 4, None]
    assert np.isfinite(
        OpenPoseFiles(tmp_path, images()).read(images()[1]).keypoints
    ).all()


def test_files_that_count_from_1(write, tmp_path):
    """As those of ffmpeg's images of a video, whose frames count from 0: what they
    mean has to be said."""
    frames = range(5)
    for frame in frames:
        write(f'cam1_{1 + frame:012d}', 1 + frame)
    wanted = [
        HandImage(f'0000/cam1/{frame:08d}', Path(__file__), source_frame=str(frame))
        for frame in frames
    ]
    match = r'0000/cam1: .* numbered 1 to 5, the frames 0 to 4.*--label-offset 1'
    with pytest.raises(ValueError, match=match):
        numbers_of(tmp_path, wanted)
    assert numbers_of(tmp_path, wanted, offset=1) == [1, 2, 3, 4, 5]
    assert numbers_of(tmp_path, wanted, offset=0) == [None, 1, 2, 3, 4]


def test_an_offset_counts_before_equal_names(write, tmp_path):
    for frame in range(4):
        write(f'img_{frame:04d}', frame + 1)
    wanted = [
        HandImage(f'0000/cam1/{i:08d}', Path(__file__), source_frame=f'img_{i:04d}')
        for i in range(3)
    ]
    assert numbers_of(tmp_path, wanted) == [1, 2, 3]
    assert numbers_of(tmp_path, wanted, offset=1) == [2, 3, 4]
