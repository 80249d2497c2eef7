# A rig of your own in small crops, for trainings on a CPU: images are decoded
# once and kept, rotations are tamer.
_base_ = ['./rig.py']

codec = dict(type='WeakPerspectiveLabel', input_size=(96, 96))
changes = dict(
    LoadImage=dict(type='LoadImageCached'),
    RandomBBoxTransform=dict(rotate_factor=60),
    FastTopdownAffine=dict(input_size=codec['input_size']),
    GenerateTarget=dict(encoder=codec),
)
train_pipeline = [
    dict(step, **changes.get(step['type'], {})) for step in _base_.train_pipeline
]
val_pipeline = [
    dict(step, **changes.get(step['type'], {})) for step in _base_.val_pipeline
]

# such small images load faster than they pass from a worker process
train_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(dataset=dict(pipeline=train_pipeline)),
)
val_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(dataset=dict(pipeline=val_pipeline)),
)
test_dataloader = val_dataloader
