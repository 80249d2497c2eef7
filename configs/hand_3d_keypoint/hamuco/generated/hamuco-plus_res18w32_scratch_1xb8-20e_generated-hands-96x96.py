# From random weights and wrong 2D labels alone, which are triangulated first and teach
# every view in 2D and in 3D.
_base_ = ['./hamuco_res18w32_scratch_1xb8-20e_generated-hands-96x96.py']

loss_keypoint_cam = dict(type='L1Loss', loss_weight=1.0)
model = dict(
    head=dict(loss_keypoint_cam=loss_keypoint_cam),
    view_head=dict(loss_keypoint_cam=loss_keypoint_cam),
)
# it removes the true joints of the data
train_dataloader = dict(dataset=dict(step_pipeline=[dict(type='TriangulateLabels')]))
