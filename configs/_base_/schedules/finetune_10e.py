# For a network that is trained already: gently where it is, with a warm-up.
_base_ = ['./hamuco_40e.py']

train_cfg = dict(max_epochs=10)
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
    dict(type='BoundedLinearLR', start_factor=0.01, length=200, by_epoch=False),
    dict(
        type='CosineAnnealingLR',
        eta_min=1e-6,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
]
