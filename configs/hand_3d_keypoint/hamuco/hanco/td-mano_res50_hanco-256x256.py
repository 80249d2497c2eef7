# The single-view estimator alone, with no multi-view code: for deployment of a
# HaMuCo checkpoint, and the paper's baseline "Ours-SV" when trained.
_base_ = [
    '../../../_base_/default_runtime.py',
    '../../../_base_/datasets/hanco.py',
    '../../../_base_/models/td-mano_res50.py',
    '../../../_base_/schedules/hamuco_40e.py',
]

model = dict(head=dict(decoder=_base_.codec))

# one item an image; MultiViewDataset's own dataset, without its grouping
train_dataloader = dict(
    _delete_=True,
    batch_size=64,
    num_workers=8,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=_base_.train_dataloader.dataset.dataset,
)
val_dataloader = dict(
    _delete_=True,
    batch_size=64,
    num_workers=8,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=_base_.val_dataloader.dataset.dataset,
)
test_dataloader = val_dataloader

# for MMPose's inferencers
data_mode = 'topdown'

default_hooks = dict(checkpoint=dict(save_best='single/PA-MPJPE', rule='less'))
