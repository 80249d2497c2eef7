# FreiHAND with its 3D labels: docs/datasets/freihand.md
dataset_type = 'FreiHAND3DDataset'
data_root = 'data/freihand/'

codec = dict(type='WeakPerspectiveLabel', input_size=(256, 256))

# the images are made like HanCo's, with the hand in their middle: the same
# crops as there
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

# data loaders
train_dataloader = dict(
    batch_size=64,
    num_workers=8,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='multiview_collate'),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        split='training',
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=64,
    num_workers=8,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    collate_fn=dict(type='multiview_collate'),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        split='evaluation',
        with_vertices=True,
        pipeline=val_pipeline,
        test_mode=True,
    ),
)
test_dataloader = val_dataloader
