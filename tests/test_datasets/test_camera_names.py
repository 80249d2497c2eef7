"""Cameras keep the names that their user gave them, up to the results."""

import json

import numpy as np
import pytest
from label_trees import LabelTree
from mmengine.structures import InstanceData

from hamuco_mm.datasets import MultiViewDataset
from hamuco_mm.datasets.collate import multiview_collate
from hamuco_mm.evaluation.metrics import ReprojectionMetric
from hamuco_mm.structures import PredictedViews, camera_order

NAMES = ('left', 'top10', 'top2', '\u2462')


@pytest.fixture
def samples(tmp_path, pipeline):
    """Views of one time step, as a metric gets them; predictions are the labels."""
    path = LabelTree(tmp_path).write_rig()
    text = path.read_text()
    for number, name in enumerate(NAMES):
        text = text.replace(f'"cam{number}"', json.dumps(name))
    path.write_text(text)
    data = dict(
        type='RigHandDataset',
        data_root=str(path.parent),
        ann_file=path.name,
        test_mode=True,
        pipeline=pipeline,
    )
    dataset = MultiViewDataset(data)
    samples = []
    for sample in multiview_collate([dataset[0]])['data_samples']:
        labels = np.asarray(sample.gt_instances.keypoints)
        sample.pred_instances = InstanceData(keypoints=labels)
        samples.append(sample.to_dict())
    return samples


def test_files_of_predictions(samples, tmp_path):
    views = PredictedViews.from_samples(samples)
    assert set(views.camera_id) == set(NAMES)
    views.save(tmp_path / 'views.npz')
    assert set(PredictedViews.load(tmp_path / 'views.npz').camera_id) == set(NAMES)


def test_metrics(samples):
    metric = ReprojectionMetric()
    metric.process(None, samples)
    names = {key.partition('_px_')[2] for key in metric.evaluate(size=1)}
    assert names >= set(NAMES)


def test_order_of_cameras():
    shuffled = np.random.default_rng(0).permutation([*NAMES, '10', '9']).tolist()
    expected = ['9', '10', 'left', 'top2', 'top10', '\u2462']
    assert sorted(shuffled, key=camera_order) == expected
