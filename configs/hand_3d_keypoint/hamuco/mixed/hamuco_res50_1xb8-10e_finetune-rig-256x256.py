# A trained single-view estimator, fine-tuned on a new rig of cameras with
# nothing but 2D pseudo labels. Give your checkpoint and your data:
#   --cfg-options load_from=... train_dataloader.dataset.dataset.data_root=...
_base_ = ['../hanco/hamuco_res50_1xb8-40e_hanco-256x256.py']

# backbone and head of a td-mano_res50 or of a hamuco_res50 config; what the
# checkpoint does not have starts anew
load_from = 'work_dirs/td-mano_res50_hanco-256x256/epoch_40.pth'
data_root = 'data/my_rig/'
# as tools/dataset_converters/rig2coco.py writes it; '' for a folder of labels
ann_file = 'rig.json'

max_epochs = 10
warmup_epochs = 2

train_cfg = dict(max_epochs=max_epochs)
# gently where it is trained already
optim_wrapper = dict(
    optimizer=dict(lr=1e-4),
    paramwise_cfg=dict(
        custom_keys=dict(
            backbone=dict(lr_mult=0.1),
            head=dict(lr_mult=0.3),
            view_head=dict(lr_mult=1.0),
        )
    ),
    clip_grad=dict(max_norm=1.0),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, begin=0, end=200, by_epoch=False),
    dict(
        type='CosineAnnealingLR',
        T_max=max_epochs,
        eta_min=1e-6,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
]

# the statistics of many subjects and places stay, a rig has few
model = dict(backbone=dict(init_cfg=None, norm_eval=True))

train_pipeline = [
    dict(type='LoadImage'),
    dict(type='MirrorLeftHand'),
    dict(type='GetBBoxCenterScale', padding=1.5),
    dict(type='RandomCropBox', scale=(0.85, 1.15), rotation=180),
    dict(type='FastTopdownAffine', input_size=_base_.codec.input_size),
    dict(type='RemoveLabels', keys=('keypoints_cam', 'vertices')),
    dict(type='ViewingRayRotation'),
    dict(type='GenerateTarget', encoder=_base_.codec),
    dict(type='PackHandInputs'),
]
val_pipeline = [
    dict(type='LoadImage'),
    dict(type='MirrorLeftHand'),
    dict(type='GetBBoxCenterScale', padding=1.5),
    dict(type='FastTopdownAffine', input_size=_base_.codec.input_size),
    dict(type='ViewingRayRotation'),
    dict(type='PackHandInputs'),
]
train_dataloader = dict(
    dataset=dict(
        dataset=dict(
            _delete_=True,
            type='RigHandDataset',
            data_root=data_root,
            ann_file=ann_file,
            pipeline=train_pipeline,
        )
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

# there is no 3D truth to compare with
val_evaluator = dict(type='ReprojectionMetric')
test_evaluator = val_evaluator

default_hooks = dict(checkpoint=dict(save_best='fusion/reprojection_px'))
custom_hooks = _base_.custom_hooks[:-1] + [
    dict(type='LossScheduleHook', warmup_epochs=warmup_epochs)
]
