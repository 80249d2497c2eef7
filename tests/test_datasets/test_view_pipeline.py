"""The order in which views pass through a pipeline."""

import cv2
import numpy as np
import pytest
from mmpose.datasets.transforms import GetBBoxCenterScale, LoadImage

from hamuco_mm.datasets import FastTopdownAffine, LoadJPEG
from hamuco_mm.datasets.view_pipeline import ViewPipeline


@pytest.fixture
def records(tmp_path):
    rng = np.random.default_rng(0)
    records = []
    for camera in range(3):
        path = tmp_path / f'{camera}.jpg'
        cv2.imwrite(str(path), rng.integers(0, 256, (48, 65, 3), np.uint8))
        records.append(
            dict(
                img_path=str(path),
                frame_id='0',
                camera_id=camera,
                bbox=np.array([[10.0, 5, 50, 45]], np.float32),
                keypoints=np.ones((1, 21, 2), np.float32),
                keypoints_visible=np.ones((1, 21), np.float32),
            )
        )
    return records


def copies(records):
    return [dict(record) for record in records]


class Watch:
    """A transform that notes whose turn it is, and how big images are."""

    def __init__(self, name, calls):
        self.name, self.calls = name, calls

    def __call__(self, results):
        size = results['img'].shape[0] if 'img' in results else None
        self.calls.append((self.name, results['camera_id'], size))
        return results


def test_one_whole_image_at_a_time_and_else_one_transform(records):
    calls = []
    pipeline = [
        Watch('first', calls),
        LoadImage(),
        Watch('whole', calls),
        GetBBoxCenterScale(),
        FastTopdownAffine((32, 32)),
        Watch('crop', calls),
        Watch('last', calls),
    ]
    ViewPipeline()(pipeline, copies(records))
    assert calls == [
        (name, camera, size)
        for name, size in (
            ('first', None),
            ('whole', 48),
            ('crop', 32),
            ('last', 32),
        )
        for camera in range(3)
    ]


def test_without_a_crop_one_view_after_the_other(records):
    calls = []
    pipeline = [LoadImage(), Watch('a', calls), Watch('b', calls)]
    ViewPipeline()(pipeline, copies(records))
    assert calls == [(name, camera, 48) for camera in range(3) for name in 'ab']


@pytest.mark.parametrize('loader', (LoadJPEG, LoadImage))
def test_loading_before_the_crop_gives_the_same(records, loader):
    box, crop = GetBBoxCenterScale(), FastTopdownAffine((32, 32))
    late = ViewPipeline()([box, loader(), crop], copies(records))
    early = ViewPipeline()([LoadImage(), box, crop], copies(records))
    for ours, theirs in zip(late, early):
        assert set(ours) == set(theirs)
        np.testing.assert_array_equal(ours['img'], theirs['img'])
        assert ours['ori_shape'] == (48, 65)


def test_a_view_that_ends_does_not_stop_the_others(records):
    results = ViewPipeline()(
        [lambda results: results if results['camera_id'] else None], copies(records)
    )
    assert results[0] is None and [r['camera_id'] for r in results[1:]] == [1, 2]
