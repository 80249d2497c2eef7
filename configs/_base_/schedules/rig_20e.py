# For a rig, from a network that is trained already: with a warm-up, and to a learning
# rate of 0 at the end, however long the training is.
_base_ = ['./hamuco_40e.py']

train_cfg = dict(max_epochs=20, val_interval=2)
optim_wrapper = dict(optimizer=dict(lr=1e-4), clip_grad=dict(max_norm=1.0))
param_scheduler = [
    dict(type='BoundedLinearLR', start_factor=0.1, length=50, by_epoch=False),
    dict(
        type='CosineAnnealingLR', eta_min=0, by_epoch=True, convert_to_iter_based=True
    ),
]
