# Unlabelled time steps of several views together with labelled photos: HanCo
# as in the paper, and in each batch FreiHAND with 2D, 3D and mesh losses. A
# photo is a time step with one view, so it adds nothing to the losses between
# views; HanCo has no 3D labels here, so it adds nothing to the 3D losses.
_base_ = [
    '../../../_base_/hanco_runtime.py',
    '../../../_base_/datasets/hanco_freihand.py',
    '../../../_base_/models/hamuco_res50.py',
    '../../../_base_/schedules/hamuco_40e.py',
]

supervision = dict(
    loss_keypoint_cam=dict(type='L1Loss', loss_weight=5.0),
    loss_vertex=dict(type='L1Loss', loss_weight=5.0),
)
model = dict(head=dict(supervision, decoder=_base_.codec), view_head=supervision)

auto_scale_lr = dict(base_batch_size=40)
