# A rig of your own whose calibration is right: its 2D labels are triangulated first,
# and teach every view in 2D and in 3D.
_base_ = ['./hamuco_res18w32_1xb8-10e_rig-96x96.py']

loss_keypoint_cam = dict(type='L1Loss', loss_weight=1.0)
model = dict(
    head=dict(loss_keypoint_cam=loss_keypoint_cam),
    view_head=dict(loss_keypoint_cam=loss_keypoint_cam),
    loss_distill=dict(loss_weight=1.0),
)
train_dataloader = dict(dataset=dict(step_pipeline=[dict(type='TriangulateLabels')]))
