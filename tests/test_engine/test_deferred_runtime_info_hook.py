"""A loss that is not finite ends a training with its name and its images."""

import pytest
import torch
from mmengine.model import BaseModel
from mmengine.runner import Runner
from mmpose.structures import PoseDataSample


class Frames(torch.utils.data.Dataset):
    """Item 5 has no sense."""

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> dict:
        sample = PoseDataSample(metainfo=dict(img_path=f'rgb/{index:08d}.jpg'))
        value = torch.tensor(float('nan') if index == 5 else 1.0)
        return dict(inputs=value, data_samples=sample)


class Model(BaseModel):
    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(()))

    def forward(self, inputs, data_samples=None, mode='loss'):
        total = self.weight * torch.stack(list(inputs)).sum()
        return dict(loss_kpt_single=total, loss_shape_single=self.weight**2)


def runner(work_dir, interval) -> Runner:
    return Runner(
        Model(),
        work_dir=str(work_dir),
        train_dataloader=dict(
            dataset=Frames(),
            batch_size=2,
            num_workers=0,
            sampler=dict(type='DefaultSampler', shuffle=False),
        ),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=1e-3)),
        train_cfg=dict(by_epoch=True, max_epochs=1),
        default_hooks=dict(
            runtime_info=dict(type='DeferredRuntimeInfoHook'),
            logger=dict(type='LoggerHook', interval=interval),
        ),
        default_scope='mmpose',
        experiment_name=f'finite_{work_dir.parent.name}_{interval}',
    )


@pytest.mark.parametrize('interval', [1, 3, 100])
def test_loss_that_is_not_finite_is_named(tmp_path, interval):
    with pytest.raises(FloatingPointError) as raised:
        runner(tmp_path / 'run', interval).train()
    message = str(raised.value)
    assert 'loss_kpt_single is nan in iteration 3' in message
    assert 'rgb/00000004.jpg, rgb/00000005.jpg' in message
    assert 'loss_shape_single' not in message and 'loss is' not in message
    assert '00000003' not in message
    assert not list((tmp_path / 'run').glob('*.pth'))
