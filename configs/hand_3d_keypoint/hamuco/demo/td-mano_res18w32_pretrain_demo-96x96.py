# How the demo's backbone was pre-trained: on other generated subjects, poses
# and backgrounds than the demo's, supervised by their exact labels.
_base_ = [
    '../../../_base_/small_runtime.py',
    '../../../_base_/datasets/pretraining_images.py',
    '../../../_base_/models/td-mano_res18w32_scratch.py',
    '../../../_base_/schedules/pretrain_7e.py',
]

model = dict(head=dict(decoder=_base_.codec))

# for MMPose's inferencers
data_mode = 'topdown'

checkpoint = dict(interval=1, max_keep_ckpts=1)
default_hooks = dict(logger=dict(interval=50), checkpoint=checkpoint)
