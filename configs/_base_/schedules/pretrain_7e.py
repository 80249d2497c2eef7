# For the demo's single-view estimator, from scratch with exact labels.
_base_ = ['./hamuco_small_10e.py']

train_cfg = dict(max_epochs=7, val_interval=1)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3, weight_decay=0.02),
    paramwise_cfg=dict(_delete_=True),
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
