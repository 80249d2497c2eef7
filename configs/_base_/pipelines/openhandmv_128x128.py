# What happens to one image of OpenHandMV. Training sees no 3D label; the random
# gains of colours are the data preprocessor's.
codec = dict(type='WeakPerspectiveLabel', input_size=(128, 128))

# from files, or from rgb.lmdb where there is one
load_image = dict(type='LoadJPEG', backend_args=dict(backend='folder_lmdb'))
train_pipeline = [
    dict(type='GetBBoxCenterScale', padding=1.0),
    dict(type='RandomCropBox', shift=6, scale=(0.9, 1.1), rotation=180),
    load_image,
    dict(type='FastTopdownAffine', input_size=codec['input_size']),
    dict(type='ViewingRayRotation'),
    dict(type='RemoveLabels'),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackHandInputs'),
]
val_pipeline = [
    load_image,
    dict(type='GetBBoxCenterScale', padding=1.0),
    dict(type='FastTopdownAffine', input_size=codec['input_size']),
    dict(type='ViewingRayRotation'),
    dict(type='PackHandInputs'),
]
