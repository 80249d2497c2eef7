# The single-view estimator alone, with no multi-view code: for deployment of a
# HaMuCo checkpoint, and the paper's baseline "Ours-SV" when trained.
_base_ = ['./hamuco_res50_1xb8-40e_hanco-256x256.py']

model = dict(
    _delete_=True,
    type='TopdownPoseEstimator',
    data_preprocessor=_base_.model.data_preprocessor,
    backbone=_base_.model.backbone,
    head=_base_.model.head,
)

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

custom_hooks = _base_.custom_hooks[:1]
default_hooks = dict(checkpoint=dict(save_best='single/PA-MPJPE'))
