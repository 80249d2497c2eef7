# What the published multi-view data sets share; a config that goes on from here
# names the data set.
_base_ = [
    '../dataloaders/time_steps.py',
    '../evaluators/hand_mesh.py',
    '../pipelines/hand_box_256x256.py',
]

train_images = dict(split='train', pipeline=_base_.train_pipeline)
val_images = dict(pipeline=_base_.val_pipeline)
train_dataloader = dict(dataset=dict(view_order='random', dataset=train_images))
val_dataloader = dict(dataset=dict(dataset=val_images))
test_dataloader = val_dataloader
