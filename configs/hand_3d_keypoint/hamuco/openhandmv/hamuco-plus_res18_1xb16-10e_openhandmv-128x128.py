# The method on labels that are first triangulated with the known cameras, and teach
# every view in 2D and in 3D.
_base_ = ['./hamuco_res18_1xb16-10e_openhandmv-128x128.py']

loss_keypoint_cam = dict(type='L1Loss', loss_weight=1.0)
model = dict(
    head=dict(loss_keypoint_cam=loss_keypoint_cam),
    view_head=dict(loss_keypoint_cam=loss_keypoint_cam),
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
