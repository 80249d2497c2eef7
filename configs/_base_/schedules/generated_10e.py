# For a single-view estimator on generated hands with exact labels. A longer
# training: more epochs, and --resume goes on from the last one.
_base_ = ['./pretrain_7e.py']

train_cfg = dict(max_epochs=10)
