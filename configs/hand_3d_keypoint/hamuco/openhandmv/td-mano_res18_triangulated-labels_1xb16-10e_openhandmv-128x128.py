# Baseline in the style of EpipolarPose: the labels of all views are triangulated with
# the known cameras, and supervise the single view in 2D and 3D.
_base_ = [
    '../../../_base_/single_view_runtime.py',
    '../../../_base_/datasets/openhandmv.py',
    '../../../_base_/models/td-mano_res18_openhandmv.py',
    '../../../_base_/schedules/openhandmv_10e.py',
]

model = dict(
    head=dict(
        decoder=_base_.codec,
        loss_shape=dict(type='HandShapePriorLoss', loss_weight=0.01),
        loss_keypoint_cam=dict(type='L1Loss', loss_weight=5.0),
    )
)

# the 3D joints are those that are made here; there is no mesh of them
train_pipeline = [
    dict(step, keys=('vertices',)) if step['type'] == 'RemoveLabels' else step
    for step in _base_.train_pipeline
]
train_dataloader = dict(
    dataset=dict(
        step_pipeline=[dict(type='TriangulateLabels')],
        dataset=dict(pipeline=train_pipeline),
    )
)
