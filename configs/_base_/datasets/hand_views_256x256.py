# What the published multi-view data sets share; a config that goes on from here
# names the data set.
_base_ = ['../dataloaders/time_steps.py', '../pipelines/hand_box_256x256.py']

train_dataloader = dict(
    dataset=dict(
        view_order='random',
        dataset=dict(split='train', pipeline=_base_.train_pipeline),
    )
)
val_dataloader = dict(
    dataset=dict(dataset=dict(pipeline=_base_.val_pipeline, test_mode=True))
)
test_dataloader = val_dataloader

val_evaluator = dict(type='HandMeshMetric')
test_evaluator = val_evaluator
