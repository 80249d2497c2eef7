# A rig of your own, as tools/dataset_converters/rig2coco.py makes it; see
# docs/your_own_rig.md. `batch_size` counts time steps.
dataset_type = 'RigHandDataset'
data_root = 'data/my_rig/'
ann_file = 'rig.json'

codec = dict(type='WeakPerspectiveLabel', input_size=(256, 256))

# pipelines: those of one view. Crops follow the size of the hand, as images
# of any resolution may come. The box around the joints is 2/3 of the crop.
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='MirrorLeftHand'),
    dict(type='GetBBoxCenterScale', padding=1.5),
    dict(
        type='RandomBBoxTransform',
        shift_factor=0.08,
        scale_factor=(0.85, 1.15),
        rotate_factor=90,
        rotate_prob=1.0,
    ),
    dict(type='FastTopdownAffine', input_size=codec['input_size']),
    dict(type='ViewingRayRotation'),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackHandInputs'),
]
val_pipeline = [
    dict(type='LoadImage'),
    dict(type='MirrorLeftHand'),
    dict(type='GetBBoxCenterScale', padding=1.5),
    dict(type='FastTopdownAffine', input_size=codec['input_size']),
    dict(type='ViewingRayRotation'),
    dict(type='PackHandInputs'),
]

# data loaders; `sequences=['0000', ...]` of the data set splits recordings
train_dataloader = dict(
    batch_size=8,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='multiview_collate'),
    dataset=dict(
        type='MultiViewDataset',
        view_order='random',
        dataset=dict(
            type=dataset_type,
            data_root=data_root,
            ann_file=ann_file,
            pipeline=train_pipeline,
        ),
    ),
)
val_dataloader = dict(
    batch_size=8,
    num_workers=4,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    collate_fn=dict(type='multiview_collate'),
    dataset=dict(
        type='MultiViewDataset',
        dataset=dict(
            type=dataset_type,
            data_root=data_root,
            ann_file=ann_file,
            pipeline=val_pipeline,
            test_mode=True,
        ),
    ),
)
test_dataloader = val_dataloader

# without 3D truth: how far projections are from the 2D labels
val_evaluator = dict(type='ReprojectionMetric')
test_evaluator = val_evaluator
