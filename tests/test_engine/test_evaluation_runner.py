"""A test refuses weights of another network, and needs no training set."""

import pytest
import torch
from mmengine.model import BaseModel
from mmengine.structures import BaseDataElement
from torch import nn
from torch.utils.data import DataLoader

from hamuco_mm.engine.evaluation_runner import EvaluationRunner


class Model(BaseModel):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.layer = nn.Linear(width, 1)
        self.norm = nn.BatchNorm1d(1)

    def forward(self, inputs=None, data_samples=None, mode='predict'):
        return [BaseDataElement()]


class Metric:
    dataset_meta = None

    def process(self, data_batch, data_samples):
        pass

    def evaluate(self, size):
        return dict(tested=size)


def run(tmp_path, content: dict, width: int = 2, **options) -> dict:
    path = tmp_path / 'weights.pth'
    torch.save(content, path)
    runner = EvaluationRunner(
        Model(width),
        work_dir=str(tmp_path),
        test_dataloader=DataLoader([0, 1], collate_fn=lambda items: {}),
        test_cfg=dict(),
        test_evaluator=[],
        load_from=str(path),
        default_scope='mmpose',
        experiment_name=f'whole_weights_{tmp_path.name}_{len(content)}_{width}',
        **options,
    )
    runner.test_loop.evaluator = Metric()
    return runner.test()


def test_weights_of_another_network(tmp_path):
    weights = Model(2).state_dict()
    assert run(tmp_path, dict(state_dict=weights)) == dict(tested=2)
    # as a model that several processes train saves them, by itself
    wrapped = {f'module.{key}': value for key, value in weights.items()}
    assert run(tmp_path, wrapped) == dict(tested=2)
    old = {key: value for key, value in weights.items() if 'num_batches' not in key}
    assert run(tmp_path, old) == dict(tested=2)

    path = tmp_path / 'weights.pth'
    with pytest.raises(
        ValueError, match=f'{path} has no weights for 1 of 6 tensors of'
    ):
        run(tmp_path, dict(state_dict=weights), width=3)
    del weights['norm.running_mean']
    with pytest.raises(ValueError, match=r'norm.running_mean\): it is of another'):
        run(tmp_path, dict(state_dict=weights))


def test_a_test_leaves_the_training_set_alone(tmp_path):
    """Which may not be there; MMEngine's early stopping would build it."""
    metrics = run(
        tmp_path,
        dict(state_dict=Model(2).state_dict()),
        train_dataloader=dict(dataset=dict(type='NoSuchDataset')),
        train_cfg=dict(by_epoch=True, max_epochs=1),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=1.0)),
        default_hooks=dict(
            early_stopping=dict(type='EarlyStoppingHook', monitor='a', rule='less')
        ),
    )
    assert metrics == dict(tested=2)


@pytest.mark.parametrize('phase', ['val', 'test'])
@pytest.mark.parametrize('batch_size, left_out', [(2, 1), (3, 2), (5, 0)])
def test_items_that_are_not_measured_are_said(
    tmp_path, capsys, phase, batch_size, left_out
):
    loader = DataLoader([*range(5)], batch_size, drop_last=True)
    runner = EvaluationRunner(
        Model(2),
        work_dir=str(tmp_path),
        default_scope='mmpose',
        experiment_name=f'left_out_{tmp_path.name}',
        **{f'{phase}_dataloader': loader},
        **{f'{phase}_cfg': dict(), f'{phase}_evaluator': []},
    )
    assert getattr(runner, f'{phase}_loop').dataloader is loader
    printed = capsys.readouterr().out
    words = f'{phase}_dataloader.drop_last=True leaves the last {left_out} of 5 items'
    assert (words in printed) == bool(left_out)
