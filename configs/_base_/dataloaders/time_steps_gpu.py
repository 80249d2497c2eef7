# Data loaders of synchronised views that keep a GPU busy. Each worker holds
# prefetch_factor batches ready, 12.6 MB per batch of HanCo. With num_workers=0
# set persistent_workers=False, prefetch_factor=None.
_base_ = ['./time_steps.py']

train_dataloader = dict(
    prefetch_factor=4, pin_memory=True, dataset=dict(view_order='random')
)
val_dataloader = dict(pin_memory=True)
test_dataloader = val_dataloader
