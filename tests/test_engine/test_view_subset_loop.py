"""The loop in a real Runner, with a model that tells its groups."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel
from mmengine.runner import Runner
from mmpose.registry import METRICS
from mmpose.structures import PoseDataSample
from torch.utils.data import DataLoader

from hamuco_mm.datasets import FrameWindowDataset, HanCoDataset, MultiViewDataset
from hamuco_mm.datasets.collate import multiview_collate
from hamuco_mm.engine.loops.view_subset_loop import deal_views
from hamuco_mm.structures import group_sizes

SIZES = (8, 3, 1, 5)


class Model(BaseModel):
    """Notes which images it is shown together."""

    def forward(self, inputs, data_samples, mode):
        assert mode == 'predict'
        sizes = group_sizes([s.metainfo for s in data_samples])
        numbers = [int(x) for x in inputs]
        assert numbers == [s.number for s in data_samples]
        for size in sizes:
            group, numbers = numbers[:size], numbers[size:]
            for _ in group:
                data_samples[0].set_field(group, 'together')
                data_samples = data_samples[1:]
        return self.all_samples

    def test_step(self, data):
        self.all_samples = data['data_samples']
        return self(**data, mode='predict')


@METRICS.register_module(force=True)
class Collect(BaseMetric):
    """Keeps what it gets; one result a time step, as metrics should."""

    def process(self, data_batch, data_samples):
        numbers = [s['number'] for s in data_samples]
        assert numbers == [int(x) for x in data_batch['inputs']]
        for size in group_sizes(data_samples):
            self.results.append(data_samples[:size])
            data_samples = data_samples[size:]

    def compute_metrics(self, results):
        return dict(samples=[sample for item in results for sample in item])


def make_items():
    items, number = [], 0
    for frame, size in enumerate(SIZES):
        inputs, samples = [], []
        for view in range(size):
            inputs.append(torch.tensor(number))
            samples.append(
                PoseDataSample(
                    metainfo=dict(
                        number=number,
                        frame_id=f'0/{frame}',
                        view_index=view,
                        num_views=size,
                    )
                )
            )
            number += 1
        items.append(dict(inputs=inputs, data_samples=samples))
    return items


def run(tmp_path, items, batch_size, num_views, seed=0, evaluator=None):
    """What the loop measures of items."""
    runner = Runner(
        Model(),
        work_dir=str(tmp_path),
        experiment_name=f'{tmp_path.name}_{batch_size}_{seed}',
        test_dataloader=DataLoader(items, batch_size, collate_fn=multiview_collate),
        test_evaluator=evaluator or dict(type='Collect'),
        test_cfg=dict(type='ViewSubsetLoop', num_views=num_views, seed=seed),
        default_scope='mmpose',
    )
    return runner.test()


def groups_of(tmp_path, batch_size, num_views, seed=0):
    """By number of views: of each image those it was predicted with."""
    metrics = run(tmp_path, make_items(), batch_size, num_views, seed)
    return {
        count: {
            sample['number']: sample['together']
            for sample in metrics[f'views_{count}/samples']
        }
        for count in num_views
    }


def test_every_view_is_predicted_once_for_every_number(tmp_path):
    found = groups_of(tmp_path, 4, (1, 2, 8))
    frames = np.repeat(range(len(SIZES)), SIZES)
    for count, groups in found.items():
        assert list(groups) == list(range(sum(SIZES)))
        for number, group in groups.items():
            assert number in group
            assert len(group) == min(count, SIZES[frames[number]])
            assert len({frames[n] for n in group}) == 1
    # the five views of the last step in pairs: one of them is in two
    pairs = {tuple(group) for n, group in found[2].items() if n >= 12}
    assert sorted(Counter(n for pair in pairs for n in pair).values()) == [
        1,
        1,
        1,
        1,
        2,
    ]


def test_groups_depend_on_seed_and_frame_alone(tmp_path):
    together = groups_of(tmp_path, 4, (2, 4))
    assert groups_of(tmp_path, 1, (2, 4)) == together
    assert groups_of(tmp_path, 4, (2, 4), seed=1) != together
    # what is seen with two views is part of what is seen with four
    for number in range(8):
        assert {*together[2][number]} < {*together[4][number]}


@METRICS.register_module(force=True)
class Write(Collect):
    """Writes how many images were predicted together at most."""

    def __init__(self, outfile_prefix=None, out_file_path=None):
        super().__init__()
        self.outfile_prefix = outfile_prefix
        self.out_file_path = out_file_path

    def compute_metrics(self, results):
        most = max(len(sample['together']) for item in results for sample in item)
        Path(self.out_file_path or f'{self.outfile_prefix}.json').write_text(str(most))
        return {}


@pytest.mark.parametrize(
    'name, given, written',
    [
        ('outfile_prefix', 'test', 'test.views_{}.json'),
        ('out_file_path', 'all.views.npz', 'all.views.views_{}.npz'),
    ],
)
def test_metrics_write_a_file_for_each_number(tmp_path, name, given, written):
    metric = {'type': 'Write', name: str(tmp_path / given)}
    run(tmp_path, make_items(), 4, (1, 2, 8), evaluator=[metric])
    for count in (1, 2, 8):
        assert (tmp_path / written.format(count)).read_text() == str(count)


def test_a_file_of_one_number_has_its_own_name(tmp_path):
    metric = dict(type='Write', out_file_path=str(tmp_path / 'all.npz'))
    run(tmp_path, make_items(), 4, (2,), evaluator=[metric])
    assert (tmp_path / 'all.npz').read_text() == '2'


@METRICS.register_module(force=True)
class Pairs(Collect):
    """Measures nothing of single views."""

    min_views = 2

    def compute_metrics(self, results):
        return dict(pairs=len(results))


def test_metrics_of_more_views_are_left_out(tmp_path):
    metrics = [dict(type='Collect'), dict(type='Pairs')]
    found = run(tmp_path, make_items(), 4, (1, 2), evaluator=metrics)
    assert set(found) == {'views_1/samples', 'views_2/samples', 'views_2/pairs'}
    with pytest.raises(ValueError, match='Pairs needs .* leave 1 out of num_views'):
        run(tmp_path, make_items(), 4, (2, 1), 1, evaluator=dict(type='Pairs'))


def test_deal_views():
    order = np.array([3, 0, 4, 1, 2])
    assert [g.tolist() for g in deal_views(order, 2)] == [[3, 0], [4, 1], [2, 3]]
    assert [g.tolist() for g in deal_views(order, 9)] == [order.tolist()]


def test_bad_numbers(tmp_path):
    with pytest.raises(ValueError, match='num_views'):
        groups_of(tmp_path, 2, (0, 2))


def test_windows_of_time_steps_are_refused(tmp_path, make_tree):
    flat = HanCoDataset(data_root=str(make_tree().root), test_mode=True)
    windows = FrameWindowDataset(MultiViewDataset(flat))
    with pytest.raises(ValueError, match='looks at each time step alone'):
        run(tmp_path, windows, 1, (2,))
