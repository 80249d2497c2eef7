"""A resumed training equals the uninterrupted one, augmentations included."""

import numpy as np
import pytest
import torch
from mmengine.model import BaseModel
from mmengine.runner import Runner

WORKERS = [dict(num_workers=0), dict(num_workers=2, persistent_workers=False)]
PERSISTENT = dict(num_workers=2, persistent_workers=True)


class Noise(torch.utils.data.Dataset):
    """Each item is drawn anew, as an augmented image is."""

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> dict:
        return dict(inputs=torch.tensor([index, np.random.random()]))


class Model(BaseModel):
    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(()))
        self.seen: list[list[float]] = []

    def forward(self, inputs, data_samples=None, mode='loss'):
        inputs = torch.stack(inputs)
        self.seen.append([*inputs.flatten().tolist(), torch.rand(()).item()])
        return dict(loss=self.weight * inputs.sum())


def train(work_dir, epochs, loader, seed=3, resume=False, **hook) -> list:
    runner = Runner(
        Model(),
        work_dir=str(work_dir),
        train_dataloader=dict(
            dataset=Noise(),
            batch_size=2,
            sampler=dict(type='DefaultSampler', shuffle=True),
            **loader,
        ),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=1e-3)),
        train_cfg=dict(by_epoch=True, max_epochs=epochs),
        custom_hooks=[dict(type='EpochSeedHook', **hook)],
        randomness=dict(seed=seed),
        resume=resume,
        default_scope='mmpose',
        experiment_name=f'{work_dir.parent.name}_{work_dir.name}_{epochs}_{resume}',
    )
    runner.train()
    return runner.model.seen


@pytest.mark.parametrize(
    'loader, hook',
    [
        (WORKERS[0], {}),
        pytest.param(WORKERS[1], {}, marks=pytest.mark.slow),
        pytest.param(PERSISTENT, dict(restart_workers=True), marks=pytest.mark.slow),
    ],
)
def test_resumed_equals_uninterrupted(tmp_path, loader, hook):
    whole = train(tmp_path / 'whole', 4, loader, **hook)
    first = train(tmp_path / 'parts', 2, loader, **hook)
    second = train(tmp_path / 'parts', 4, loader, resume=True, **hook)
    assert first + second == whole


def test_epochs_draw_different_numbers(tmp_path):
    seen = np.array(train(tmp_path, 3, WORKERS[0]))
    drawn = seen[:, [1, 3, 4]]
    assert len(np.unique(drawn)) == drawn.size


def test_a_run_without_a_seed_goes_on_with_that_of_its_checkpoint(tmp_path):
    loader = WORKERS[0]
    whole = train(tmp_path / 'whole', 3, loader, seed=5)
    first = train(tmp_path / 'parts', 2, loader, seed=5)
    second = train(tmp_path / 'parts', 3, loader, seed=None, resume=True)
    assert first + second == whole
