# What happens to one image of FreiHAND. The images are made like HanCo's, with
# the hand in their middle: the same crops as there.
codec = dict(type='WeakPerspectiveLabel', input_size=(256, 256))

train_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale', padding=1.0),
    dict(type='RandomCropBox', shift=20, side=(120, 160)),
    dict(type='RandomCropBox', shift=10, scale=(0.9, 1.1), rotation=180),
    dict(type='FastTopdownAffine', input_size=codec['input_size']),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackHandInputs'),
]
val_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale', padding=140 / 224),
    dict(type='FastTopdownAffine', input_size=codec['input_size']),
    dict(type='PackHandInputs'),
]
