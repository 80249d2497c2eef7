# The paper's schedule, shorter: for experiments that are compared with each other.
_base_ = ['./hamuco_40e.py']

train_cfg = dict(max_epochs=10, val_interval=5)
optim_wrapper = dict(optimizer=dict(lr=5e-4))
param_scheduler = [
    dict(type='CosineAnnealingLR', eta_min=0, by_epoch=True, convert_to_iter_based=True)
]
# time steps of 8 views
auto_scale_lr = dict(base_batch_size=16)
