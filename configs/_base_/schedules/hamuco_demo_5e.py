# For the demo's laboratory, where ten epochs are no better (docs/demo.md).
_base_ = ['./hamuco_small_10e.py']

train_cfg = dict(max_epochs=5, val_interval=1)
