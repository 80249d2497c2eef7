# A rig of your own in small crops, for trainings on a CPU. Such small images load
# faster than they pass from a worker process.
_base_ = ['./rig_views.py', '../pipelines/rig_96x96.py']

train_views = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_views = dict(dataset=dict(pipeline=_base_.val_pipeline))

here = dict(num_workers=0, persistent_workers=False)
train_dataloader = dict(here, dataset=train_views)
val_dataloader = dict(here, dataset=val_views)
test_dataloader = val_dataloader
