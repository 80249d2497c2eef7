# What happens to one generated photograph (--look wild): hands of any size, turned
# all round.
codec = dict(type='WeakPerspectiveLabel', input_size=(96, 96))

train_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale', padding=1.3),
    dict(type='RandomCropBox', shift=14, scale=(0.72, 1.45), rotation=180),
    dict(type='FastTopdownAffine', input_size=codec['input_size']),
    dict(type='ViewingRayRotation'),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackHandInputs'),
]
# tighter than in training, as found on photographs
val_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale', padding=1.2),
    dict(type='FastTopdownAffine', input_size=codec['input_size']),
    dict(type='ViewingRayRotation'),
    dict(type='PackHandInputs'),
]
