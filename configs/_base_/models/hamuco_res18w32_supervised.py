# The small network with losses on 3D joints in place of those between views, for
# data with exact labels. Views are hidden at random, so that it works with any
# number of them.
_base_ = ['./hamuco_res18w32.py']

truth = dict(type='L1Loss', loss_weight=5.0)
model = dict(
    data_preprocessor=dict(channel_gain=(0.7, 1.3)),
    head=dict(
        loss_shape=dict(type='HandShapePriorLoss', loss_weight=0.01),
        loss_keypoint_cam=truth,
    ),
    view_neck=dict(random_view_mask=True),
    view_head=dict(loss_keypoint_cam=truth),
    loss_consistency_2d=None,
    loss_consistency_fusion=None,
    loss_distill=None,
)
