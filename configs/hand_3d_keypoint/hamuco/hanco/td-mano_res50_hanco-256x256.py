# The single-view estimator alone, with no multi-view code: for deployment of a
# HaMuCo checkpoint, and the paper's baseline "Ours-SV" when trained.
_base_ = [
    '../../../_base_/default_runtime.py',
    '../../../_base_/datasets/hanco_images.py',
    '../../../_base_/models/td-mano_res50.py',
    '../../../_base_/schedules/hamuco_40e.py',
]

model = dict(head=dict(decoder=_base_.codec))

# for MMPose's inferencers
data_mode = 'topdown'

default_hooks = dict(checkpoint=dict(save_best='single/PA-MPJPE', rule='less'))
