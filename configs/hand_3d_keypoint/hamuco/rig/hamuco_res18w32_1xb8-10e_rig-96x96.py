# A rig of your own with the demo's small network, which a CPU can train. It
# starts from the weights that come with the package; or from a checkpoint:
#   --cfg-options load_from=work_dirs/hamuco_demo/epoch_10.pth
_base_ = ['../demo/hamuco_res18w32_1xb8-10e_demo-96x96.py']

data_root = 'data/my_rig/'
ann_file = 'rig.json'

# pipelines: those of one view. Crops follow the size of the hand, as images
# of any resolution may come. The box around the joints is 2/3 of the crop.
train_pipeline = [
    dict(type='LoadImageCached'),
    dict(type='MirrorLeftHand'),
    dict(type='GetBBoxCenterScale', padding=1.5),
    dict(
        type='RandomBBoxTransform',
        shift_factor=0.08,
        scale_factor=(0.85, 1.15),
        rotate_factor=60,
        rotate_prob=1.0,
    ),
    dict(type='FastTopdownAffine', input_size=_base_.codec.input_size),
    dict(type='ViewingRayRotation'),
    dict(type='GenerateTarget', encoder=_base_.codec),
    dict(type='PackHandInputs'),
]
val_pipeline = [
    dict(type='LoadImageCached'),
    dict(type='MirrorLeftHand'),
    dict(type='GetBBoxCenterScale', padding=1.5),
    dict(type='FastTopdownAffine', input_size=_base_.codec.input_size),
    dict(type='ViewingRayRotation'),
    dict(type='PackHandInputs'),
]

# data loaders; `sequences=['0000', ...]` of the data set splits recordings
train_dataloader = dict(
    dataset=dict(
        view_order='random',
        dataset=dict(
            _delete_=True,
            type='RigHandDataset',
            data_root=data_root,
            ann_file=ann_file,
            pipeline=train_pipeline,
        ),
    )
)
val_dataloader = dict(
    dataset=dict(
        dataset=dict(
            _delete_=True,
            type='RigHandDataset',
            data_root=data_root,
            ann_file=ann_file,
            pipeline=val_pipeline,
            test_mode=True,
        )
    )
)
test_dataloader = val_dataloader

# without 3D truth: how far projections are from the 2D labels
val_evaluator = dict(_delete_=True, type='ReprojectionMetric')
test_evaluator = val_evaluator
