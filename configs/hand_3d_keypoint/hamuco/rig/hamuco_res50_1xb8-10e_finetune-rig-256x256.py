# A trained single-view estimator, fine-tuned on a new rig of cameras with
# nothing but 2D pseudo labels. Give your checkpoint and your data:
#   RIG_ROOT=... with --cfg-options load_from=...
_base_ = [
    '../../../_base_/default_runtime.py',
    '../../../_base_/datasets/rig.py',
    '../../../_base_/models/hamuco_res50.py',
    '../../../_base_/schedules/hamuco_40e.py',
]

# backbone and head of a td-mano_res50 or of a hamuco_res50 config; what the
# checkpoint does not have starts anew
load_from = 'work_dirs/td-mano_res50_hanco-256x256/epoch_40.pth'

train_cfg = dict(max_epochs=10)
# gently where it is trained already
optim_wrapper = dict(
    optimizer=dict(lr=1e-4),
    paramwise_cfg=dict(
        custom_keys=dict(
            backbone=dict(lr_mult=0.1),
            head=dict(lr_mult=0.3),
            view_head=dict(lr_mult=1.0),
        )
    ),
    clip_grad=dict(max_norm=1.0),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, begin=0, end=200, by_epoch=False),
    dict(
        type='CosineAnnealingLR',
        eta_min=1e-6,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
]

# the statistics of many subjects and places stay, a rig has few
model = dict(
    backbone=dict(init_cfg=None, norm_eval=True), head=dict(decoder=_base_.codec)
)

# labels alone, whatever 3D truth the rig has
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='MirrorLeftHand'),
    dict(type='GetBBoxCenterScale', padding=1.5),
    dict(type='RandomCropBox', scale=(0.85, 1.15), rotation=180),
    dict(type='FastTopdownAffine', input_size=_base_.codec.input_size),
    dict(type='RemoveLabels', keys=('keypoints_cam', 'vertices')),
    dict(type='ViewingRayRotation'),
    dict(type='GenerateTarget', encoder=_base_.codec),
    dict(type='PackHandInputs'),
]
train_dataloader = dict(
    num_workers=8,
    prefetch_factor=4,
    pin_memory=True,
    dataset=dict(dataset=dict(pipeline=train_pipeline)),
)
val_dataloader = dict(num_workers=8, pin_memory=True)
test_dataloader = val_dataloader

default_hooks = dict(
    checkpoint=dict(save_best='fusion/reprojection_px', rule='less'),
    memory_format=dict(type='MemoryFormatHook'),
    loss_schedule=dict(type='LossScheduleHook', warmup_epochs=2),
)
