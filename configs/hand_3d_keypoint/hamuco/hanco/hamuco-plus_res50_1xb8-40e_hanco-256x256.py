# HaMuCo on labels that are first triangulated with the known cameras, and teach every
# view in 2D and in 3D. Not trained yet; docs/results.md has what this changes on
# generated hands.
_base_ = ['./hamuco_res50_1xb8-40e_hanco-256x256.py']

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
