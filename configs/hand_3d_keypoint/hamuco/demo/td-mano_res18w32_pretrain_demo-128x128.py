# How the demo's backbone was pre-trained: on other generated subjects, poses
# and backgrounds than the demo's, supervised by their exact labels.
#   python tools/misc/generate_demo_data.py data/hamuco_pretrain ...
_base_ = ['./hamuco_res18w32_1xb8-20e_demo-128x128.py']

max_epochs = 16
data_root = 'data/hamuco_pretrain/'

train_cfg = dict(max_epochs=max_epochs, val_interval=4)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3, weight_decay=0.02),
    paramwise_cfg=dict(_delete_=True))
param_scheduler = [
    dict(
        type='LinearLR', start_factor=0.01, begin=0, end=200, by_epoch=False),
    dict(
        type='CosineAnnealingLR',
        T_max=max_epochs,
        eta_min=1e-6,
        by_epoch=True,
        convert_to_iter_based=True)
]

supervised = dict(type='L1Loss', loss_weight=5.)
model = dict(
    _delete_=True,
    type='TopdownPoseEstimator',
    data_preprocessor=_base_.model.data_preprocessor,
    backbone=dict(
        type='ResNet',
        depth=18,
        stem_channels=32,
        base_channels=32,
        out_indices=(0, 1, 2, 3)),
    head=dict(
        type='MANOHead',
        in_channels=256,
        decoder=_base_.codec,
        loss_shape=dict(type='HandShapePriorLoss', loss_weight=0.01),
        loss_keypoint_cam=supervised,
        loss_vertex=supervised))

train_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale', padding=1.),
    dict(type='RandomCropBox', shift=12, scale=(0.8, 1.2), rotation=180),
    dict(type='TopdownAffine', input_size=(128, 128)),
    dict(type='RandomChannelGain', gain=(0.7, 1.3)),
    dict(type='GenerateTarget', encoder=_base_.codec),
    dict(type='PackPoseInputs', meta_keys=_base_.meta_keys)
]
train_dataloader = dict(
    batch_size=512,
    num_workers=15,
    drop_last=True,
    dataset=dict(
        _delete_=True,
        type='HanCoDataset',
        data_root=data_root,
        split='train',
        bbox_mode='fixed',
        fixed_bbox=(0, 0, 128, 128),
        hand_model=dict(path=None),
        pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=512,
    num_workers=8,
    dataset=dict(
        _delete_=True,
        type='HanCoDataset',
        data_root=data_root,
        split='test',
        bbox_mode='fixed',
        fixed_bbox=(0, 0, 128, 128),
        hand_model=dict(path=None),
        pipeline=_base_.val_pipeline,
        test_mode=True))
test_dataloader = val_dataloader

custom_hooks = _base_.custom_hooks[:1]
default_hooks = dict(
    logger=dict(interval=50), checkpoint=dict(interval=4, max_keep_ckpts=1))
