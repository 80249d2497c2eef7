# The small single-view estimator from scratch, with a loss on 3D joints.
_base_ = ['./td-mano_res18w32.py']

model = dict(
    data_preprocessor=dict(channel_gain=(0.7, 1.3)),
    backbone=dict(init_cfg=None),
    head=dict(
        init_cfg=None,
        loss_shape=dict(type='HandShapePriorLoss', loss_weight=0.01),
        loss_keypoint_cam=dict(type='L1Loss', loss_weight=5.0),
    ),
)
