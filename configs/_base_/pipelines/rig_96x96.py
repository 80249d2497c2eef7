# What happens to one image of a rig in a training on a CPU: small crops, images
# are decoded once and kept, rotations are tamer.
_base_ = ['./rig_256x256.py']

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
