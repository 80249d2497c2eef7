"""MMPose's metrics, which have a result for each image, measure all views."""

import numpy as np
import pytest
import torch.distributed as dist
import torch.multiprocessing as mp
from mmengine.evaluator import BaseMetric
from mmengine.registry import EVALUATOR
from torch import nn
from torch.utils.data import DataLoader

from hamuco_mm.engine.item_evaluator import ItemEvaluator
from hamuco_mm.engine.logs import ConsoleRunner
from hamuco_mm.evaluation import ReprojectionMetric

# by name: new processes import this file, and where mmcv is mmcv-lite, mmpose only
# behind hamuco_mm
EPE = dict(type='mmpose.EPE')


class Batches(BaseMetric):
    """Keeps one number for each batch."""

    default_prefix = ''

    def process(self, data_batch, data_samples):
        self.results.append(len(data_samples))

    def compute_metrics(self, results):
        return dict(batches=len(results))


def mean_error(batch):
    return np.mean(
        [
            np.linalg.norm(
                view.pred_instances.keypoints[0] - view.gt_instances.keypoints[0],
                axis=-1,
            )
            for view in batch
        ]
    )


def evaluated(items, size):
    metrics = [dict(EPE, prefix='all'), ReprojectionMetric(), Batches()]
    evaluator = ItemEvaluator(metrics)
    for item in items:
        evaluator.process(item)
    return evaluator.evaluate(size)


@pytest.fixture
def batch(make_batch):
    """Time steps of two views, one and three; each view is further off."""
    samples = make_batch([2, 1, 3])
    for number, view in enumerate(samples):
        view.gt_instances.keypoints_visible = np.ones((1, 21), np.float32)
        view.pred_instances.keypoints = view.gt_instances.keypoints + 3 * number
    return samples


def test_all_views_are_measured(batch):
    metrics = evaluated([batch[:3], batch[3:]], 3)
    assert metrics['all/EPE'] == pytest.approx(mean_error(batch))
    assert metrics['single/reprojection_px'] == pytest.approx(mean_error(batch))
    assert metrics['batches'] == 2


def test_each_evaluation_begins_anew(batch):
    evaluator = ItemEvaluator(EPE)
    for views, size in ((batch, 3), (batch[3:], 1)):
        evaluator.process(views)
        measured = evaluator.evaluate(size)
        assert measured['EPE'] == pytest.approx(mean_error(views))


def test_single_images(batch):
    for view in batch:
        for key in ('view_index', 'num_views'):
            view.pop(key)
    measured = evaluated([batch[:4], batch[4:]], 6)
    assert measured['all/EPE'] == pytest.approx(mean_error(batch))


def test_parts_of_a_metric(batch):
    """Each partition has a metric of its own."""
    tips = [4, 8, 12, 16, 20]
    parts = dict(
        type='mmpose.KeypointPartitionMetric',
        metric=dict(type='EPE'),
        partitions=dict(hand=list(range(21)), tips=tips),
    )
    evaluator = ItemEvaluator([parts, EPE])
    evaluator.dataset_meta = dict(sigmas=np.ones(21))
    evaluator.process(batch[:3])
    evaluator.process(batch[3:])
    measured = evaluator.evaluate(3)
    assert measured['EPE'] == pytest.approx(mean_error(batch))
    assert measured['hand/EPE'] == measured['EPE']
    for view in batch:
        for points in (view.pred_instances, view.gt_instances):
            points.keypoints = points.keypoints[:, tips]
    assert measured['tips/EPE'] == pytest.approx(mean_error(batch))


@pytest.mark.parametrize('several_batches', [False, True])
def test_metrics_of_several_data_sets(batch, several_batches):
    """Time steps of two views and of three are of one data set, an image of another."""
    for view in batch:
        name = 'freihand' if view is batch[2] else 'multiview_hand'
        view.set_metainfo(dict(dataset_name=name))
    evaluator = ItemEvaluator(
        EVALUATOR.build(
            dict(
                type='mmpose.MultiDatasetEvaluator',
                metrics=[dict(EPE, prefix='photos'), dict(EPE, prefix='rig')],
                datasets=[dict(type='FreiHandDataset'), dict(type='RigHandDataset')],
            )
        )
    )
    evaluator.dataset_meta = dict(dataset_name='combined')
    for views in [batch[:3], batch[3:]] if several_batches else [batch]:
        inputs = dict(inputs=views, data_samples=views)
        evaluator.process(views, inputs)
    measured = evaluator.evaluate(3)
    assert measured['photos/EPE'] == pytest.approx(mean_error(batch[2:3]))
    assert measured['rig/EPE'] == pytest.approx(mean_error(batch[:2] + batch[3:]))


def test_measures_of_one_name(batch):
    evaluator = ItemEvaluator([EPE, EPE])
    evaluator.process(batch)
    with pytest.raises(ValueError, match='several metrics have a measure EPE'):
        evaluator.evaluate(3)


def test_runners_of_tools_have_it(tmp_path, batch):
    runner = ConsoleRunner(
        nn.Identity(),
        work_dir=str(tmp_path),
        test_dataloader=DataLoader([0]),
        test_cfg=dict(),
        test_evaluator=[EPE],
        default_scope='mmpose',
        experiment_name=f'item_evaluator_{tmp_path.name}',
    )
    evaluator = runner.test_loop.evaluator
    evaluator.process(batch)
    assert evaluator.evaluate(3)['EPE'] == pytest.approx(mean_error(batch))


def worker(rank, items, address, queue):
    dist.init_process_group('gloo', init_method=address, rank=rank, world_size=2)
    # MMEngine's DefaultSampler: every other item, padded from the start
    queue.put(evaluated((items + items)[rank:4:2], len(items)))
    dist.destroy_process_group()


@pytest.mark.slow
def test_two_processes(batch, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where MMEngine gathers results
    # all items of the second process have one view
    items = [batch[:2], batch[2:3], batch[3:], batch[2:3]]
    queue = mp.get_context('spawn').SimpleQueue()
    mp.spawn(worker, (items, f'file://{tmp_path}/rendezvous', queue), nprocs=2)
    for _ in range(2):
        expected = mean_error([*batch, batch[2]])
        assert queue.get()['all/EPE'] == pytest.approx(expected)
