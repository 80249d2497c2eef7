"""Results of several processes are gathered as MMEngine does in training."""

import pytest
import torch.distributed as dist
import torch.multiprocessing as mp
from mmengine.evaluator import Evaluator

from hamuco_mm.evaluation import HandMeshMetric, ReprojectionMetric


def _evaluate(items, size):
    evaluator = Evaluator([HandMeshMetric(f_thresholds=(5,)), ReprojectionMetric()])
    for item in items:
        evaluator.process(item)
    return evaluator.evaluate(size)


def _worker(rank, items, address, queue):
    dist.init_process_group('gloo', init_method=address, rank=rank, world_size=2)
    size = len(items)
    # MMEngine's DefaultSampler: every other item, padded from the start.
    shard = (items + items)[rank : size + size % 2 : 2]
    queue.put((rank, _evaluate(shard, size)))
    dist.destroy_process_group()


@pytest.mark.slow
def test_same_metrics_as_one_process(make_batch, tmp_path):
    batch = make_batch([2, 1, 3], noise=(0.01, 0.005, 0.002))
    items = [batch[:2], batch[2:3], batch[3:]]
    queue = mp.get_context('spawn').SimpleQueue()
    mp.spawn(_worker, (items, f'file://{tmp_path}/rendezvous', queue), nprocs=2)
    expected = _evaluate(items, len(items))
    for _ in range(2):
        _, metrics = queue.get()
        assert metrics == pytest.approx(expected)
