# A rig of your own, at the paper's size. Start from a checkpoint of HanCo, of
# the multi-view or of the single-view estimator:
#   --cfg-options load_from=work_dirs/.../epoch_40.pth
_base_ = [
    '../../../_base_/default_runtime.py',
    '../../../_base_/datasets/rig.py',
    '../../../_base_/schedules/hamuco_40e.py',
]

max_epochs = 20
train_cfg = dict(max_epochs=max_epochs, val_interval=2)
optim_wrapper = dict(optimizer=dict(lr=1e-4), clip_grad=dict(max_norm=1.0))
param_scheduler = [
    dict(type='CosineAnnealingLR', T_max=max_epochs, eta_min=0, by_epoch=True)
]

# the open hand of this package; that of a checkpoint trained with MANO is
# dict(path='data/mano/MANO_RIGHT.pkl')
hand_model = dict(path=None)

# model settings
model = dict(
    type='HaMuCo',
    data_preprocessor=dict(
        type='HandDataPreprocessor',
        channel_gain=(0.8, 1.2),
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
    ),
    backbone=dict(
        type='ResNet',
        depth=18,
        out_indices=(0, 1, 2, 3),
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet18'),
    ),
    head=dict(
        type='MANOHead', in_channels=512, hand_model=hand_model, decoder=_base_.codec
    ),
    view_neck=dict(
        type='CVINet',
        in_channels=(64, 128, 256, 512),
        location_channels=64,
        global_channels=64,
        local_channels=128,
        num_blocks=2,
    ),
    view_head=dict(type='GraphMANOHead', in_channels=256, hand_model=hand_model),
    # False for cameras that are not calibrated, or not well enough
    use_extrinsics=True,
    # robust where a view is wrong
    alignment=dict(scale='symmetric', num_reweightings=5),
    # where the hand is in the world, of calibrated views
    absolute=dict(type='OptCenter', with_scale=True),
    loss_consistency_2d=dict(type='ViewConsistency2DLoss', loss_weight=1.0),
    loss_consistency_fusion=dict(type='FusedPointsLoss', loss_weight=1.0),
    loss_distill=dict(type='FusedPointsLoss', loss_weight=1.0),
)

default_hooks = dict(checkpoint=dict(interval=2, max_keep_ckpts=2))
custom_hooks = _base_.custom_hooks + [dict(type='LossScheduleHook', warmup_epochs=5)]
