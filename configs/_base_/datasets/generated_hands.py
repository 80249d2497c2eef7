# The generated demo set, in HanCo's layout:
#   python tools/misc/generate_demo_data.py data/hamuco_demo
# Small images that a CPU can learn from; rotations are tamer than the paper's.
dataset_type = 'HanCoDataset'
data_root = 'data/hamuco_demo/'

codec = dict(type='WeakPerspectiveLabel', input_size=(96, 96))

# pipelines: those of one view
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

# the hand stands in the middle of every image, as in HanCo's; 128 px is the
# generator's default (--image-size)
whole_image = (0, 0, 128, 128)

# data loaders: such small images load faster than they pass from a worker
# process to the training, which needs the few cores of a small machine anyway
train_dataloader = dict(
    batch_size=8,
    num_workers=0,
    persistent_workers=False,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='multiview_collate'),
    dataset=dict(
        type='MultiViewDataset',
        dataset=dict(
            type=dataset_type,
            data_root=data_root,
            split='train',
            bbox_mode='fixed',
            fixed_bbox=whole_image,
            pipeline=train_pipeline,
        ),
    ),
)
val_dataloader = dict(
    batch_size=8,
    num_workers=0,
    persistent_workers=False,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    collate_fn=dict(type='multiview_collate'),
    dataset=dict(
        type='MultiViewDataset',
        dataset=dict(
            type=dataset_type,
            data_root=data_root,
            split='test',
            bbox_mode='fixed',
            fixed_bbox=whole_image,
            hand_model=dict(path=None),
            pipeline=val_pipeline,
            test_mode=True,
        ),
    ),
)
test_dataloader = val_dataloader
