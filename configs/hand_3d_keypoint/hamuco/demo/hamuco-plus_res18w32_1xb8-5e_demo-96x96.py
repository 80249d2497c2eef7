# The demo: HaMuCo, whose labels are first triangulated with the known cameras, and
# teach every view in 2D and in 3D. What that changes is measured in docs/results.md.
_base_ = ['./hamuco_res18w32_triangulated-labels_1xb8-5e_demo-96x96.py']

loss_keypoint_cam = dict(type='L1Loss', loss_weight=1.0)
model = dict(
    head=dict(loss_keypoint_cam=loss_keypoint_cam),
    view_head=dict(loss_keypoint_cam=loss_keypoint_cam),
    loss_distill=dict(loss_weight=1.0),
)
