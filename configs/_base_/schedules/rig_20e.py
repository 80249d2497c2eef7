# For a rig, from a network that is trained already.
_base_ = ['./hamuco_40e.py']

train_cfg = dict(max_epochs=20, val_interval=2)
optim_wrapper = dict(optimizer=dict(lr=1e-4), clip_grad=dict(max_norm=1.0))
