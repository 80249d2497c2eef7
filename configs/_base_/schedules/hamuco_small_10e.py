# For the small network, whose backbone and single-view head are trained already.
train_cfg = dict(by_epoch=True, max_epochs=10, val_interval=2)
val_cfg = dict()
test_cfg = dict()

# in bfloat16 where the hardware has it
optim_wrapper = dict(
    type='BFloat16OptimWrapper',
    optimizer=dict(type='AdamW', lr=3e-4, weight_decay=0.01, fused=True),
    paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=0.3))),
    clip_grad=dict(max_norm=1.0),
)
param_scheduler = [
    dict(type='BoundedLinearLR', start_factor=0.1, length=20, by_epoch=False),
    dict(
        type='CosineAnnealingLR',
        eta_min=1e-6,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
]
# 8 time steps of 8 views
auto_scale_lr = dict(base_batch_size=8)
