"""Which iterations of a real Runner measure the spread, and what is logged."""

import json

import torch
from mmengine.runner import Runner
from one_weight import OneWeight
from torch.utils.data import DataLoader

from hamuco_mm.engine import FingerSpreadHook


class Model(OneWeight):
    """A model that measures a spread where it is asked to: the iteration."""

    def __init__(self):
        super().__init__()
        self.with_finger_spread = True
        self.measured = []

    def forward(self, inputs, mode='tensor'):
        losses = super().forward(inputs, mode)
        self.measured.append(self.with_finger_spread)
        if self.with_finger_spread:
            losses['finger_spread_single'] = torch.tensor(float(len(self.measured)))
        return losses


def test_the_log_has_the_spread_of_its_own_iterations(tmp_path):
    model = Model()
    runner = Runner(
        model,
        work_dir=str(tmp_path),
        train_dataloader=DataLoader([dict(inputs=torch.ones(1)) for _ in range(7)]),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=1e-3)),
        train_cfg=dict(by_epoch=True, max_epochs=1),
        default_hooks=dict(logger=dict(type='LoggerHook', interval=3), checkpoint=None),
        custom_hooks=[FingerSpreadHook()],
        default_scope='mmpose',
    )
    runner.train()
    logged = {2, 5, 6}  # every third, and what may be logged at the end
    assert model.measured == [iteration in logged for iteration in range(7)]
    (path,) = tmp_path.glob('*/vis_data/scalars.json')
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines
    assert all(line['finger_spread_single'] == line['step'] for line in lines)
    assert model.with_finger_spread
