# HanCo as HaMuCo uses it: sequences below 1200 to train, the others to test.
# `batch_size` counts time steps, each of which has up to 8 views.
dataset_type = 'HanCoDataset'
data_root = 'data/hanco/'

codec = dict(type='WeakPerspectiveLabel', input_size=(256, 256))

# pipelines: those of one view. Training sees no 3D label; the random gains of
# colours are the data preprocessor's. The image is loaded where it is warped.
train_pipeline = [
    dict(type='GetBBoxCenterScale', padding=1.0),
    dict(type='RandomCropBox', shift=20, side=(120, 160)),
    dict(type='RandomCropBox', shift=10, scale=(0.9, 1.1), rotation=180),
    dict(
        type='FastTopdownAffine',
        input_size=codec['input_size'],
        loader=dict(type='LoadJPEG'),
    ),
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

# data loaders. Each worker holds prefetch_factor batches ready, of 12.6 MB
# each; with num_workers=0 set persistent_workers=False, prefetch_factor=None.
train_dataloader = dict(
    batch_size=8,
    num_workers=8,
    persistent_workers=True,
    prefetch_factor=4,
    pin_memory=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='multiview_collate'),
    dataset=dict(
        type='MultiViewDataset',
        view_order='random',
        dataset=dict(
            type=dataset_type,
            data_root=data_root,
            data_prefix=dict(img='rgb'),
            split='train',
            bbox_mode='fixed',
            pipeline=train_pipeline,
        ),
    ),
)
val_dataloader = dict(
    batch_size=8,
    num_workers=8,
    persistent_workers=True,
    pin_memory=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    collate_fn=dict(type='multiview_collate'),
    dataset=dict(
        type='MultiViewDataset',
        dataset=dict(
            type=dataset_type,
            data_root=data_root,
            data_prefix=dict(img='rgb_merged'),
            split='test',
            bbox_mode='fixed',
            pipeline=val_pipeline,
            test_mode=True,
        ),
    ),
)
test_dataloader = val_dataloader
