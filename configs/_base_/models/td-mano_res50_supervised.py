# The single-view estimator, with losses on 3D joints and meshes.
_base_ = ['./td-mano_res50.py']

model = dict(
    head=dict(
        loss_shape=dict(type='HandShapePriorLoss', loss_weight=0.01),
        loss_keypoint_cam=dict(type='L1Loss', loss_weight=5.0),
        loss_vertex=dict(type='L1Loss', loss_weight=5.0),
    ),
)
