# What the published multi-view data sets share; a config that goes on from here
# names the data set. `batch_size` counts time steps.
codec = dict(type='WeakPerspectiveLabel', input_size=(256, 256))

# pipelines: those of one view; left hands become right ones
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='MirrorLeftHand'),
    dict(type='GetBBoxCenterScale', padding=1.4),
    dict(type='RandomCropBox', shift=10, scale=(0.9, 1.1), rotation=180),
    dict(type='FastTopdownAffine', input_size=codec['input_size']),
    dict(type='ViewingRayRotation'),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackHandInputs'),
]
val_pipeline = [
    dict(type='LoadImage'),
    dict(type='MirrorLeftHand'),
    dict(type='GetBBoxCenterScale', padding=1.4),
    dict(type='FastTopdownAffine', input_size=codec['input_size']),
    dict(type='ViewingRayRotation'),
    dict(type='PackHandInputs'),
]

# data loaders
train_dataloader = dict(
    batch_size=8,
    num_workers=8,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='multiview_collate'),
    dataset=dict(
        type='MultiViewDataset',
        view_order='random',
        dataset=dict(split='train', pipeline=train_pipeline),
    ),
)
val_dataloader = dict(
    batch_size=8,
    num_workers=8,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    collate_fn=dict(type='multiview_collate'),
    dataset=dict(
        type='MultiViewDataset', dataset=dict(pipeline=val_pipeline, test_mode=True)
    ),
)
test_dataloader = val_dataloader
