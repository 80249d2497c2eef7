_base_ = [
    '../../../_base_/default_runtime.py',
    '../../../_base_/datasets/hanco.py',
    '../../../_base_/schedules/hamuco_40e.py',
]

# Put or link your MANO_RIGHT.pkl or .npz (https://mano.is.tue.mpg.de) there;
# None is the open hand of this package, with which numbers do not compare to
# the paper's.
hand_model = dict(path='data/mano/MANO_RIGHT.pkl')

# model settings
model = dict(
    type='HaMuCo',
    data_preprocessor=dict(
        type='HandDataPreprocessor',
        channel_gain=(0.8, 1.2),
        non_blocking=True,
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
    ),
    backbone=dict(
        type='ResNet',
        depth=50,
        out_indices=(0, 1, 2, 3),
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50'),
    ),
    head=dict(
        type='MANOHead', in_channels=2048, hand_model=hand_model, decoder=_base_.codec
    ),
    view_neck=dict(
        type='CVINet',
        in_channels=(256, 512, 1024, 2048),
        location_channels=64,
        global_channels=64,
        local_channels=128,
        num_blocks=2,
    ),
    view_head=dict(type='GraphMANOHead', in_channels=256, hand_model=hand_model),
    loss_consistency_2d=dict(type='ViewConsistency2DLoss', loss_weight=1.0),
    loss_consistency_fusion=dict(type='FusedPointsLoss', loss_weight=1.0),
    loss_distill=dict(type='FusedPointsLoss', loss_weight=1.0),
)

# meshes of the ground truth, for MPVPE and F-scores
val_dataloader = dict(dataset=dict(dataset=dict(hand_model=hand_model)))
test_dataloader = val_dataloader

# evaluators
val_evaluator = dict(type='HandMeshMetric')
test_evaluator = val_evaluator

visualizer = dict(hand_model=hand_model)
default_hooks = dict(
    checkpoint=dict(save_best='fusion/PA-MPJPE', rule='less', max_keep_ckpts=3)
)
custom_hooks = _base_.custom_hooks + [
    dict(type='MemoryFormatHook'),
    dict(type='LossScheduleHook', warmup_epochs=10),
]
