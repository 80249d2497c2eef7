# The demo's single-view estimator alone, with no multi-view code: loads the
# demo's checkpoint and predicts single images.
_base_ = [
    '../../../_base_/small_runtime.py',
    '../../../_base_/datasets/generated_hands.py',
    '../../../_base_/models/td-mano_res18w32.py',
    '../../../_base_/schedules/hamuco_demo_10e.py',
]

model = dict(head=dict(decoder=_base_.codec))

# one item an image; MultiViewDataset's own dataset, without its grouping
train_dataloader = dict(
    _delete_=True,
    batch_size=64,
    num_workers=0,
    persistent_workers=False,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=_base_.train_dataloader.dataset.dataset,
)
val_dataloader = dict(
    _delete_=True,
    batch_size=64,
    num_workers=0,
    persistent_workers=False,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=_base_.val_dataloader.dataset.dataset,
)
test_dataloader = val_dataloader

# for MMPose's inferencers
data_mode = 'topdown'
