# What happens to one image of HanCo. Training sees no 3D label; the random
# gains of colours are the data preprocessor's.
codec = dict(type='WeakPerspectiveLabel', input_size=(256, 256))

# the authors' crops. Boxes are drawn before the image is loaded, so that it is
# still in the processor's cache when it is cropped.
train_pipeline = [
    dict(type='GetBBoxCenterScale', padding=1.0),
    dict(type='RandomCropBox', shift=20, side=(120, 160)),
    dict(type='RandomCropBox', shift=10, scale=(0.9, 1.1), rotation=180),
    dict(type='LoadJPEG'),
    dict(type='FastTopdownAffine', input_size=codec['input_size']),
    dict(type='RemoveLabels'),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackHandInputs'),
]
val_pipeline = [
    dict(type='LoadJPEG'),
    dict(type='GetBBoxCenterScale', padding=1.0),
    dict(type='FastTopdownAffine', input_size=codec['input_size']),
    dict(type='PackHandInputs'),
]
