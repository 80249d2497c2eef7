"""A real two-camera recording through an MMPose pipeline."""

import cv2
import numpy as np
import pytest

from hamuco_mm.datasets import HanCoDataset, MultiViewDataset


@pytest.fixture
def dataset(real_stereo_hand, tmp_path, pipeline):
    return MultiViewDataset(
        HanCoDataset(
            str(real_stereo_hand),
            index_dir=str(tmp_path / 'index'),
            strict=True,
            pipeline=pipeline,
        )
    )


def test_every_time_step_has_both_views(dataset):
    assert len(dataset) == 55
    for idx in (0, 27, 54):
        item = dataset[idx]
        assert len(item['inputs']) == 2
        for sample in item['data_samples']:
            labels = sample.gt_instance_labels.keypoint_labels
            # The box is made from the labels: they lie inside, nearly all.
            assert (labels.abs() <= 1).float().mean() > 0.9


def test_triangulated_joints_project_onto_the_labels(dataset):
    """Cameras, labels and joints fit each other: frames and units are right.

    The joints are triangulated from the labels, so the error is the
    detector's disagreement between the views.
    """
    errors = []
    for idx in range(len(dataset)):
        for view in dataset.get_data_info(idx)['views']:
            uv, _ = cv2.projectPoints(
                view['keypoints_cam'][0].astype(float),
                np.zeros(3),
                np.zeros(3),
                view['camera_param']['K'].astype(float),
                None,
            )
            errors.append(np.linalg.norm(uv[:, 0] - view['keypoints'][0], axis=-1))
            assert (view['keypoints_cam'][..., 2] > 0.1).all()
    assert np.median(errors) < 4
