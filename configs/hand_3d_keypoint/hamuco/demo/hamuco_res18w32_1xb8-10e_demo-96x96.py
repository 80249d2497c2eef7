_base_ = [
    '../../../_base_/default_runtime.py',
    '../../../_base_/datasets/generated_hands.py',
]

max_epochs = 10
warmup_epochs = 2

train_cfg = dict(by_epoch=True, max_epochs=max_epochs, val_interval=2)
val_cfg = dict()
test_cfg = dict()

# in bfloat16 where the hardware has it
optim_wrapper = dict(
    type='BFloat16OptimWrapper',
    optimizer=dict(type='AdamW', lr=3e-4, weight_decay=0.01),
    paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=0.3))),
    clip_grad=dict(max_norm=1.0),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, begin=0, end=20, by_epoch=False),
    dict(
        type='CosineAnnealingLR',
        T_max=max_epochs,
        eta_min=1e-6,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
]

auto_scale_lr = dict(base_batch_size=8)

# model settings: a ResNet-18 of half width. Backbone and single-view head
# start from weights that have seen generated hands.
weights = 'hamuco_mm://res18w32_generated-hands.pth'
model = dict(
    type='HaMuCo',
    data_preprocessor=dict(
        type='HandDataPreprocessor',
        channel_gain=(0.8, 1.2),
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
    ),
    backbone=dict(
        type='ResNet',
        depth=18,
        stem_channels=32,
        base_channels=32,
        out_indices=(0, 1, 2, 3),
        init_cfg=dict(type='Pretrained', checkpoint=weights, prefix='backbone.'),
    ),
    head=dict(
        type='MANOHead',
        in_channels=256,
        hidden_channels=256,
        pool_size=3,
        loss_shape=dict(type='HandShapePriorLoss', loss_weight=0.05),
        decoder=_base_.codec,
        init_cfg=dict(type='Pretrained', checkpoint=weights, prefix='head.'),
    ),
    view_neck=dict(
        type='CVINet',
        in_channels=(32, 64, 128, 256),
        location_channels=32,
        global_channels=32,
        local_channels=64,
        grid_size=3,
        num_blocks=2,
    ),
    view_head=dict(
        type='GraphMANOHead', in_channels=128, hidden_channels=256, residual=True
    ),
    # robust where views disagree, as they do in so short a training
    alignment=dict(scale='symmetric', num_reweightings=5),
    # places hands in the world when it predicts; the size from the views too,
    # as so short a training leaves the hands too small
    absolute=dict(type='OptCenter', with_scale=True),
    # weaker than the paper's 1: it makes the views' errors alike before there
    # is time to mend them, which costs the fused hand more than they gain
    loss_consistency_2d=dict(type='ViewConsistency2DLoss', loss_weight=0.3),
    loss_consistency_fusion=dict(type='FusedPointsLoss', loss_weight=0.3),
    loss_distill=dict(type='FusedPointsLoss', loss_weight=0.3),
)

# evaluators
val_evaluator = dict(type='HandMeshMetric')
test_evaluator = val_evaluator

default_hooks = dict(
    logger=dict(interval=10), checkpoint=dict(interval=2, max_keep_ckpts=1)
)
custom_hooks = _base_.custom_hooks + [
    dict(type='MemoryFormatHook'),
    dict(type='LossScheduleHook', warmup_epochs=warmup_epochs, ramp_epochs=2),
]
randomness = dict(seed=0)
