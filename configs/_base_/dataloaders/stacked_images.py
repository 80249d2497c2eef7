# Data loaders of single images that stack them in the worker, as those of time
# steps do: for trainings with many labels.
_base_ = ['./images.py']

stacked = dict(collate_fn=dict(type='multiview_collate'))
train_dataloader = stacked
val_dataloader = stacked
test_dataloader = stacked
