# HaMuCo with a ResNet-50 (paper, section 4.2). A config adds
# `decoder=_base_.codec` to the head.

model = dict(
    type='HaMuCo',
    data_preprocessor=dict(
        type='HandDataPreprocessor',
        channel_gain=(0.8, 1.2),
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
        non_blocking=True,
    ),
    backbone=dict(
        type='ResNet',
        depth=50,
        out_indices=(0, 1, 2, 3),
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50'),
    ),
    head=dict(
        type='MANOHead',
        # Put or link your MANO_RIGHT.pkl or .npz (https://mano.is.tue.mpg.de)
        # there; None is the open hand of this package, with which numbers do not
        # compare to the paper's. Set here, it is set everywhere.
        hand_model=dict(path='data/mano/MANO_RIGHT.pkl'),
    ),
    view_neck=dict(
        type='CVINet',
        location_channels=64,
        global_channels=64,
        local_channels=128,
        num_blocks=2,
    ),
    view_head=dict(type='GraphMANOHead'),
    loss_consistency_2d=dict(type='ViewConsistency2DLoss', loss_weight=1.0),
    loss_consistency_fusion=dict(type='FusedPointsLoss', loss_weight=1.0),
    loss_distill=dict(type='FusedPointsLoss', loss_weight=1.0),
)
