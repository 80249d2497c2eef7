# A rig of your own for a trained network, with loaders that keep a GPU busy.
_base_ = ['./rig_views.py', '../pipelines/rig_finetune_256x256.py']

train_views = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_views = dict(dataset=dict(pipeline=_base_.val_pipeline))

busy = dict(num_workers=8, pin_memory=True)
train_dataloader = dict(busy, prefetch_factor=4, dataset=train_views)
val_dataloader = dict(busy, dataset=val_views)
test_dataloader = val_dataloader
