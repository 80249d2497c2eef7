# A rig of your own at the paper's size.
_base_ = ['./rig_views.py', '../pipelines/rig_256x256.py']

train_views = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_views = dict(dataset=dict(pipeline=_base_.val_pipeline))

train_dataloader = dict(dataset=train_views)
val_dataloader = dict(dataset=val_views)
test_dataloader = val_dataloader
