# The single-view estimator, with losses on 3D joints and meshes. A config adds
# `decoder=_base_.codec` to the head.

# Put or link your MANO_RIGHT.pkl or .npz (https://mano.is.tue.mpg.de) there;
# None is the open hand of this package.
hand_model = dict(path='data/mano/MANO_RIGHT.pkl')

model = dict(
    type='TopdownPoseEstimator',
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
        in_channels=2048,
        hand_model=hand_model,
        loss_shape=dict(type='HandShapePriorLoss', loss_weight=0.01),
        loss_keypoint_cam=dict(type='L1Loss', loss_weight=5.0),
        loss_vertex=dict(type='L1Loss', loss_weight=5.0),
    ),
)
