# How the demo's backbone was pre-trained: on other generated subjects, poses
# and backgrounds than the demo's, supervised by their exact labels.
#   python tools/misc/generate_demo_data.py data/hamuco_pretrain ...
_base_ = ['./td-mano_res18w32_demo-96x96.py']

data_root = 'data/hamuco_pretrain/'

train_cfg = dict(max_epochs=7, val_interval=1)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3, weight_decay=0.02, fused=True),
    paramwise_cfg=dict(_delete_=True),
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

model = dict(
    data_preprocessor=dict(channel_gain=(0.7, 1.3)),
    backbone=dict(init_cfg=None),
    head=dict(
        init_cfg=None,
        loss_shape=dict(type='HandShapePriorLoss', loss_weight=0.01),
        loss_keypoint_cam=dict(type='L1Loss', loss_weight=5.0),
    ),
)

train_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale', padding=1.0),
    dict(type='RandomCropBox', shift=10, scale=(0.85, 1.15), rotation=40),
    dict(type='FastTopdownAffine', input_size=_base_.codec.input_size),
    dict(type='GenerateTarget', encoder=_base_.codec),
    dict(type='PackHandInputs'),
]

# the last sequences are held out, to watch the training
split_sequence = 990
train_dataloader = dict(
    batch_size=64,
    num_workers=2,
    drop_last=True,
    dataset=dict(
        data_root=data_root, split_sequence=split_sequence, pipeline=train_pipeline
    ),
)
val_dataloader = dict(
    batch_size=128, dataset=dict(data_root=data_root, split_sequence=split_sequence)
)
test_dataloader = val_dataloader

default_hooks = dict(
    logger=dict(interval=50), checkpoint=dict(interval=1, max_keep_ckpts=1)
)
