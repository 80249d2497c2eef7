# What happens to one generated image. Small crops that a CPU can learn from;
# rotations are tamer than the paper's.
codec = dict(type='WeakPerspectiveLabel', input_size=(96, 96))

train_pipeline = [
    dict(type='LoadImageCached'),
    dict(type='GetBBoxCenterScale', padding=1.0),
    dict(type='RandomCropBox', shift=6, scale=(0.9, 1.1), rotation=30),
    dict(type='FastTopdownAffine', input_size=codec['input_size']),
    dict(type='ViewingRayRotation'),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackHandInputs'),
]
val_pipeline = [
    dict(type='LoadImageCached'),
    dict(type='GetBBoxCenterScale', padding=1.0),
    dict(type='FastTopdownAffine', input_size=codec['input_size']),
    dict(type='ViewingRayRotation'),
    dict(type='PackHandInputs'),
]
